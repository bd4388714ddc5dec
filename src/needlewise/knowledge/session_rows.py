"""The shape of the rows that a session asks, shows and records."""

import datetime as dt

from needlewise.knowledge.rows import row
from needlewise.model import Says


@row
class SessionCheck:
    """A question before needling. What it says then, and from where, is the rule's or the care step's it names."""

    id: str
    part: str  # "skin" or "device"
    question: str
    stops: str  # the answer that stops the session: "yes" or "no"
    reviewed: dt.date
    rule: str = ""
    care: str = ""
    kinds: tuple[str, ...] = ()  # of device; none means every kind
    tags: tuple[str, ...] = ()  # of zone; none means every zone
    products: bool = False  # asked of the {products} that the plan pauses for this person; with their own sources
    says: tuple[Says, ...] = ()


@row
class Flag:
    """A warning sign after a session, counted in hours from its end; `to_hours` 0 means no end."""

    id: str
    sign: str
    do: str
    whom: str
    urgency: str
    from_hours: float
    reviewed: dt.date
    says: tuple[Says, ...]
    to_hours: float = 0.0
    condition: str = ""


@row
class Applied:
    """What is usually put on the skin in a session; what must be said of it, and from where, is the rule's that it names."""

    id: str
    label: str
    parts: tuple[str, ...]  # "numbing", "needled" or both
    reviewed: dt.date
    rule: str = ""
    alone: bool = False  # nothing else is put on beside it
    says: tuple[Says, ...] = ()
