"""The made-up person: whole, dated around today, and planned for like anybody else."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import User
from django.utils import timezone

from needlewise.web.demo.records import people
from needlewise.web.models import Session
from needlewise.web.services.planning import plan_of


def test_the_made_up_person_ends_today(db: None) -> None:
    person = people(User.objects.create_superuser("owner"))
    sessions = Session.objects.of(person)
    assert sessions.count() >= 4
    newest = max(s.started for s in sessions)
    assert dt.timedelta(0) < timezone.now() - newest < dt.timedelta(days=45)
    assert plan_of(person).verdict in ("go", "limited", "wait")
