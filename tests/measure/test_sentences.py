"""What measuring says can be said in another language: its sentences are `say`'s, never pieces put together."""

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import needlewise.measure
from needlewise.measure.change import DEFAULTS, Measure, judge, spread_from, too_soon
from needlewise.measure.comparison import WIDE
from needlewise.measure.kinds import DAMAGED, OPENS
from needlewise.said import Said, translated

PLACE = Path(needlewise.measure.__file__).parent
MODULES = sorted(PLACE.rglob("*.py"))
WORDS = re.compile(r"[a-z]{2,} (?:\w+ )*[a-z]{2,}")
KEY = " less the skin around"  # of a table that another program reads
SILENT = {"register.py", "face.py", "light.py"}  # what was given, of an `InputError`: shown at the prompt alone


def told(tree: ast.Module) -> Iterator[str]:
    """Sentences outside say() and outside what is raised: pieces of f-strings, and sums of text."""
    spared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Raise | ast.Assert) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in spared:
            text = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            if WORDS.search(text):
                yield text
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            for part in (node.left, node.right):
                if isinstance(part, ast.Constant) and WORDS.search(str(part.value)):
                    yield str(part.value)


def refused(tree: ast.Module) -> Iterator[str]:
    """What an InputError allows and advises, where it is put together instead of said."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InputError":
            yield from (ast.unparse(part) for part in node.args[2:] if isinstance(part, ast.JoinedStr))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PLACE).as_posix())
def test_no_sentence_is_put_together(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert path.name in SILENT or [text for text in told(tree) if text != KEY] == []
    if path.name != "region.py":  # the command line's own drawing
        assert list(refused(tree)) == []


def test_what_is_put_together_is_seen() -> None:
    tree = ast.parse("a = f'the light came {x} from elsewhere'; b = 'not used: ' + c; raise InputError('a', 1, f'{n} to {m}')")
    assert list(told(tree)) == ["the light came  from elsewhere", "not used: "] and list(refused(tree)) == ["f'{n} to {m}'"]


def test_what_an_interval_stands_on_is_said_with_all_its_parts() -> None:
    spread = spread_from([[0.1, 0.3], [0.5, 0.2]], [], DEFAULTS["redness"])
    change = judge("nose", Measure("redness", "redness@1", "u"), 1.0, spread, (2, 2), wider=1.5)
    other = translated(change.basis, lambda text: re.sub(r"{[^}]*}|[a-z]+", lambda f: f[0] if f[0][0] == "{" else "x", text))
    assert not re.search("[a-z]{2}", other) and "0.60" in other
    assert all(isinstance(s.basis, Said) for s in (spread, *DEFAULTS.values(), *WIDE.values()))


def test_other_sentences_are_said() -> None:
    day = dt.date(2026, 3, 1)
    for days in (0, 1, 5):
        words = too_soon(day, day + dt.timedelta(days=days))
        assert isinstance(words, Said) and isinstance(words.values["ago"], Said)
    assert isinstance(DAMAGED, Said) and isinstance(OPENS, Said)
