"""Addresses: one module of views an area, each with its own paths."""

from __future__ import annotations

from django.urls import include, path

from needlewise.web import api
from needlewise.web.views import (
    answers,
    calendar,
    changes,
    devices,
    doors,
    errors,
    first,
    installed,
    photos,
    plan,
    progress,
    session,
    today,
    yours,
)  # fmt: skip

urlpatterns = [
    path("", include(today)),
    path("", include(doors)),
    path("", include(first)),
    path("", include(calendar)),
    path("", include(installed)),
    path("changes/", include(changes)),
    path("plan/", include(plan)),
    path("answers/", include(answers)),
    path("devices/", include(devices)),
    path("photos/", include(photos)),
    path("progress/", include(progress)),
    path("sessions/", include(session)),
    path("yours/", include(yours)),
    path("api/", api.urls),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed
