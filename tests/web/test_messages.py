"""The catalogues of translations: they hold what is said, whole, with its values, and their compiled form follows them."""

import dataclasses
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import polib
import pytest

from needlewise.errors import InputError
from needlewise.knowledge import TABLES
from needlewise.web import languages

ROOT = Path(__file__).parents[2]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_messages", ROOT / "scripts" / "make_messages.py")
    assert spec and spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _script()
CATALOGUES = {
    f"{language} {name}": folder / language / script.FILE
    for language in sorted(script.languages())
    for name, folder in script.FOLDERS.items()
}


@pytest.fixture(params=CATALOGUES)
def path(request: pytest.FixtureRequest) -> Path:
    return CATALOGUES[request.param]


@pytest.fixture
def catalogue(path: Path) -> polib.POFile:
    return polib.pofile(str(path))


def test_there_is_spanish() -> None:
    assert {"es knowledge", "es interface"} <= set(CATALOGUES)


def test_values_stand_in_the_translation_as_in_english(catalogue: polib.POFile) -> None:
    assert [e.msgid for e in catalogue if languages.unlike(e)] == []
    assert [e.msgid for e in catalogue if e.msgstr and e.msgid.isspace() != e.msgstr.isspace()] == []


def test_nothing_is_half_done(catalogue: polib.POFile) -> None:
    assert [e.msgid for e in catalogue if e.fuzzy] == []
    plurals = [e for e in catalogue if e.msgid_plural and not e.obsolete]
    assert [e.msgid for e in plurals if any(e.msgstr_plural.values()) and not all(e.msgstr_plural.values())] == []
    assert [e.msgid for e in catalogue if e.msgstr and e.msgid.endswith("\n") != e.msgstr.endswith("\n")] == []


def test_nothing_is_left_in_english(catalogue: polib.POFile) -> None:
    assert [e.msgid for e in catalogue.untranslated_entries()] == [], "translate these, then run `make messages`"


def test_the_catalogues_hold_what_is_said() -> None:
    for name, entries in script.wanted().items():
        held = {(e.msgctxt or "", e.msgid) for e in polib.pofile(str(CATALOGUES[f"es {name}"])) if not e.obsolete}
        assert held ^ set(entries) == set(), "run `make messages`"


def test_the_compiled_catalogue_follows_the_written_one(path: Path, catalogue: polib.POFile) -> None:
    assert path.with_suffix(".mo").read_bytes() == catalogue.to_binary(), "run `make messages`"


def test_every_column_of_the_knowledge_is_told_or_not() -> None:
    for name, (_, _, row) in TABLES.items():
        told, silent = set(script.SPOKEN.get(name, ())), set(script.SILENT.get(name, ()))
        texts = {f.name for f in dataclasses.fields(row) if f.type is str or f.name in told} - {"id"}
        assert told | silent == texts and not told & silent, name


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{% load i18n %}{% translate 'One' %}", [("One", "", "")]),
        ("{% load i18n %}{% blocktranslate with a=b %}A {{ a }}.{% endblocktranslate %}", [("A %(a)s.", "", "")]),
        ("{% load i18n %}{% blocktranslate count n=x %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}",
         [("%(n)s day", "%(n)s days", "")]),
        ('{{ x|date:"l, j F" }}{{ x|date:"DATE_FORMAT" }}', [("l, j F", "", script.DAYS)]),
        ('{% load i18n %}{% translate "May" context "month" %}', [("May", "", "month")]),
        ('{% include "x.html" with title=_("It\'s mine") %}', [("It's mine", "", "")]),
    ],
)  # fmt: skip
def test_templates_are_read_as_django_reads_them(source: str, found: list[tuple[str, str, str]]) -> None:
    assert [(s.text, s.plural, s.context) for s in script.of_template(source, "x.html")] == found


def test_modules_are_read_without_running_them() -> None:
    tree = script.ast.parse(
        '"""A docstring here."""\n'
        "say('At {n}.', n=1); say(f'{x}'); _('Two'); ngettext('{} day', '{} days', n); pgettext('c', 'Three')\n"
        "text = 'A plain sentence.'; key = 'too early'\n"
        "raise InputError('a', 'b', 'A refusal reaches a page.')\n"
    )
    found = {(s.text, s.plural, s.context) for s in script.of_python(tree, "x.py", telling=True)}
    assert found == {("A plain sentence.", "", ""), ("At {n}.", "", ""), ("Two", "", ""), ("{} day", "{} days", ""),
                     ("Three", "", "c"), ("A refusal reaches a page.", "", "")}  # fmt: skip
    assert "A plain sentence." not in [s.text for s in script.of_python(tree, "x.py", telling=False)]


def _own(folder: Path, name: str, *entries: tuple[str, str]) -> Path:
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    for english, other in entries:
        catalogue.append(polib.POEntry(msgid=english, msgstr=other))
    folder.mkdir(exist_ok=True)
    catalogue.save(str(folder / name))
    return folder


def test_a_language_is_added_by_adding_a_file(tmp_path: Path) -> None:
    folder = _own(tmp_path / "languages", "pt_BR.po", ("Today", "Hoje"), ("Rest {days} days.", "Descanse {dias} dias."))
    assert languages.spoken([folder]) == [("en", "English")]
    assert languages.compile_own(folder) == folder
    assert languages.spoken([folder]) == [("en", "English"), ("pt-br", "Português Brasileiro")]
    compiled = polib.mofile(str(folder / "pt_BR" / languages.CATALOGUE))
    assert [(e.msgid, e.msgstr) for e in compiled] == [("Today", "Hoje")]  # the other one lost a value


def test_the_files_of_another_language_may_stand_one_after_the_other_in_one(tmp_path: Path) -> None:
    whole = tmp_path / "pt.po"
    whole.write_text("\n".join(CATALOGUES[f"es {name}"].read_text(encoding="utf-8") for name in script.FOLDERS), encoding="utf-8")
    languages.compile_own(tmp_path)
    compiled = polib.mofile(str(tmp_path / "pt" / languages.CATALOGUE))
    assert compiled.metadata["Plural-Forms"].startswith("nplurals=2")
    given = {e.msgid for path in CATALOGUES.values() for e in polib.pofile(str(path)) if e.translated()}
    assert {e.msgid for e in compiled} == given


def test_a_language_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = _own(tmp_path / "languages", "portuguese.po", ("Today", "Hoje"))
    with pytest.raises(InputError, match=r"portuguese\.po.*pt\.po"):
        languages.compile_own(folder)
    (folder / "portuguese.po").rename(folder / "pt.po").write_text('msgid "a\nmsgstr', encoding="utf-8")
    with pytest.raises(InputError, match=r"pt\.po.*mend it"):
        languages.compile_own(folder)
    assert not (folder / "pt" / languages.CATALOGUE).exists()
