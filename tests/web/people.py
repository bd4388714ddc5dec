"""People for the tests of the app."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from needlewise.web.models import Device, Person

PROFILE: dict[str, Any] = {
    "person": {
        "birth_year": 1988, "skin_type": 3, "setting": "home", "country": "GB", "time_zone": "Europe/London", "conditions": [],
        "medicines": [], "pregnant": False, "nursing": False, "acknowledged": [], "events_known": True, "devices_known": True,
    },
    "goals": [{"concern": "dark-spots", "zones": ["cheek-left", "cheek-right"], "severity": "mild"}],
    "products": [{"name": "retinoid"}],
}  # fmt: skip


def new_person(name: str) -> Person:
    user = User.objects.create_user(name, password=f"{name}-has-a-long-passphrase")
    now = timezone.now()
    person = Person.objects.create(owner=user, name=name.title(), profile=copy.deepcopy(PROFILE), understood=now, ready=now)
    Device.objects.create(person=person, kind="roller", mm=0.3, needles=192, bought=dt.date(2026, 9, 20), shared=False)
    return person


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.owner, backend="django.contrib.auth.backends.ModelBackend")
    return client
