"""The languages the app can speak: those that come with it, and those a person adds as a file in the data folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language

from needlewise.errors import InputError

if TYPE_CHECKING:
    import polib

OWN = "languages"  # the folder for them in the data folder: languages/pt.po
CATALOGUE = Path("LC_MESSAGES") / "django.mo"
NAME = re.compile(r"[a-z]{2,3}(_[A-Z][A-Za-z]+)?")
PERCENT = re.compile(r"%(?:\(\w+\))?[sd]")


def spoken(folders: Iterable[Path]) -> list[tuple[str, str]]:
    """Return code and own name of English and of every language with a compiled catalogue in one of `folders`."""
    places = {path.parents[1].name for folder in folders for path in folder.glob(f"*/{CATALOGUE}")}
    codes = sorted({to_language(name) for name in places} - {"en"})
    return [("en", "English"), *((code, _own_name(code)) for code in codes)]


def _own_name(code: str) -> str:
    info = LANG_INFO.get(code) or LANG_INFO.get(code.partition("-")[0], {})
    name = str(info.get("name_local", code))
    return name[:1].upper() + name[1:]


def compile_own(folder: Path) -> Path:
    """Compile each `folder/pt.po` whose compiled catalogue is missing or older, and return `folder`.

    A sentence whose values are not those of the English one is left out, so that the English one is shown.

    Raises
    ------
    InputError
        A file is not named as a language or cannot be read.
    """
    for path in sorted(folder.glob("*.po")):
        target = folder / path.stem / CATALOGUE
        if not NAME.fullmatch(path.stem):
            raise InputError("language file", path.name, "a language's code, such as pt.po or pt_BR.po", "rename it")
        if target.exists() and target.stat().st_mtime_ns >= path.stat().st_mtime_ns:
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = target.with_suffix(".half")
        half.write_bytes(_compiled(path))
        half.replace(target)
    return folder


def _compiled(path: Path) -> bytes:
    import polib

    try:
        catalogue = polib.pofile(str(path), encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        why = str(error).replace(str(path), path.name)
        raise InputError("language file", path.name, "a gettext catalogue in UTF-8", f"{why}: mend it, or take it away") from None
    for entry in [e for e in catalogue if unlike(e) or not e.msgid]:  # a second head, where files were put one after the other
        catalogue.remove(entry)
    compiled: bytes = catalogue.to_binary()
    return compiled


def unlike(entry: polib.POEntry) -> bool:
    """Tell whether a translation lacks a value of the English sentence or names one that is not there."""
    asked = {_values(text) for text in (entry.msgid, entry.msgid_plural) if text}
    given = [text for text in (entry.msgstr, *entry.msgstr_plural.values()) if text]
    return any(_values(text) not in asked for text in given)


def _values(text: str) -> tuple[str, ...]:
    return tuple(sorted({*PERCENT.findall(text), *_braces(text)}))


def _braces(text: str) -> Iterator[str]:
    """The values in braces, each once, with how it is written; a text with braces of its own has none."""
    try:
        for _, name, how, _ in Formatter().parse(text):
            if name is not None:
                yield f"{{{name}:{how}}}" if how else f"{{{name}}}"
    except ValueError:
        return
