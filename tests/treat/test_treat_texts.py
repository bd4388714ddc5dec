"""Every text of a session keeps its template and values or is a known sentence, and nothing heavy is loaded for it."""

import ast
import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import needlewise.treat
from needlewise.knowledge import TABLES, table
from needlewise.model import Condition, Device, Event, Person, Plan
from needlewise.planning import plan
from needlewise.said import Said
from needlewise.treat.afterwards import judge_redness, report_to
from needlewise.treat.change import moved
from needlewise.treat.clock import Done, ready_times
from needlewise.treat.device import FAULTS, Kept, grade
from needlewise.treat.expect import expectation
from needlewise.treat.same import same_as_last
from needlewise.treat.session import ENDPOINTS, ZoneLog, judge, reached
from needlewise.treat.stages import session_stages

FOLDER = Path(needlewise.treat.__file__).parent
DAY = dt.date(2026, 12, 2)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for v in value:
            yield from strings(v)
    elif is_dataclass(value):
        for f in fields(value):
            yield from strings(getattr(value, f.name))


def literals() -> Iterator[str]:
    for folder in (FOLDER, FOLDER.parent / "planning"):
        for file in folder.glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


KNOWN = {s for name in TABLES for row in table(name).values() for s in strings(row)} | set(literals())


def parts(text: str) -> Iterator[str]:
    yield text
    if isinstance(text, Said):
        assert text.template.format(**text.values) == str(text)
        for value in text.values.values():
            if isinstance(value, Said):
                yield from parts(value)


def test_texts_can_be_translated(person: Person, planned: Plan) -> None:
    zone = planned.zones[0]
    logs = [ZoneLog(zone.zone, mm, (("up and down", n),), end, ((0, 1), (2, p)))
            for mm in (0.3, 1) for n in (2, 8, 9) for end in ENDPOINTS for p in (1, 2, 5, 9)]  # fmt: skip
    calm = plan(person, DAY)
    changed = [plan(replace(person, conditions=(Condition(c),)), DAY) for c in ("cold-sore", "sunburn")]
    changed.append(plan(replace(person, events=(Event("session", DAY, zone.zone, 0.3),)), DAY))
    judged = [judge(log, zone, setting) for log in logs for setting in ("home", "clinic")]
    kept = [Kept(k, u, (f,), DAY, s) for k in ("roller", "pen", "rf") for u in (None, 1, 9) for f in FAULTS for s in (None, True)]
    texts = [
        *(t for s in session_stages(person, planned, [zone.zone], DAY) for t in (s.title, s.text, s.endpoint, *s.cautions)),
        *(c.then for s in session_stages(person, planned, [zone.zone], DAY) for c in s.checks),
        *(r.text for j in judged for r in j.reasons),
        *(w.text for k in kept for w in grade(k, DAY).reasons),
        *(c for log in logs for c in same_as_last(log, zone).changed),
        *(r.condition for r in ready_times(person, [Done(zone.zone, dt.datetime(2026, 12, 2, 20))], planned)),
        *(t for c in changed for a, b in ((calm, c), (c, calm)) for m in moved(a, b) for t in (m.text, m.because)),
        *(t for c in table("concerns") for d in (0, 5, 900) for e in [expectation(c, DAY, 2, DAY + dt.timedelta(days=d))]
          for t in (e.text, e.expect, e.evidence, e.next)),
        *(judge_redness(h, (5.0,) * len(h), 1).text for h in ((0,), (0, 30), (0, 700))), report_to("US"), report_to("FR"),
    ]  # fmt: skip
    found = reached(logs[0], Device("roller", 0.3, 192, shared=False))
    assert found is not None and isinstance(found.assumptions[-1], str)
    for text in texts:
        for part in parts(text):
            assert isinstance(part, Said) or not part or part in KNOWN, f"composed without say(): {part!r}"


def test_nothing_heavy_is_loaded() -> None:
    names = ", ".join(f"needlewise.treat.{f.stem}" for f in FOLDER.glob("*.py") if f.stem != "__init__")
    code = f"import sys, {names}; print([m for m in ('numpy', 'cv2', 'django', 'scipy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
