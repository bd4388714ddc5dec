"""A month of days with what was done and what is planned on them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import timezone

from needlewise.share import merge
from needlewise.share.merge import Todo
from needlewise.web.models import Event, Person, Session, Sitting
from needlewise.web.services.planning import plan_of, today
from needlewise.web.services.today import shown

SUNDAY_FIRST = ("BR", "CA", "CO", "IL", "IN", "JP", "KR", "MX", "PE", "PH", "TW", "US", "VE", "ZA")  # as CLDR's week data has it
FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass
class Date:
    """One day of a month."""

    date: dt.date
    inside: bool
    today: bool
    todos: list[Todo] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    photos: list[Sitting] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def marks(self) -> list[str]:
        """What a day of the month shows in small: "done", "planned", "photo", "event", "step"."""
        planned = {t.step.action for t in self.todos}
        found = (
            ("done", self.sessions),
            ("planned", "session" in planned),
            ("photo", self.photos or planned & {"photo", "follow-up-photo"}),
            ("event", self.events),
            ("step", planned - {"session", "photo", "follow-up-photo"}),
        )
        return [name for name, there in found if there]

    @property
    def empty(self) -> bool:
        """Whether nothing was and nothing is planned."""
        return not (self.todos or self.sessions or self.photos or self.events)


@dataclass(frozen=True)
class Month:
    """A month as weeks of days, with the months beside it."""

    first: dt.date
    weeks: list[list[Date]]
    before: dt.date
    after: dt.date

    @property
    def full(self) -> list[Date]:
        """The days of the month on which there is something."""
        return [d for week in self.weeks for d in week if d.inside and not d.empty]


def month_of(person: Person, year: int, month: int) -> Month:
    """Put a month together; days of the neighbouring months fill its weeks."""
    sunday = person.profile.get("person", {}).get("country") in SUNDAY_FIRST
    first_weekday = calendar.SUNDAY if sunday else calendar.MONDAY
    weeks = calendar.Calendar(first_weekday).monthdatescalendar(year, month)
    start, end = weeks[0][0], weeks[-1][-1]
    day = today()
    days = {d: Date(d, d.month == month, d == day) for week in weeks for d in week}
    for date, todos in merge.todos(plan_of(person)).items():
        if date in days and date >= day:
            days[date].todos = shown(todos)
    moments = (
        timezone.make_aware(dt.datetime.combine(start, dt.time())),
        timezone.make_aware(dt.datetime.combine(end, dt.time.max)),
    )
    done = Session.objects.of(person).filter(started__range=moments, ended__isnull=False).prefetch_related("zones")
    _put(days, ((timezone.localtime(s.started).date(), "sessions", s) for s in done))
    _put(days, ((p.day, "photos", p) for p in Sitting.objects.of(person).filter(day__range=(start, end))))
    _put(days, ((e.date, "events", e) for e in Event.objects.of(person).filter(date__range=(start, end))))
    first = dt.date(year, month, 1)
    return Month(first, [[days[d] for d in week] for week in weeks], _month(first, -1), _month(first, 1))


def _put(days: dict[dt.date, Date], found: Iterable[tuple[dt.date, str, object]]) -> None:
    for date, kind, record in found:
        if date in days:
            getattr(days[date], kind).append(record)


def _month(first: dt.date, step: int) -> dt.date:
    return (first + dt.timedelta(days=31 if step > 0 else -1)).replace(day=1)
