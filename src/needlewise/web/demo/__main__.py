"""Draw the made-up person's photos and take them in as an upload would; the server goes on meanwhile."""

from __future__ import annotations

import datetime as dt
import io

from needlewise.web.serve import start

SHOTS = 3
WINDOW, LAMP = (6.0, 20.0), (64.0, 15.0)
# days ago, how dark the spots are, redness of the cheeks, light, whether the skin was untreated. The redness stays: where it
# changes, pigment cannot be read, as blood looks brown too
SITTINGS = (
    (151, 18.0, 2.0, WINDOW, True),
    (149, 18.0, 2.0, WINDOW, True),
    (92, 14.5, 2.0, WINDOW, False),
    (61, 12.5, 2.0, LAMP, False),
    (32, 10.0, 2.0, WINDOW, False),
    (2, 8.0, 2.0, WINDOW, False),
)
AFTER = ((1.0, 9.0), (6.0, 6.0), (24.0, 2.6))  # hours after the last session, and redness on top


def draw() -> None:
    """Draw and add every photo; to be called with Django ready."""
    from django.utils import timezone

    from needlewise.simulate.portrait import Day, portrait_jpeg
    from needlewise.web.models import Person, Session
    from needlewise.web.services.photos import Told, add

    person, now = Person.objects.earliest("made"), timezone.localtime()

    def take(at: dt.datetime, how: Day, told: Told) -> None:
        for shot in range(SHOTS):
            moment = at + dt.timedelta(seconds=20 * shot)
            photo = portrait_jpeg(Day(how.seed + shot, how.redness, how.spots, how.light, how.day), moment)
            add(person, [(f"{moment:%Y%m%d-%H%M%S}.jpg", io.BytesIO(photo))], told)

    for number, (ago, spots, red, light, untreated) in enumerate(SITTINGS):
        at = (now - dt.timedelta(days=ago)).replace(hour=9, minute=10, second=0, microsecond=0)
        look = Day(10 * number, {"cheek-left": red, "cheek-right": red}, spots, light, day=ago)
        take(at, look, Told(day=at.date(), guess=False, untreated=untreated, make_up=False))
    last = Session.objects.of(person).filter(ended__isnull=False).order_by("-ended").first()
    for hours, more in AFTER if last and last.ended else ():
        assert last is not None and last.ended is not None
        at = timezone.localtime(last.ended + dt.timedelta(hours=hours))
        look = Day(900 + int(hours), {z: 2.0 + more for z in ("cheek-left", "cheek-right", "forehead")}, 10.0, WINDOW, day=32)
        take(at, look, Told(session=last, make_up=False))


if __name__ == "__main__":
    start()
    draw()
