"""Bring the catalogues of translations up to date with what needlewise says: `make messages`.

Run it after any change to a sentence (a template, a form, a `say("…")`, a row of the knowledge), translate what is then empty
in the two files, and run it again so that the compiled files follow:

    src/needlewise/knowledge/locale/es/LC_MESSAGES/django.po    the sentences of the knowledge (knowledge/*.toml)
    src/needlewise/web/locale/es/LC_MESSAGES/django.po          everything else: pages, forms, plans, sessions, photos

What was translated stays; what is no longer said moves to the end of the file behind `#~`, and comes back with its translation
when it is said again. `{name}` and `%(name)s` must stand in the translation as in the English, in any order. The files are
gettext's own, so any editor for them does. Nothing but Python is needed; `tests/web/test_messages.py` checks the result.

`python scripts/make_messages.py pt` starts another language, with both files empty.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polib

from needlewise.knowledge import TABLES, table
from needlewise.knowledge.rows import Choice, Fact, WrongDevice
from needlewise.model import Says
from needlewise.web import drawing

SOURCE = Path(__file__).parents[1] / "src" / "needlewise"
FOLDERS = {"knowledge": SOURCE / "knowledge" / "locale", "interface": SOURCE / "web" / "locale"}
FILE = Path("LC_MESSAGES") / "django.po"

# The columns of the knowledge that a person reads; `test_messages` fails on a column that stands in neither table.
SPOKEN = {
    "sources": ("kind", "read_via"),
    "zones": ("label", "message"),
    "concerns": ("label", "at_home", "in_clinic", "evidence"),
    "lengths": ("purpose", "post"),
    "rules": ("title", "message_home", "message_clinic", "instead"),
    "conditions": ("label", "question"),
    "medicines": ("label",),
    "care": ("title", "home", "clinic", "post", "conflict"),
    "actives": ("label", "conditions", "conflict"),
    "claims": ("says_the_post", "verdict", "detail"),
    "questions": ("ask", "lead"),
    "kinds": ("label", "good_for", "wrong_for"),
    "criteria": ("text", "why"),
    "costs": ("label",),
    "alternatives": ("label", "what", "against_needling", "skin_of_colour"),
    "regulation": ("fact", "report"),
    "glossary": ("term", "plain", "forms"),
    "catalogue": ("label",),
    "checks": ("question",),
    "flags": ("sign", "do", "whom"),
    "applied": ("label",),
}
DESCRIBED = re.compile(r"[a-z]+ ")  # an issuer that has no name to keep: "the authors (not shown)"
SPOKEN_PARTS: dict[Any, tuple[str, ...]] = {Says: ("text",), Choice: ("why",), WrongDevice: ("why",), Fact: ()}
SILENT = {
    "sources": ("title", "issuer", "url", "scope"),  # a source keeps its own language, and its issuer a name
    "zones": ("area",), "concerns": ("group", "works", "same_as"), "rules": ("scope", "home", "clinic", "wait_unit"),
    "conditions": ("group",), "care": ("phase",), "criteria": ("kind",), "costs": ("currency", "per", "source"),
    "rows": ("says", "served_by", "shown_by", "later"),  # the command line's own check of the post, row by row
    "regulation": ("country",), "catalogue": ("kind",), "checks": ("part", "stops", "rule", "care"),
    "healing": ("quantity", "unit", "end_point", "skin", "condition"), "flags": ("urgency", "condition"),
    "applied": ("rule",),
}  # fmt: skip

# Modules whose sentences reach a page, beside the ones in say(): every literal that ends like a sentence.
TELLING = ("planning", "treat")
# What only the terminal says, and another program reads.
TERMINAL = ("cli/", "cohort/", "simulate/", "interview.py", "web/api/", "web/desk", "web/languages.py", "web/place.py",
            "web/serve.py")  # fmt: skip
# Constants that hold words rather than sentences.
WORDS = (
    ("needlewise.model", ("VERDICTS", "SETTINGS", "INTENDED_PURPOSE")),
    ("needlewise.planning.cost", ("DATED", "ENTER")),
    ("needlewise.share.merge", ("VERDICT_WORDS", "EFFECT_WORDS", "ACTION_WORDS", "POST_ALSO")),
    ("needlewise.share.outline", ("NEXT",)),
    ("needlewise.share.words", ("MEANS", "GLOSSARY")),
    ("needlewise.measure.change", ("VERDICTS",)),
    ("needlewise.measure.gates", ("MEASURES",)),
    ("needlewise.treat.session", ("ENDPOINTS",)),
    ("needlewise.treat.stages", ("DIRECTIONS",)),
    ("needlewise.treat.expect", ("STAGES",)),
)
SINGLE = {"say", "moving", "gettext", "gettext_lazy", "gettext_noop", "_", "lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
# Names under which a text waits: why a plan moved, and what an InputError allows and advises.
WAITING = {"because", "REMOVABLE", "allowed", "hint"}
CONTEXT = {"pgettext", "pgettext_lazy"}
TEXT = r"""(u?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))"""
CALL = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext|_)\(\s*{TEXT}(?:\s*,\s*{TEXT})?(?:\s*,\s*{TEXT})?")
DATE = re.compile(r'\|date:"([^"]+)"')
DAYS = "how a day is written"  # the context under which web/spoken.py looks the order of its words up
SENTENCE = re.compile(r"\S \S.*[.?!]$", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Said:
    """One message: English, plural and context where there are any, and where it is said."""

    text: str
    where: str
    plural: str = ""
    context: str = ""


def of_knowledge() -> Iterator[Said]:
    """Every sentence of the knowledge that a person can read."""
    for name, columns in SPOKEN.items():
        for key, row in table(name).items():
            for column in columns:
                yield from (Said(text, f"{TABLES[name][0]}: {key}") for text in _strings(getattr(row, column)) if text)
            if name == "sources" and DESCRIBED.match(row.issuer):
                yield Said(row.issuer, f"{TABLES[name][0]}: {key}")
            for part in parts_of(row):
                for column in SPOKEN_PARTS[type(part)]:
                    if text := getattr(part, column):
                        yield Said(text, f"{TABLES[name][0]}: {key}")


def parts_of(row: Any) -> Iterator[Any]:
    """What a row holds that has sentences of its own."""
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if type(part) in SPOKEN_PARTS:
                yield part


def of_interface() -> Iterator[Said]:
    """Every sentence of the pages, and every one that a plan, a session or a measurement composes."""
    for path in sorted((SOURCE / "web" / "templates").rglob("*.*")):
        yield from of_template(path.read_text(encoding="utf-8"), _short(path))
    for path in sorted(SOURCE.rglob("*.py")):
        if not path.relative_to(SOURCE).as_posix().startswith(TERMINAL):
            telling = path.relative_to(SOURCE).parts[0] in TELLING
            yield from of_python(ast.parse(path.read_text(encoding="utf-8")), _short(path), telling)
    for module, names in WORDS:
        for name in names:
            for text in _strings(getattr(importlib.import_module(module), name)):
                yield Said(text, f"{module}.{name}")
    for name in drawing.DRAWINGS:
        yield from (Said(text, f"needlewise/web/drawings/{name}") for text in drawing.words(name) if text)


def of_template(source: str, where: str) -> Iterator[Said]:
    """What a template says, by Django's own reading of it."""
    from django.utils.translation.template import templatize

    yield from (Said(how, where, context=DAYS) for how in DATE.findall(source) if not how.isupper())
    for call in CALL.finditer(templatize(source)):
        texts = [ast.literal_eval(text) for text in call.groups()[1:] if text is not None]
        context = texts.pop(0) if "pgettext" in call[1] else ""
        yield Said(texts[0], where, texts[1] if call[1].startswith("n") else "", context)


