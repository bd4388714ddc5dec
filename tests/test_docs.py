"""What the docs show can be run, and what can be run is in the docs."""

import argparse
import importlib.util
import re
import shlex
import shutil
from pathlib import Path

import pytest

from needlewise import cli
from needlewise.knowledge import TABLES, table

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
EXAMPLES = sorted(
    {line[2:].strip() for block in BLOCK.findall(TEXT) for line in block.splitlines() if line.startswith("$ needlewise ")}
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sample as me.toml, as the tutorial has it."""
    shutil.copy(cli.SAMPLE, tmp_path / "me.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.split()[1] != "start"])
def test_every_example_runs(desk: Path, capsys: pytest.CaptureFixture[str], example: str) -> None:
    try:
        status: object = cli.main(shlex.split(example)[1:])
    except SystemExit as left:  # --version leaves by itself
        status = left.code
    assert status == 0, example
    assert capsys.readouterr().out.strip(), example


def test_start_runs_with_enter_alone(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needlewise start" in EXAMPLES
    (desk / "me.toml").unlink()
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert cli.main(["start"]) == 0
    assert (desk / "me.toml").is_file()


def _options(parser: argparse.ArgumentParser) -> list[str]:
    return [option for action in parser._actions for option in action.option_strings if option not in ("-h", "--help")]


def test_every_command_and_option_is_named() -> None:
    parser = cli._parser()
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    options = _options(parser)
    for name, sub in commands.choices.items():
        assert re.search(rf"needlewise {name}\b", TEXT), name
        options += _options(sub)
        for action in sub._actions:
            for word in () if action.option_strings else action.choices or ():
                assert f"needlewise {name} {word}" in TEXT, (name, word)
    for option in options:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", TEXT), option


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_in_the_reference(name: str) -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert [key for key in table(name) if f"\n- `{key}` " not in page] == []


def test_the_reference_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "scripts" / "make_reference.py")
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert page == made.reference(), "run: python scripts/make_reference.py"


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)
