"""The nouns: what a person brings, what is found, and what a plan is made of.

Dates are `datetime.date`; lengths are millimetres; waits are days unless a name says hours.
"""

import datetime as dt
from dataclasses import dataclass, field

SCHEMA_VERSION = 1
VERDICTS = ("go", "limited", "ask", "wait", "refer", "stop")  # from free to strict: a plan's only vocabulary
EFFECTS = ("note", "add", "limit", "ask", "wait", "refer", "stop")
SETTINGS = ("home", "clinic")
SEVERITIES = ("mild", "moderate", "severe")
ACKNOWLEDGEMENTS = ("home-limit",)
DEVICE_RANGES: dict[str, tuple[float, float]] = {  # what a device's figures may be; beyond, it is a slip
    "mm": (0.05, 5),
    "needles": (1, 5000),
    "uses": (0, 100_000),
    "drum_diameter_mm": (1, 200),
    "width_mm": (0.5, 200),
}
INTENDED_PURPOSE = (
    "needlewise keeps information and records about microneedling; it does not diagnose, "
    "and it is no substitute for a health professional."
)


@dataclass(frozen=True)
class Says:
    """What one source says, with its number where it states one."""

    source: str
    text: str
    value: float | tuple[float, ...] | None = None
    unit: str = ""
    setting: str = ""
    band: tuple[float, ...] = ()
    zones: tuple[str, ...] = ()
    phase: str = ""
    kind: str = ""  # of the source, filled in by the loader


@dataclass(frozen=True)
class Condition:
    """A condition of the skin or body; `zones` empty means it is not said where, so everywhere."""

    name: str
    zones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Medicine:
    """A medicine; `last_taken` absent means it is still taken. `checked`: a pharmacist or doctor agreed."""

    name: str
    last_taken: dt.date | None = None
    checked: bool = False


@dataclass(frozen=True)
class Goal:
    """What to treat, where."""

    concern: str
    zones: tuple[str, ...]
    severity: str = ""


@dataclass(frozen=True)
class Device:
    """A device in the drawer. `mm` is the needle length, for a pen its longest setting."""

    kind: str
    mm: float
    needles: int | None = None
    uses: int | None = None
    bought: dt.date | None = None
    shared: bool | None = None
    second_hand: bool = False
    drum_diameter_mm: float | None = None  # measured, as by `needlewise imprint`
    width_mm: float | None = None


@dataclass(frozen=True)
class Product:
    """Something put on the skin."""

    name: str
    price: float | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened on a date: a session, a peel, a sunburn. No zone means the whole person."""

    what: str
    date: dt.date
    zone: str = ""
    mm: float | None = None


@dataclass(frozen=True)
class Practitioner:
    """Who carries out and answers for a clinic session."""

    name: str
    attests: bool = False


@dataclass(frozen=True)
class Costs:
    """The person's own prices, in `currency`."""

    currency: str = "USD"
    device: float | None = None
    serum: float | None = None
    clinic_session: float | None = None
    laser_session: float | None = None
    peel_session: float | None = None
    microdermabrasion_session: float | None = None


@dataclass(frozen=True)
class Person:
    """One person as they described themselves. None means "not answered"; an empty tuple is an answer."""

    birth_year: int | None = None
    skin_type: int | None = None
    setting: str = "home"
    country: str = ""
    time_zone: str = ""
    conditions: tuple[Condition, ...] | None = None
    medicines: tuple[Medicine, ...] | None = None
    pregnant: bool | None = None
    nursing: bool | None = None
    acknowledged: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    devices: tuple[Device, ...] | None = None
    products: tuple[Product, ...] | None = None
    events: tuple[Event, ...] | None = None
    practitioner: Practitioner | None = None
    costs: Costs = field(default_factory=Costs)


@dataclass(frozen=True)
class Finding:
    """One thing the rules found."""

    rule: str
    effect: str
    scope: str
    zone: str
    until: dt.date | None
    message: str
    says: tuple[Says, ...]


@dataclass(frozen=True)
class Step:
    """One dated thing to do."""

    date: dt.date
    zone: str
    action: str
    text: str
    mm: float | None
    until: dt.date | None
    session: int
    says: tuple[Says, ...]


@dataclass(frozen=True)
class ZonePlan:
    """The plan of one zone; `mm` None when nothing may be planned there."""

    zone: str
    verdict: str
    mm_range: tuple[float, float] | None
    mm: float | None
    why: str
    passes: int
    directions: int
    technique: str
    endpoint: str
    interval_days: int | None
    sessions: int
    first: dt.date | None
    review: dt.date | None
    says: tuple[Says, ...]


@dataclass(frozen=True)
class Plan:
    """A whole plan: verdict, findings, zones and dated steps, and the knowledge it was made from."""

    verdict: str
    start: dt.date
    setting: str
    addressed_to: str
    findings: tuple[Finding, ...]
    zones: tuple[ZonePlan, ...]
    steps: tuple[Step, ...]
    purpose: str
    knowledge: dict[str, str]
    acknowledged: dict[str, str]
