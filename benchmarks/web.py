"""Time the app as a whole, with two years of records and with twenty, against a page of the same server that does nothing.

Times are ratios to that page, since a time alone tells of the machine. Twenty people at once are ApacheBench's (Debian's
apache2-utils); without it that line says so.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TESTS = [str(ROOT / "tests"), str(ROOT / "tests" / "web")]
sys.path[:0] = TESTS

from browser import Browser  # noqa: E402 - found through the paths above

from addresses import addresses  # noqa: E402 - found through the paths above
from apps import App  # noqa: E402 - found through the paths above
from needlewise.web import serve  # noqa: E402 - found through the paths above

HEAVIEST, GROWTH, AT_ONCE, MOST_MB, MOST_S = 12.0, 1.5, 20, 150, 3.0
NOTHING = "/offline/"  # all that every page does (session, person, frame), and nothing else
WHOLE = ("api/export",)  # everything there is, which grows with it
ROUNDS = 15
FILL = """
import sys; sys.path[:0] = {paths}
from needlewise.web.serve import start, owner; start()
from needlewise.web.models import Person
from people import PROFILE
from years import live, open_session
person = Person.objects.filter(owner=owner()).first()
if person is None:
    person = Person.objects.create(owner=owner(), name="owner", profile=PROFILE)
some = live(person, {months}, first={first})
if {first} == 0:
    open_session(person)
    print(*(f"{{kind}} {{record.pk}}" for kind, record in some.items() if hasattr(record, "pk")), sep="\\n")
"""


@dataclass
class Key:
    pk: str


@dataclass
class Bench:
    home: Path
    app: App = field(init=False)
    browser: Browser = field(init=False)
    door: HTTPConnection = field(init=False)
    cookies: str = field(init=False)
    kept: bool = True

    def say(self, what: str, figure: str, limit: str, ok: bool | None) -> None:
        word = "" if ok is None else "kept" if ok else "MISSED"
        self.kept = self.kept and ok is not False
        print(f"{what:<44}{figure:>12}   {limit:<22}{word}", flush=True)

    def fill(self, months: int, first: int) -> dict[str, Any]:
        code = FILL.format(paths=TESTS, months=months, first=first)
        environment = {**os.environ, "NEEDLEWISE_HOME": str(self.home)}
        done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
        return {kind: Key(pk) for kind, pk in (line.split() for line in done.stdout.splitlines())}

    def start(self) -> float:
        begun = time.perf_counter()
        self.app = App(self.home).start()
        took = time.perf_counter() - begun
        self.browser = Browser()
        self.browser.sign_in(self.app.link)
        self.door = HTTPConnection(*self.browser.at, timeout=60)
        self.cookies = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        return took

    def ratio(self, path: str) -> float:
        """Time a page once, as a multiple of the page that does nothing."""
        return self._seconds(path) / min(self._seconds(NOTHING), self._seconds(NOTHING))

    def _seconds(self, path: str) -> float:
        begun = time.perf_counter()
        self.door.request("GET", path, headers={"Cookie": self.cookies})
        answer = self.door.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        return time.perf_counter() - begun

    def pages(self, some: dict[str, Any]) -> dict[str, str]:
        """Every page and API address that answers a GET, and the path that asks for it."""
        found = {}
        for address in addresses():
            if address.about in {"", *some} and address.name not in ("enter", "feed", "sign-out"):
                path = address.with_(some)
                if self.browser.ask("GET", path)[0] == 200:
                    found[address.route or "today"] = path
        return found


def medians(benches: tuple[Bench, Bench], paths: dict[str, str], rounds: int) -> dict[str, tuple[float, float]]:
    """Return each page's median multiple with few and with many records, in rounds that touch all alike."""
    ratios: dict[str, list[tuple[float, float]]] = {route: [] for route in paths}
    for number in range(rounds + 2):
        for route, path in paths.items():
            pair = benches[0].ratio(path), benches[1].ratio(path)
            if number >= 2:
                ratios[route].append(pair)
    median = statistics.median
    return {route: (median(a for a, _ in pairs), median(b for _, b in pairs)) for route, pairs in ratios.items()}


