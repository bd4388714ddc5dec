"""Giving out a picture to the one it belongs to, in parts where parts are asked for, and never to be kept by a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from needlewise.measure.kinds import KINDS
from needlewise.web.access import Asked, mine
from needlewise.web.models import Photo, Sitting
from needlewise.web.services import files

TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".heic": "image/heic", ".webp": "image/webp", ".tif": "image/tiff"}
RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
NAME = re.compile(r"[a-z]+(-[a-z]+)*\.(jpg|png)", re.ASCII)
VIEWS = ("view", "small")
CHUNK = 1 << 16
assert set(TYPES) >= {endings[0] for endings in KINDS.values()}


def give(request: Asked, where: Path, name: str, download: bool = False) -> HttpResponseBase:
    """Return a file, or the part of it that the request's Range names (RFC 9110, 14).

    Raises
    ------
    Http404
        There is no such file (yet).
    """
    try:
        file = where.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    size = where.stat().st_size
    start, end, status = 0, size, 200
    asked = request.headers.get("Range")
    if asked and "If-Range" not in request.headers:  # nothing here has a validator that could match
        part = _part(asked, size)
        if part == (0, 0):
            file.close()
            refused = HttpResponse(status=416)
            refused.headers["Content-Range"] = f"bytes */{size}"
            return _private(refused, name, download)
        if part is not None:
            start, end, status = *part, 206
    response = StreamingHttpResponse(_Part(file, start, end), status=status, content_type=TYPES[where.suffix])
    if status == 206:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers["Content-Length"] = str(end - start)
    return _private(response, name, download)


def _private(response: HttpResponseBase, name: str, download: bool) -> HttpResponseBase:
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Disposition"] = content_disposition_header(download, name) or "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """Return the part asked for, (0, 0) where it cannot be had, None where the whole is to be given (several, or nonsense)."""
    found = RANGE.fullmatch(asked.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < start:
            return None
    return (start, end) if start < end else (0, 0)


class _Part(Iterator[bytes]):
    """A part of an open file, closed when the response is, whether it was read or not."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self.file, self.left = file, end - start
        file.seek(start)

    def __next__(self) -> bytes:
        chunk = self.file.read(min(CHUNK, self.left))
        if not chunk:
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()


def _called(photo: Photo, ending: str) -> str:
    return f"{photo.sitting.day.isoformat()}-{photo.sitting.pose}{ending}"


@require_safe
def original(request: Asked, pk: UUID) -> HttpResponseBase:
    photo: Photo = mine(Photo.objects.select_related("sitting"), request.person, pk)
    return give(request, files.path_of(photo), _called(photo, photo.suffix), download=True)


@require_safe
def shown(request: Asked, pk: UUID, size: str) -> HttpResponseBase:
    photo: Photo = mine(Photo.objects.select_related("sitting"), request.person, pk)
    if size not in VIEWS:
        raise Http404
    return give(request, files.derived(photo.person_id, photo.sha256, f"{size}.jpg"), _called(photo, ".jpg"))


@require_safe
def made(request: Asked, pk: UUID, name: str) -> HttpResponseBase:
    sitting: Sitting = mine(Sitting.objects, request.person, pk)
    if NAME.fullmatch(name) is None:
        raise Http404
    return give(request, files.derived(sitting.person_id, str(sitting.pk), name), f"{sitting.day.isoformat()}-{name}")


urlpatterns = [
    path("<uuid:pk>/original", original, name="photo-original"),
    path("<uuid:pk>/<slug:size>.jpg", shown, name="photo-shown"),
    path("compared/<uuid:pk>/<str:name>", made, name="photo-made"),
]
