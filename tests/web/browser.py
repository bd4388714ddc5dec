"""Somebody at the app's own address: signs in by the link, sends forms, files and JSON, and may be cut off at any moment."""

from __future__ import annotations

import http.client
import json
import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

CUT_OFF = (OSError, http.client.HTTPException)


class Browser:
    """Keeps cookies, and nothing else: it goes on with the next server at another port."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.at = ("", 0)

    def sign_in(self, link: str) -> None:
        parts = urlsplit(link)
        self.at = (parts.hostname or "", parts.port or 0)
        assert self.ask("GET", parts.path)[0] == 200
        assert self.form(parts.path, {})[0] == 302

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Return status and what was answered, or raise one of `CUT_OFF`."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        door = http.client.HTTPConnection(*self.at, timeout=60)
        try:
            sent = {"Cookie": cookies, "X-CSRFToken": self.cookies.get("csrftoken", ""), **(headers or {})}
            door.request(method, path, body, sent)
            answer = door.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read()
        finally:
            door.close()

    def json(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        status, answer = self.ask(method, f"/api/{path}", data, {"Content-Type": "application/json"})
        return status, json.loads(answer) if answer else None

    def form(self, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        said = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
        return self.ask("POST", path, urlencode(said).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, path: str, name: str, files: list[bytes], fields: dict[str, str]) -> tuple[int, bytes]:
        line = uuid.uuid4().hex
        body = b""
        for key, value in fields.items():
            body += f'--{line}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for number, data in enumerate(files):
            head = f'--{line}\r\nContent-Disposition: form-data; name="{name}"; filename="{number}.jpg"\r\n'
            body += head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + data + b"\r\n"
        body += f"--{line}--\r\n".encode()
        return self.ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={line}"})
