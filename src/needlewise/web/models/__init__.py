"""The records. What is asked across records is a column; a value object nobody queries is JSON.

Person ─┬─ Device ── Inspection
        ├─ Session ── ZoneLog
        ├─ Event, Moved
        ├─ Sitting ─┬─ Photo
        │           ├─ Reading ── Change
        │           └─ Stands
        ├─ Settled, Series
        └─ Feed
User ── Entry
Backup
"""

from needlewise.web.models.devices import Device, Inspection
from needlewise.web.models.keep import Backup, Entry, Feed
from needlewise.web.models.people import Event, Moved, Person
from needlewise.web.models.photos import Change, Photo, Reading, Sitting
from needlewise.web.models.sessions import Session, ZoneLog
from needlewise.web.models.settled import Series, Settled, Stands

__all__ = [
    "Backup", "Change", "Device", "Entry", "Event", "Feed", "Inspection", "Moved", "Person", "Photo", "Reading", "Series",
    "Session", "Settled", "Sitting", "Stands", "ZoneLog",
]  # fmt: skip
