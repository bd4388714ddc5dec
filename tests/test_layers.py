"""Who may import whom, and how long a file may be."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "needlewise"
ORDER: tuple[set[str], ...] = (
    {"said"},
    {"errors"},
    {"model"},
    {"knowledge"},
    {"simulate", "measure"},
    {"planning"},
    {"treat", "learn"},
    {"charts", "share", "cohort"},
    {"interview"},
    {"web"},
    {"cli"},
)
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
TOP = {"__init__", "__main__"}  # the doors: they may open onto anything
ONLY_IN = {
    "django": {"web"},
    "numpy": {"simulate", "measure", "learn", "cohort"},
    "cv2": {"simulate", "measure", "learn", "cohort"},
}
MAX_LINES = 400
MODULES = sorted(PACKAGE.rglob("*.py"))
FILES = sorted(path for folder in ("src", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(tree: ast.AST, package: list[str]) -> Iterator[str]:
    """Yield the full dotted name of everything imported, wherever in the file it is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = [*above, *(node.module.split(".") if node.module else [])]
            yield from (".".join([*base, alias.name]) for alias in node.names)


def faults(layer: str, names: list[str]) -> list[str]:
    found = []
    for name in names:
        head, *rest = name.split(".")
        if head in ONLY_IN and layer not in ONLY_IN[head]:
            found.append(f"imports {head}; only {sorted(ONLY_IN[head])} may")
        if head != "needlewise" or layer in TOP or (rest and rest[0] in (layer, "__version__")):
            continue
        if not rest or rest[0] not in LEVEL:
            found.append(f"imports {name}; import from the layer that defines it")
        elif LEVEL[rest[0]] >= LEVEL[layer]:
            found.append(f"{layer} may not import {rest[0]}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path: Path) -> None:
    layer = layer_of(path)
    if layer == "sample":
        pytest.fail("needlewise/sample holds data, not code")
    assert layer in LEVEL or layer in TOP, f"{layer} has no place in the order: add it to ORDER"
    package = ["needlewise", *path.relative_to(PACKAGE).parent.parts]
    names = list(imports(ast.parse(path.read_text(encoding="utf-8")), package))
    assert not faults(layer, names)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines < MAX_LINES, f"{lines} lines; split it"


@pytest.mark.parametrize("path", [p for p in MODULES if layer_of(p) == "web"], ids=name_of)
def test_what_the_type_checker_ignores_has_its_reason_beside_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "# type: ignore" in line and not re.search(r"# type: ignore\[[\w,-]+\]  # \w", line)] == []


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ("planning", "from ..treat import session"),
        ("planning", "def late():\n    import needlewise.cli"),
        ("treat", "from needlewise import learn"),
        ("planning", "import numpy as np"),
        ("cli", "from django.db import models"),
        ("planning", "import needlewise"),
    ],
)
def test_a_wrong_import_is_seen(layer: str, code: str) -> None:
    assert faults(layer, list(imports(ast.parse(code), ["needlewise", layer])))


def test_there_is_code_to_check() -> None:
    assert MODULES
