"""What was put on the skin in a session: what is asked on a screen, what was chosen, and the same as last time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from needlewise import model
from needlewise.treat.applied import Applied, Caution, caution, choices, put_on
from needlewise.web.models import Person, Session

STAGES = {"numb": "numbing", "rinse": "needled"}  # the screens that ask


@dataclass(frozen=True)
class Products:
    """What one screen asks: what can be chosen with one tap, what was, what has to be said of it, and what it was last time."""

    part: str
    offered: tuple[Applied, ...]
    chosen: tuple[Applied, ...]
    cautions: tuple[Caution, ...]
    last: tuple[Applied, ...]


def of_stage(session: Session, stage: str, who: model.Person) -> Products | None:
    """Return what a stage asks about products; None where it does not."""
    part = STAGES.get(stage)
    if part is None:
        return None
    chosen = tuple(a for a in session.applied if a.part == part)
    offered = dict.fromkeys((*choices(who, part), *chosen))
    last = () if chosen else last_time(session.person, part)
    return Products(part, tuple(offered), chosen, cautions(chosen, who.setting), last)


def cautions(applied: Iterable[Applied], setting: str) -> tuple[Caution, ...]:
    """Return what has to be said of what was put on."""
    return tuple(found for one in applied if (found := caution(one, setting)) is not None)


def setting_of(person: Person) -> str:
    """Return where the person needles, home if they did not say."""
    return str(person.profile.get("person", {}).get("setting") or "home")


def last_time(person: Person, part: str) -> tuple[Applied, ...]:
    """Return what was put on in the last session that says."""
    done = Session.objects.of(person).filter(ended__isnull=False).exclude(products=[])
    for session in done.only("products")[:5]:
        if found := tuple(a for a in session.applied if a.part == part):
            return found
    return ()


@transaction.atomic
def change(session: Session, part: str, put: Sequence[str] = (), take: Sequence[str] = ()) -> None:
    """Put on what is named, and take back what is; each is a state, so that a tap sent twice counts once.

    Where "nothing" is named beside something, there was something.

    Raises
    ------
    InputError
        A part or a name that cannot be, or too many.
    """
    gone = {Applied(part, name) for name in take}
    there = tuple(a for a in session.applied if a not in gone)
    new = [Applied(part, name) for name in put]
    for one in [a for a in new if not a.alone] or new:
        there = put_on(there, one)
    keep(session, there)


def keep(session: Session, applied: Iterable[Applied]) -> None:
    """Say what was put on by now, all of it."""
    there: tuple[Applied, ...] = ()
    for one in applied:
        there = put_on(there, one)
    session.products = [asdict(one) for one in there]
    session.save(update_fields=["products"])
