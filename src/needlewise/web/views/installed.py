"""The app on a phone's home screen: what it is called, and the worker that keeps it readable without the server."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from needlewise import __version__

STATIC = settings.HERE / "static"
LIGHT = "#faf5ee"
ICONS = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"), ("icon-maskable-192.png", "192x192", "maskable"),
         ("icon-maskable-512.png", "512x512", "maskable"))  # fmt: skip


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    icons = [{"src": static(f"icons/{name}"), "sizes": size, "type": "image/png", "purpose": why} for name, size, why in ICONS]
    said = {
        "id": "/", "name": "needlewise", "short_name": "needlewise", "start_url": reverse("today"), "scope": "/",
        "lang": get_language(),
        "description": _("Information and records about microneedling, on your own machine."), "display": "standalone",
        "background_color": LIGHT, "theme_color": LIGHT, "icons": icons,
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it lies at the root, since it may only look after what lies below it."""
    version, files = _looks()
    head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps([static(f) for f in files])};\n"
    head += f"const OFFLINE = {json.dumps(reverse('offline'))};\n"
    return HttpResponse(head + (STATIC / "sw.js").read_text(encoding="utf-8"), content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "needlewise/offline.html", {"person": None})


@cache
def _looks() -> tuple[str, tuple[str, ...]]:
    """Return what names the present look (a hash of all its files), and the files."""
    paths = sorted(path for path in STATIC.rglob("*") if path.is_file())
    digest = hashlib.sha256(__version__.encode())
    for file in paths:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16], tuple(p.relative_to(STATIC).as_posix() for p in paths if p.suffix in (".css", ".js", ".svg"))


urlpatterns = [
    path("manifest.webmanifest", manifest, name="manifest"),
    path("sw.js", worker, name="worker"),
    path("offline/", offline, name="offline"),
]
