"""A plan as a calendar file (RFC 5545)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from needlewise.errors import InputError, nearest
from needlewise.model import Plan
from needlewise.said import join, say
from needlewise.share.merge import Todo, action_word, number, source_name, todos, zone_word

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EVENING = dt.time(20)  # when a session is put
LASTS = dt.timedelta(hours=1)
MORNING = dt.timedelta(hours=9)  # when an all-day event rings, counted from midnight
NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "needlewise")
DISCREET = say("Skin routine")


def plan_ics(plan: Plan, time_zone: str = "", discreet: bool = False, tell: Callable[[str], str] = str) -> bytes:
    """Return the plan as an iCalendar file, one event for each date and action.

    An event keeps its UID when the plan is made again, so that importing the new file moves it instead of doubling it.

    Parameters
    ----------
    plan
        The plan.
    time_zone
        An IANA name such as "Europe/London"; with "" sessions are at 20:00 wherever the reader is.
    discreet
        Title every event "Skin routine" and say nothing more.
    tell
        Puts a sentence into the reader's language.

    Raises
    ------
    InputError
        The time zone is not known.
    """
    from icalendar import Calendar  # type: ignore[import-untyped]

    zone = _zone(time_zone)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    calendar = Calendar()
    calendar.add("prodid", "-//needlewise//plan//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", tell(DISCREET if discreet else say("Microneedling plan")))
    seen: Counter[str] = Counter()
    for date, day in todos(plan).items():
        actions: dict[str, list[Todo]] = {}
        for todo in day:
            actions.setdefault(todo.step.action, []).append(todo)
        for action, group in actions.items():
            key = _key(action, group)
            seen[key] += 1
            event = _event(date, action, group, zone, discreet, tell)
            event.add("uid", f"{uuid.uuid5(NAMES, f'{key}|{seen[key]}')}@needlewise")
            event.add("dtstamp", now)
            event.add("sequence", int(now.timestamp()) // 60)
            calendar.add_component(event)
    if zone is not None and plan.steps:
        year = dt.timedelta(days=366)
        dates = [s.date for s in plan.steps]
        calendar.add_missing_timezones(first_date=min(dates) - year, last_date=max(dates) + year)
        calendar.subcomponents.sort(key=lambda part: part.name != "VTIMEZONE")  # some readers want it first
    content: bytes = calendar.to_ical()
    return content


def _zone(name: str) -> ZoneInfo | None:
    if not name:
        return None
    from zoneinfo import ZoneInfo, available_timezones

    known = available_timezones() - {"localtime", "posixrules", "Factory"}  # files of a system, not places
    if name not in known:
        raise InputError("time_zone", name, "an IANA name such as Europe/London", nearest(name, sorted(known)))
    return ZoneInfo(name)


def _key(action: str, group: list[Todo]) -> str:
    """Return what makes the event itself: not its date, which a new plan may move."""
    sessions = ",".join(str(n) for n in sorted({t.step.session for t in group}))
    return f"{action}|{sessions}|{','.join(sorted({z for t in group for z in t.zones}))}"


def _event(
    date: dt.date, action: str, group: list[Todo], zone: ZoneInfo | None, discreet: bool, tell: Callable[[str], str]
) -> Any:  # fmt: skip
    from icalendar import Alarm, Event

    zones = zone_word(dict.fromkeys(z for t in group for z in t.zones))
    sessions = {t.step.session for t in group}
    word = action_word(action, sessions.pop() if len(sessions) == 1 else 0)
    title = tell(DISCREET if discreet else say("{what}: {zones}", what=word, zones=zones) if zones else word)
    event, alarm = Event(), Alarm()
    event.add("summary", title)
    event.add("description", "" if discreet else _description(group, tell))
    event.add("class", "PRIVATE")
    if action == "session":
        start = dt.datetime.combine(date, EVENING, tzinfo=zone)
        event.add("dtstart", start)
        event.add("dtend", start + LASTS)
    else:
        event.add("dtstart", date)
        event.add("dtend", date + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", dt.timedelta(days=-1) if action == "session" else MORNING)
    event.add_component(alarm)
    return event


def _description(group: list[Todo], tell: Callable[[str], str]) -> str:
    parts = []
    for t in group:
        where = zone_word(t.zones) if len(group) > 1 else ""
        text = t.step.text
        if t.step.mm is not None:
            text = say("{what} ({length} mm)", what=text, length=number(t.step.mm))
        text = say("{zones}: {what}", zones=where, what=text) if where else text
        until = say("Until {day}.", day=t.step.until.isoformat()) if t.step.until else ""
        parts.append(tell(join([text, until])))
    names = dict.fromkeys(tell(source_name(s)) for t in group for s in t.step.says)
    return "\n".join([*parts, *(["", tell(say("Sources:")), *names] if names else [])])
