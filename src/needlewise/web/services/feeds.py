"""Private calendar addresses: shown once, kept as a hash, and taken back at will."""

from __future__ import annotations

import secrets

from django.utils import timezone, translation

from needlewise.errors import InputError
from needlewise.share.calendar import plan_ics
from needlewise.web.models import Feed, Person
from needlewise.web.models.keep import hashed
from needlewise.web.services.planning import plan_of
from needlewise.web.spoken import sentence


def new_feed(person: Person, discreet: bool) -> str:
    """Make a calendar address and return its secret, which is not kept."""
    secret = secrets.token_urlsafe(32)
    Feed.objects.create(person=person, secret=hashed(secret), discreet=discreet)
    return secret


def revoke(feed: Feed) -> None:
    """Take an address back: from now on it leads nowhere."""
    feed.revoked = timezone.now()
    feed.save(update_fields=["revoked"])


def calendar_of(secret: str) -> bytes | None:
    """Return the calendar behind an address, or None where there is none or it was taken back.

    The address is looked up by its hash, so the time that takes tells nothing of a secret.
    """
    feed = Feed.objects.select_related("person").filter(secret=hashed(secret), revoked=None, person__ready__isnull=False).first()
    if feed is None:
        return None
    Feed.objects.filter(pk=feed.pk).update(read=timezone.now())
    person = feed.person
    zone = timezone.get_current_timezone()
    try:
        from zoneinfo import ZoneInfo

        zone = ZoneInfo(person.zone_name) if person.zone_name else zone
    except (KeyError, ValueError):
        pass
    with timezone.override(zone):
        plan = plan_of(person)
    with translation.override(person.language or translation.get_language()):  # nobody is signed in: a calendar asks
        try:
            return plan_ics(plan, person.zone_name, feed.discreet, sentence)
        except InputError:  # a time zone that this machine does not know: times as local ones
            return plan_ics(plan, "", feed.discreet, sentence)
