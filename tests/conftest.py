"""What every test shares: no door to the outside, and one number that says how many examples to try."""

import ipaddress
import os
import socket
import tempfile
from pathlib import Path
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


@pytest.fixture(scope="session")
def drawn_days(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Path]]:
    """Two shots each of two days, three months apart, of a drawn face: the right cheek got paler, the forehead redder."""
    from drawn_face import Lamp, Skin, drawn_face, jpeg

    folder = tmp_path_factory.mktemp("days")
    spots = ((3.6, -2.5), (4.3, -3.1))
    states = {
        "before": (Skin(spots=spots), Lamp(), (1, 1, 1), "2026-01-05 09:30:00"),
        "after": (Skin(spots=spots, blood={"cheek-right": -0.14, "forehead": 0.12}), Lamp(6, 13), (0.95, 0.9, 0.85),
                  "2026-04-06 09:30:00"),
    }  # fmt: skip
    paths: dict[str, list[Path]] = {}
    for day, (skin, lamp, gains, taken) in states.items():
        for shot in (1, 2):
            path = folder / f"{day}{shot}.jpg"
            path.write_bytes(jpeg(drawn_face(skin, lamp, gains, shot + len(day), (3 * shot, -2 * shot, 0.3 * shot)), taken))
            paths.setdefault(day, []).append(path)
    return paths["before"], paths["after"]


@pytest.fixture(scope="session")
def drawn_comparison(drawn_days: tuple[list[Path], list[Path]]) -> Any:
    """The first shots of both days, compared."""
    from needlewise.measure.pair import compare

    before, after = drawn_days
    return compare(before[:1], after[:1], ["cheek-right", "forehead"])