def of_python(tree: ast.AST, where: str, telling: bool) -> Iterator[Said]:
    """What a module says: in say() and gettext's functions, and, if it is a telling one, in every literal sentence."""
    aside = _not_said(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node, where)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _names(node) & WAITING:
            yield from (Said(text, where) for text in _literals(_either(node.value)))
        elif telling and id(node) not in aside and SENTENCE.search(next(iter(_literals([node])), "")):
            yield from (Said(text, where) for text in _literals([node]))


def _of_call(call: ast.Call, where: str) -> Iterator[Said]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    texts = _literals(call.args)
    if name in SINGLE:
        yield from (Said(text, where) for text in texts[:1])
    elif name == "InputError":  # what is allowed, and what to do
        yield from (Said(text, where) for argument in call.args[2:] for text in _literals(_either(argument)))
    elif name in PLURAL and len(texts) > 1:
        yield Said(texts[0], where, texts[1])
    elif name in CONTEXT and len(texts) > 1:
        yield Said(texts[1], where, context=texts[0])


def _either(value: ast.expr) -> list[ast.expr]:
    """The values of a table, both of a choice, or the value itself."""
    if isinstance(value, ast.Dict):
        return value.values
    return [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]


def _literals(nodes: Iterable[ast.AST]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _not_said(tree: ast.AST) -> set[int]:
    """Literals that no page shows as a sentence: docstrings, what is raised, and pieces of an f-string."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.JoinedStr):
            found.update(map(id, ast.walk(node)))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(id(node.value))
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _strings(part)


def _short(path: Path) -> str:
    return path.relative_to(SOURCE.parent).as_posix()


def wanted() -> dict[str, dict[tuple[str, str], polib.POEntry]]:
    """Return the messages of both catalogues, each once, by context and English; what the knowledge says is only there."""
    knowledge = _entries(of_knowledge())
    interface = {key: entry for key, entry in _entries(of_interface()).items() if key not in knowledge}
    return {"knowledge": knowledge, "interface": interface}


def _entries(found: Iterable[Said]) -> dict[tuple[str, str], polib.POEntry]:
    entries: dict[tuple[str, str], polib.POEntry] = {}
    for said in found:
        if not said.text:  # an InputError without advice; the empty message is the catalogue's own head
            continue
        entry = entries.setdefault((said.context, said.text), polib.POEntry(msgid=said.text, msgctxt=said.context or None))
        if said.plural:
            entry.msgid_plural, entry.msgstr_plural = said.plural, {0: "", 1: ""}
        if (said.where, "") not in entry.occurrences:
            entry.occurrences.append((said.where, ""))
        if re.search(r"%\(\w+\)", said.text) and "python-format" not in entry.flags:
            entry.flags.append("python-format")
    return entries


def bring_up_to_date(path: Path, language: str, entries: Iterable[polib.POEntry]) -> polib.POFile:
    """Write the catalogue at `path`, with the translations it has, and the compiled one beside it."""
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    had = {(e.msgctxt or "", e.msgid): e for e in old}
    new = polib.POFile(wrapwidth=110)
    new.metadata = old.metadata or {
        "Project-Id-Version": "needlewise", "Language": language, "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }  # fmt: skip
    for entry in entries:
        before = had.pop((entry.msgctxt or "", entry.msgid), None)
        if before is not None and bool(before.msgid_plural) == bool(entry.msgid_plural):
            entry.msgstr, entry.tcomment = before.msgstr, before.tcomment
            entry.msgstr_plural = before.msgstr_plural or entry.msgstr_plural
        new.append(entry)
    for gone in had.values():
        if gone.msgstr or any(gone.msgstr_plural.values()):
            gone.obsolete, gone.occurrences = True, []
            new.append(gone)
    path.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(path))
    compiled = path.with_suffix(".mo")
    compiled.write_bytes(new.to_binary())
    return new


def languages() -> set[str]:
    """Return the languages that come with needlewise."""
    return {path.parents[1].name for folder in FOLDERS.values() for path in folder.glob(f"*/{FILE}")}


def main() -> None:
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    for language in sorted(languages() | set(sys.argv[1:])):
        for name, entries in wanted().items():
            catalogue = bring_up_to_date(FOLDERS[name] / language / FILE, language, entries.values())
            print(f"{language} {name}: {len(entries)} messages, {len(catalogue.untranslated_entries())} to translate")


if __name__ == "__main__":
    main()