def times(benches: tuple[Bench, Bench], paths: dict[str, str]) -> dict[str, tuple[float, float]]:
    """Time all pages; one that seems to miss a limit is timed anew, four times as long, before it is said to."""
    found = medians(benches, paths, ROUNDS)
    near = {r: paths[r] for r, (few, many) in found.items() if few > HEAVIEST or (r not in WHOLE and many / few > GROWTH)}
    return {**found, **medians(benches, near, 4 * ROUNDS)}


def at_once(bench: Bench, path: str) -> None:
    name = f"{AT_ONCE} people at once on {path}"
    if not shutil.which("ab"):
        bench.say(name, "–", "no ab (apache2-utils)", None)
        return
    cookies = "; ".join(f"{key}={value}" for key, value in bench.browser.cookies.items())
    address = f"http://127.0.0.1:{bench.app.port}{path}"
    command = ["ab", "-q", "-l", "-n", "400", "-c", str(AT_ONCE), "-H", f"Cookie: {cookies}", address]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = int(re.findall(r"Failed requests:\s+(\d+)", said)[0])
    other = re.search(r"Non-2xx responses:\s+(\d+)", said)
    bad = failed + (int(other[1]) if other else 0)
    worst = re.search(r"100%\s+(\d+)", said)
    bench.say(name, f"{bad} errors", f"of 400; slowest {worst[1] if worst else '?'} ms", bad == 0)


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return float("nan")
    return int(re.search(r"VmRSS:\s+(\d+)", status.read_text())[1]) / 1024  # type: ignore[index]  # every process has this line


def picture() -> bytes:
    """Twelve megapixels with grain, as a phone's are."""
    import io

    from PIL import Image

    small = Image.frombytes("RGB", (500, 375), random.Random(1).randbytes(500 * 375 * 3))
    out = io.BytesIO()
    small.resize((4000, 3000)).save(out, "JPEG", quality=92)
    return out.getvalue()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="needlewise-bench-") as folder:
        bench = Bench(Path(folder) / "home")
        bench.start()
        serve.start(bench.home)  # here, too, so that the addresses can be asked for
        bench.app.stop()  # made, so that the next start is an ordinary one
        some = bench.fill(24, 0)
        took = bench.start()
        bench.say("ready", f"{took:.2f} s", f"limit {MOST_S:g} s", took <= MOST_S)
        time.sleep(3)
        idle = memory_mb(bench.app.process.pid)
        bench.say("memory while idle", f"{idle:.0f} MB", f"limit {MOST_MB} MB", idle <= MOST_MB if idle == idle else None)
        paths = bench.pages(some)
        full = Bench(Path(folder) / "full")
        shutil.copytree(bench.home, full.home)
        full.fill(216, 24)
        full.start()
        found = times((bench, full), paths)
        two, twenty = ({route: pair[n] for route, pair in found.items()} for n in range(2))
        print(f"\n{'page':<44}{'2 years':>12}{'20 years':>12}   as multiples of a page that does nothing")
        for route in sorted(paths, key=lambda r: -two[r]):
            print(f"{route:<44}{two[route]:>12.1f}{twenty[route]:>12.1f}")
        heaviest = max(two, key=lambda r: two[r])
        print()
        bench.say(f"heaviest page: {heaviest}", f"{two[heaviest]:.1f} x", f"limit {HEAVIEST:g} x", two[heaviest] <= HEAVIEST)
        grown = max((r for r in paths if r not in WHOLE), key=lambda r: twenty[r] / two[r])
        growth = twenty[grown] / two[grown]
        bench.say(f"ten times the records: {grown}", f"{growth:.2f} x", f"limit {GROWTH:g} x", growth <= GROWTH)
        bench.app.stop()
        at_once(full, paths[heaviest])
        data = picture()
        begun = time.perf_counter()
        status, answer = full.browser.upload("/api/photos", "files", [data], {"pose": "scalp"})
        took = time.perf_counter() - begun
        waits = status == 201 and b'"checked": false' in answer
        bench.say(f"12 MP upload ({len(data) / 1e6:.1f} MB)", f"{took:.2f} s", "answered before measured", waits)
        full.app.stop()
    return 0 if bench.kept and full.kept else 1


if __name__ == "__main__":
    sys.exit(main())
