"""What a course costs, from the person's own prices or a dated one; a price that nobody gave is never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from needlewise.knowledge import table
from needlewise.knowledge.rows import CostItem
from needlewise.model import Person, Plan, Says
from needlewise.planning.person import base_zone
from needlewise.said import join, say

DATED = "a price from 2016; enter your own"
ENTER = "enter your own"


@dataclass(frozen=True)
class CostLine:
    """One way and its sums; None where no price is known. `dated` is the year of a price that is not the person's."""

    id: str
    label: str
    per_session: float | None
    per_course: float | None
    currency: str
    dated: str
    note: str
    says: tuple[Says, ...]


@dataclass(frozen=True)
class CostSheet:
    """Costs of the whole course. `heads` is how many devices one head a session takes."""

    currency: str
    sessions: int
    heads: int
    lines: tuple[CostLine, ...]


@dataclass(frozen=True)
class _Price:
    amount: float | None
    dated: str
    note: str
    says: tuple[Says, ...]


def costs(person: Person, plan: Plan) -> CostSheet:
    """Work out what the plan costs at home, and what the other ways cost where the person gave a price."""
    currency = person.costs.currency.upper()
    by_group = _sessions(plan)
    sessions, heads = max(by_group.values(), default=0), sum(by_group.values())
    devices = len(by_group)
    lines = [*_home(person, currency, sessions, heads, devices), _serum(person, currency)]
    for key, own in (
        ("clinic-session", person.costs.clinic_session),
        ("laser-session", person.costs.laser_session),
        ("peel-session", person.costs.peel_session),
        ("microdermabrasion-session", person.costs.microdermabrasion_session),
    ):
        price = _price(key, own, currency)
        same = say("The course is counted at {n} sessions, as in your plan; ask how many are needed.", n=sessions)
        note = join([price.note, same]) if sessions and price.amount is not None else price.note
        course = _times(price.amount, sessions)
        label = table("costs")[key].label
        lines.append(CostLine(key, label, price.amount, course, currency, price.dated, note, price.says))
    return CostSheet(currency, sessions, heads, tuple(lines))


def _sessions(plan: Plan) -> dict[str, int]:
    """Sessions of the zones that may be needled, the scalp apart: it has its own device."""
    groups: dict[str, int] = {}
    for zone in plan.zones:
        if zone.mm is not None and zone.sessions > 0:
            group = "scalp" if table("zones")[base_zone(zone.zone)].area == "scalp" else "skin"
            groups[group] = max(groups.get(group, 0), zone.sessions)
    return groups


def _price(key: str, own: float | None, currency: str) -> _Price:
    item: CostItem = table("costs")[key]
    if own is not None:
        return _Price(own, "", "Your own price.", item.says)
    if item.known and item.high is not None and item.currency == currency:
        return _Price(item.high, "2016", say("From {source}: {dated}.", source=item.source, dated=DATED), item.says)
    if item.known and item.currency != currency:
        return _Price(None, "", say("The known price is in {currency}: {enter}.", currency=item.currency, enter=ENTER), item.says)
    return _Price(None, "", say("No price is known: {enter}.", enter=ENTER), item.says)


def _times(price: float | None, number: int) -> float | None:
    return None if price is None or not number else price * number


def _home(person: Person, currency: str, sessions: int, heads: int, devices: int) -> list[CostLine]:
    price = _price("home-device", person.costs.device, currency)
    apart = "The scalp needs its own." if devices > 1 else ""
    once = kept = price.note
    if heads:
        once = join([price.note, say("One head a session, the safer way: {n} in all.", n=heads), apart])
        kept = join([price.note, say("One device for the course, if it passes every check: {n} in all.", n=devices), apart])
    course = _times(price.amount, devices)
    shared = None if course is None or not heads else course / heads
    first = price.amount if heads else None
    return [
        CostLine("home-single-use", say("home, one head a session"), first, _times(price.amount, heads), currency,
                 price.dated, once, price.says),
        CostLine("home-one-device", say("home, one device for the course"), shared, course, currency,
                 price.dated, kept, price.says),
    ]  # fmt: skip


def _serum(person: Person, currency: str) -> CostLine:
    own = person.costs.serum
    if own is None:
        prices = [p.price for p in person.products or () if p.price is not None and "serum" in p.name.lower()]
        own = prices[0] if prices else None
    price = _price("serum", own, currency)
    note = join([price.note, "One bottle; how long it lasts is not known, and it does not go on needled skin."])
    return CostLine("serum", say("serum, one bottle"), None, price.amount, currency, price.dated, note, price.says)
