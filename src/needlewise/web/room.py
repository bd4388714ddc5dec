"""An upload that no longer fits on the disk gets an answer: the server keeps a request's body there before the app sees it."""

from __future__ import annotations

from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

WORDS = (
    "There is no room to save that. The disk is full, or may not be written to. What you had saved before is safe, and nothing "
    "was kept by halves. Make room on the disk, then try again."
)


class NoRoom(Error):  # type: ignore[misc]  # waitress has no types
    """507: what was sent could not be kept, not even for a moment."""

    code = 507
    reason = "Insufficient Storage"

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        return f"{self.code} {self.reason}", headers, f"{WORDS}\n".encode()


class _Passing:
    """Takes the rest of a body and keeps nothing, since a browser reads no answer before it has sent all."""

    def __init__(self, remain: int) -> None:
        self.remain, self.completed, self.error = remain, False, None if remain else NoRoom(WORDS)

    def __len__(self) -> int:
        return 0

    def received(self, data: bytes) -> int:
        taken = min(self.remain, len(data))
        self.remain -= taken
        if not self.remain:
            self.completed, self.error = True, NoRoom(WORDS)
        return taken


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Reads a request; from a full disk on it only reads past it."""

    def received(self, data: bytes) -> int:
        try:
            return int(super().received(data))
        except OSError:
            body = self.body_rcv
            if body is None or not hasattr(body, "remain"):
                raise
            self.body_rcv: Any = _Passing(body.remain)
            return int(super().received(data))

    def close(self) -> None:
        if not isinstance(self.body_rcv, _Passing):
            super().close()


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose requests are read so."""

    parser_class = Parser
