"""The shape of every knowledge row; the loader checks the TOML against these."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from needlewise.model import Says

DECIDING = ("regulator", "peer-reviewed", "professional")  # kinds of source that may decide a number
KINDS = (*DECIDING, "vendor", "lay", "post", "ours")


row = dataclass(frozen=True, eq=False, repr=False)  # rows are never compared: this halves what they cost to import


@row
class Source:
    id: str
    title: str
    issuer: str
    kind: str
    url: str
    read_via: str
    scope: str
    seen: dt.date


@dataclass(frozen=True)
class Choice:
    """A value needlewise chose itself, and why."""

    why: str
    value: float | tuple[float, ...] | None = None
    unit: str = ""


@row
class When:
    """All keys given must hold; a list means any of them."""

    conditions: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    medicines_past: tuple[str, ...] = ()
    recent_days: int = 30  # a medicine last taken this recently counts as taken now (our choice)
    events: tuple[str, ...] = ()
    age_below: int | None = None
    skin_type_min: int | None = None
    pregnant: bool = False
    nursing: bool = False
    device_kinds: tuple[str, ...] = ()
    device_shared: bool = False
    device_second_hand: bool = False
    zone_tags: tuple[str, ...] = ()
    product_kinds: tuple[str, ...] = ()
    setting: str = ""
    always: bool = False
    red_flag: bool = False


@row
class Limit:
    mm: float | None = None
    home_mm: float | None = None
    interval_factor: float = 1.0


@row
class Rule:
    id: str
    title: str
    scope: str
    home: str
    clinic: str
    message_home: str
    message_clinic: str
    safety: bool
    reviewed: dt.date
    says: tuple[Says, ...]
    instead: str = ""
    when: When = field(default_factory=When)
    limit: Limit | None = None
    wait_unit: str = ""
    choice: Choice | None = None


@row
class ConditionRow:
    id: str
    label: str
    question: str
    group: str  # where a form lists it
    aliases: tuple[str, ...] = ()
    local: bool = False
    reviewed: dt.date | None = None


@row
class MedicineRow:
    id: str
    label: str
    names: tuple[str, ...]
    reviewed: dt.date | None = None


@row
class Skin:
    source: str
    epidermis_mm: dict[str, Any] = field(default_factory=dict)
    dermis_mm: dict[str, Any] = field(default_factory=dict)
    dermis_bottom_mm: dict[str, Any] = field(default_factory=dict)
    method: str = ""
    note: str = ""


@row
class Zone:
    id: str
    label: str
    area: str
    reviewed: dt.date
    sides: bool = False
    tags: tuple[str, ...] = ()
    never: bool = False
    message: str = ""
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    area_cm2: float = 0.0
    skin: Skin | None = None
    says: tuple[Says, ...] = ()
    choice: Choice | None = None


@row
class Length:
    id: str
    mm: tuple[float, ...]
    band: tuple[float, ...]
    purpose: str
    concerns: tuple[str, ...]
    setting: tuple[str, ...]
    post: str
    reviewed: dt.date
    choice: Choice
    says: tuple[Says, ...]
    low_included: bool = False
    high_included: bool = True
    scar_choice: Choice | None = None

    def holds(self, mm: float) -> bool:
        """Whether a needle of `mm` belongs to this band."""
        low, high = self.band[0], self.band[1]
        return (mm > low or (self.low_included and mm == low)) and (mm < high or (self.high_included and mm == high))


@row
class WrongDevice:
    kind: str
    why: str


@row
class Concern:
    id: str
    label: str
    group: str  # where a form lists it
    aliases: tuple[str, ...]
    areas: tuple[str, ...]
    lengths: tuple[str, ...]
    at_home: str
    in_clinic: str
    review_weeks: float
    sessions: tuple[int, ...]
    works: str
    evidence: str
    reviewed: dt.date
    says: tuple[Says, ...]
    alone_ok: bool = True
    device_wrong: tuple[WrongDevice, ...] = ()
    choice: Choice | None = None
    same_as: str = ""
    beside: tuple[str, ...] = ()


@row
class Care:
    id: str
    phase: str
    title: str
    home: str
    clinic: str
    reviewed: dt.date
    says: tuple[Says, ...] = ()
    offset_hours: float = 0.0
    duration_hours: float = 0.0
    post: str = ""
    conflict: str = ""
    row: tuple[str, ...] = ()
    choice: Choice | None = None


@row
class Active:
    id: str
    label: str
    aliases: tuple[str, ...]
    reviewed: dt.date
    says: tuple[Says, ...]
    conditions: str = ""
    conflict: str = ""
    before_choice: Choice | None = None
    after_choice: Choice | None = None


@row
class Claim:
    id: str
    row: tuple[str, ...]
    says_the_post: str
    cites: tuple[str, ...]
    verdict: str
    detail: str
    reviewed: dt.date
    says: tuple[Says, ...] = ()


@row
class SeedRow:
    id: str
    says: str
    served_by: str
    shown_by: str
    reviewed: dt.date
    claims: tuple[str, ...] = ()
    later: str = ""


@row
class Question:
    n: int
    id: str
    ask: str
    words: tuple[str, ...]
    topics: tuple[str, ...]
    lead: str
    reviewed: dt.date
    says: tuple[Says, ...] = ()


@row
class Kind:
    id: str
    label: str
    reviewed: dt.date
    aliases: tuple[str, ...] = ()
    good_for: str = ""
    wrong_for: str = ""
    says: tuple[Says, ...] = ()


@row
class Regulation:
    id: str
    country: str
    fact: str
    reviewed: dt.date
    says: tuple[Says, ...]
    report: str = ""  # where a harm is reported
    date: dt.date | None = None
    choice: Choice | None = None


@row
class Term:
    id: str
    term: str
    plain: str
    reviewed: dt.date
    also: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()  # as it stands in a sentence
    says: tuple[Says, ...] = ()


@row
class Criterion:
    id: str
    text: str
    kind: str
    pattern: tuple[str, ...]
    why: str
    reviewed: dt.date
    says: tuple[Says, ...]


@row
class CostItem:
    id: str
    label: str
    currency: str
    per: str
    source: str
    enter_own: bool
    known: bool
    reviewed: dt.date
    says: tuple[Says, ...]
    low: float | None = None
    high: float | None = None


@row
class Alternative:
    id: str
    label: str
    aliases: tuple[str, ...]
    what: str
    against_needling: str
    skin_of_colour: str
    home: bool
    reviewed: dt.date
    says: tuple[Says, ...]


@dataclass(frozen=True)
class Fact:
    """One figure of a device: from a source, or openly an assumption of ours."""

    value: float
    source: str = ""
    assumption: bool = False
    note: str = ""


@dataclass(frozen=True)
class Catalogued:
    """The geometry of a device people can buy; lengths in mm, `hz` strikes a second."""

    id: str
    kind: str
    label: str
    reviewed: dt.date
    needles: Fact
    width_mm: Fact
    drum_diameter_mm: Fact | None = None
    rows: Fact | None = None
    needle_diameter_mm: Fact | None = None
    hz: Fact | None = None
    speed_mm_s: Fact | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """A published measurement on needled skin: its range, and where, how and on whom it was measured."""

    id: str
    quantity: str
    low: float
    high: float
    unit: str
    end_point: str
    skin: str
    condition: str
    reviewed: dt.date
    says: tuple[Says, ...]
    safety: bool = False
    half_life: float | None = None
