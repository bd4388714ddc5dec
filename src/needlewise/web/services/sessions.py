"""A session while it runs: where it stands, what was answered and done, and how it ends.

Every call sets a state rather than adding to it, so that a tap that is sent twice over a bad connection counts once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from needlewise import model
from needlewise.errors import InputError
from needlewise.said import say
from needlewise.treat.clock import Done, Ready, ready_times
from needlewise.treat.same import Same, same_as_last
from needlewise.treat.session import ENDPOINTS, Judged, Reached, judge, reached
from needlewise.treat.session import ZoneLog as Log
from needlewise.treat.stages import Check, Stage, due, session_stages, stopping
from needlewise.web.models import Device, Person, Session, ZoneLog
from needlewise.web.services.applied import Products, of_stage
from needlewise.web.services.devices import InDrawer, drawer, value_of
from needlewise.web.services.planning import described, moving, plan_of, with_plan

MOST_PASSES = 200
CLOCK_DAYS = 14  # after that, nothing that was read still waits


@dataclass(frozen=True)
class Offer:
    """What may be done on a day: zones that are due with their plan, zones that rest with why, devices that may be used."""

    day: dt.date
    due: tuple[model.ZonePlan, ...]
    resting: tuple[tuple[model.ZonePlan, str], ...]
    devices: tuple[InDrawer, ...]
    set_aside: tuple[InDrawer, ...]
    plan: model.Plan


@dataclass(frozen=True)
class Now:
    """Where an open session stands."""

    session: Session
    stages: tuple[Stage, ...]
    index: int
    log: ZoneLog | None
    planned: model.ZonePlan | None
    judged: Judged | None
    reached: Reached | None
    same: Same | None
    products: Products | None = None

    @property
    def stage(self) -> Stage:
        return self.stages[self.index]

    @property
    def timer(self) -> str:
        """The moment this stage's time is up (ISO), or "" while it has not been started."""
        return str(self.session.timers.get(self.stage.id, ""))

    @property
    def halted(self) -> tuple[Check, ...]:
        """The answers given in this stage that stop."""
        return stopping([self.stage], self.session.checks)

    @property
    def ends(self) -> str:
        """What the answers of this stage end: "" for nothing, "stage", "zone" where leaving places out helps, or "session"."""
        ends = {check.ends for check in self.halted}
        if not ends or ends == {"stage"}:
            return "".join(ends)
        return "zone" if ends == {"zone"} and len(self.session.zones.all()) > 1 else "session"


def offer(person: Person, day: dt.date | None = None) -> Offer:
    """Return what may be done on a day (today)."""
    date = day or timezone.localdate()
    who, plan = with_plan(person, date)
    why = {z.zone: due(who, plan, z, date) for z in plan.zones}
    kept = drawer(person)
    return Offer(
        date, tuple(z for z in plan.zones if not why[z.zone]), tuple((z, why[z.zone]) for z in plan.zones if why[z.zone]),
        tuple(k for k in kept if k.graded.may_be_used), tuple(k for k in kept if not k.graded.may_be_used), plan,
    )  # fmt: skip


def open_session(person: Person) -> Session | None:
    """Return the session that has not ended, if there is one."""
    return Session.objects.of(person).filter(ended=None).select_related("device", "person").prefetch_related("zones").first()


@transaction.atomic
def begin(person: Person, zones: Sequence[str], device: Device) -> Session:
    """Open a session; the planner's own check of zones and device decides.

    Raises
    ------
    InputError
        A session is open, or a zone or the device may not be used today; says why.
    """
    if open_session(person):
        raise InputError("session", "a second one", "one at a time", "end the open session first")
    kept = {k.device.pk: k for k in drawer(person)}.get(device.pk)
    if kept is None or not kept.graded.may_be_used:
        why = str(kept.graded.text) if kept else "it is retired"
        raise InputError("device", str(device.name or device.kind), "a device that may still be used", why)
    day = timezone.localdate()
    session_stages(*with_plan(person, day), list(zones), day, value_of(device))
    session = Session.objects.create(person=person, device=device, stage="skin")
    ZoneLog.objects.bulk_create(ZoneLog(session=session, zone=zone) for zone in zones)
    return session


