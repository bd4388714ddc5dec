"""What every test shares: no door to the outside, and one number that says how many examples to try."""

import ipaddress
import os
import socket
import tempfile
from typing import Any

import django
import pytest
from hypothesis import settings

# before Django reads its settings: records of tests lie in a folder of their own
os.environ["NEEDLEWISE_HOME"] = tempfile.mkdtemp(prefix="needlewise-tests-")
os.environ["DJANGO_SETTINGS_MODULE"] = "needlewise.web.settings"
django.setup()

settings.register_profile("needlewise", max_examples=int(os.environ.get("NEEDLEWISE_EXAMPLES", "100")), deadline=None)
settings.load_profile("needlewise")


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that tries to reach an address that is not this machine's own."""

    def guard(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def guarded(*args: Any, **kwargs: Any) -> Any:
            # a socket method is called with (socket, ..., address); getaddrinfo with (host, port, ...)
            if owner is socket.socket:
                outside = args[0].family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(args[-1][0])
            else:
                host = args[0] if args else kwargs.get("host")
                outside = host is not None and not _is_loopback(host)
            if outside:
                pytest.fail(f"socket.{name} tried to leave this machine")
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, guarded)

    for method in ("connect", "connect_ex", "sendto"):
        guard(socket.socket, method)
    guard(socket, "getaddrinfo")