def now(session: Session) -> Now:
    """Return where an open session stands.

    Raises
    ------
    InputError
        The plan has changed so much meanwhile that none of its zones may be needled any more.
    """
    person, day = session.person, timezone.localtime(session.started).date()
    who, plan = with_plan(person, day)
    logs = {log.zone: log for log in session.zones.all()}
    tool = value_of(session.device) if session.device else None
    stages = session_stages(who, plan, list(logs), day, tool)
    index = next((i for i, s in enumerate(stages) if s.id == session.stage), 0)
    stage = stages[index]
    if not stage.zone:
        return Now(session, stages, index, None, None, None, None, None, of_stage(session, stage.id, who))
    log = logs[stage.zone]
    planned = next(z for z in plan.zones if z.zone == stage.zone)
    value = log_of(log, stage.mm or 0.0)
    earlier = last_time(person, stage.zone)
    return Now(
        session, stages, index, log, planned, judge(value, planned, plan.setting),
        reached(value, tool, planned) if tool and value.total else None,
        same_as_last(earlier, planned, plan.setting) if earlier and not value.total else None,
    )  # fmt: skip


def log_of(log: ZoneLog, mm: float) -> Log:
    """Return a record as the domain's value; `mm` stands in where no depth was set."""
    begun = [dt.datetime.fromisoformat(at) for at, _ in log.pain]
    pain = tuple(((at - begun[0]).total_seconds() / 60, float(score)) for at, (_, score) in zip(begun, log.pain, strict=True))
    return Log(log.zone, log.mm or mm, tuple(log.passes.items()), log.endpoint or "none", pain)


def last_time(person: Person, zone: str) -> Log | None:
    """Return what was done on a zone last time."""
    rows = ZoneLog.objects.filter(session__person=person, session__ended__isnull=False, zone=zone).exclude(passes={})
    last = rows.select_related("session__device").order_by("-session__started").first()
    if last is None:
        return None
    return log_of(last, last.session.device.mm if last.session.device else 0.3)


@transaction.atomic
def answer(session: Session, answers: Mapping[str, str], zones: Sequence[str] = ()) -> tuple[Check, ...]:
    """Keep the answers of a stage and return those that stop; `zones` are where a check that ends a zone is true."""
    stage = now(session).stage
    known = {c.id: c for c in stage.checks}
    session.checks = {**session.checks, **{k: v for k, v in answers.items() if k in known and v in ("yes", "no")}}
    halted = stopping([stage], session.checks)
    ended = {c.ends for c in halted}
    if ended == {"zone"} and 0 < len(zones) < session.zones.count():
        session.zones.filter(zone__in=zones).delete()
        session.checks = {k: v for k, v in session.checks.items() if k not in {c.id for c in halted}}
        session.checks |= {c.id: "no" if c.stops == "yes" else "yes" for c in halted}  # true elsewhere only, and left out
        halted = ()
    session.save(update_fields=["checks"])
    return halted


def go(session: Session, stage: str) -> None:
    """Turn to a stage, forward only past checks that are answered and stop nothing.

    Raises
    ------
    InputError
        A question before it is open, or its answer stops.
    """
    stages = now(session).stages
    ids = [s.id for s in stages]
    if stage not in ids:
        raise InputError("stage", stage, "a stage of this session")
    for before in stages[: ids.index(stage)]:
        missing = [c for c in before.checks if session.checks.get(c.id) not in ("yes", "no")]
        if before.optional:
            if stopping([before], session.checks) and stage in _with(before, ids):
                raise InputError("stage", stage, "a stage that nothing stops", str(stopping([before], session.checks)[0].then))
            continue
        if missing:
            raise InputError("question", str(missing[0].question), "an answer first")
        if halted := stopping([before], session.checks):
            raise InputError("stage", stage, "a session that nothing stops", str(halted[0].then))
    session.stage = stage
    session.save(update_fields=["stage"])


def _with(optional: Stage, ids: Sequence[str]) -> tuple[str, ...]:
    """The stages that make sense only after an optional one: wiping off after numbing."""
    after = ids[ids.index(optional.id) + 1 :]
    return tuple(after[:1]) if optional.id == "numb" else ()


def start_timer(session: Session, minutes: float) -> None:
    """Set when the time of the current stage is up; once started it stays, however often it is sent."""
    if session.stage not in session.timers:
        until = timezone.now() + dt.timedelta(minutes=minutes)
        session.timers = {**session.timers, session.stage: until.isoformat()}
        session.save(update_fields=["timers"])


def set_passes(log: ZoneLog, direction: str, passes: int) -> None:
    """Say how many passes a direction has had by now."""
    if not 0 <= passes <= MOST_PASSES:
        raise InputError("passes", passes, say("0 to {most}", most=MOST_PASSES))
    log.passes = {**log.passes, direction[:40]: passes}
    log.save(update_fields=["passes"])


def set_seen(log: ZoneLog, endpoint: str) -> None:
    """Say what the skin shows; the most that was seen stays."""
    if endpoint not in ENDPOINTS:
        raise InputError("endpoint", endpoint, say("one of {names}", names=", ".join(ENDPOINTS)))
    if not log.endpoint or ENDPOINTS.index(endpoint) > ENDPOINTS.index(log.endpoint):
        log.endpoint = endpoint
        log.save(update_fields=["endpoint"])


def add_pain(log: ZoneLog, score: int, at: dt.datetime | None = None) -> None:
    """Note how much it hurts now, 0 to 10; the same score within ten seconds is the same tap."""
    if not 0 <= score <= 10:
        raise InputError("pain", score, "0 to 10")
    moment = at or timezone.now()
    if log.pain and log.pain[-1][1] == score:
        last = dt.datetime.fromisoformat(log.pain[-1][0])
        if abs((moment - last).total_seconds()) < 10:
            return
    log.pain = [*log.pain, [moment.isoformat(), score]]
    log.save(update_fields=["pain"])


def set_length(log: ZoneLog, mm: float) -> None:
    """Say how long the needle was set, in mm."""
    log.mm = mm
    log.full_clean(exclude=["session"])
    log.save(update_fields=["mm"])


def finish(session: Session, stopped: str = "", note: str = "", at: dt.datetime | None = None) -> None:
    """End a session, now or when it did end; what was done counts, whether it was stopped or not.

    A session in which nothing was done leaves no trace.
    """
    if not any(any(log.passes.values()) for log in session.zones.all()):
        if session.checks.get("paused") == "yes":
            with moving(session.person, "A product was not paused before a session", anew=True):
                pass
        if stopped:
            _end(session, stopped, note, at)
        else:
            session.delete()
        return
    with moving(session.person, "A session was done"):
        length = session.device.mm if session.device else None
        for log in session.zones.all():
            if log.mm is None and length is not None:
                log.mm = length
                log.save(update_fields=["mm"])
        _end(session, stopped, note, at)


def _end(session: Session, stopped: str, note: str, at: dt.datetime | None) -> None:
    session.ended, session.stopped, session.note = at or timezone.now(), stopped[:300], note[:1000]
    session.save(update_fields=["ended", "stopped", "note"])


def delete(session: Session) -> None:
    """Delete a session; photos taken after it stay, on their own."""
    with moving(session.person, "A session was deleted"):
        session.delete()


def clock(person: Person, at: dt.datetime | None = None) -> tuple[Ready, ...]:
    """Return when each thing may be done again, from the sessions that could still matter; empty when none does."""
    moment = at or timezone.now()
    recent = Session.objects.of(person).filter(ended__gte=moment - dt.timedelta(days=CLOCK_DAYS))
    done = [
        Done(log.zone, timezone.localtime(s.ended), log.mm or (s.device.mm if s.device else 3.0))
        for s in recent.select_related("device").prefetch_related("zones")
        for log in s.zones.all()
        if s.ended and any(log.passes.values())
    ]
    return ready_times(described(person), done, plan_of(person)) if done else ()
