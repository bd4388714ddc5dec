"""The questions of `needlewise start`: asks, explains as it goes, and returns the text of me.toml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.model import INTENDED_PURPOSE, SEVERITIES
from needlewise.planning.person import expand_zone, medicine_class, resolve

Ask = Callable[[str], str]
Say = Callable[[str], None]


def interview(ask: Ask, say: Say) -> str:
    """Ask the questions one by one and return a person's file as TOML. Enter alone means "I do not know"."""
    say(INTENDED_PURPOSE)
    say(
        "A few questions. Enter alone means: I do not know. Nothing leaves this machine; Ctrl-C stops without writing.\n"
    )
    top: list[str] = []
    person = ["[person]", 'setting = "home"']
    year = _until(ask, say, "Year of birth: ", lambda t: str(_whole(t, 1900, dt.date.today().year)))
    person += [f"birth_year = {year}"] if year else []
    say(
        "Fitzpatrick skin type: 1 always burns, never tans … 6 never burns, deeply pigmented. It sets how cautious we are."
    )
    skin = _until(ask, say, "Skin type 1-6: ", lambda t: str(_whole(t, 1, 6)))
    person += [f"skin_type = {skin}"] if skin else []
    country = ask("Country, as two letters (US, GB, ES …): ").strip().upper()[:2]
    person += [f'country = "{country}"'] if country.isalpha() else []
    for key in ("pregnant", "nursing"):
        person += _yes_no(ask, say, key, f"Are you {key}? (y/n): ")
    say("Skin or health conditions, such as: " + ", ".join(table("conditions")) + ".")
    conditions = _many(
        ask, say, "Conditions, with commas (none if none): ", lambda t: resolve("conditions", t, "conditions")
    )
    if _yes(ask("How you look: does it weigh on you so much that it is hard to think of other things? (y/n): ")):
        conditions = [*(conditions or []), "appearance-distress"]
    person += [] if conditions is None else [f"conditions = {_list(conditions)}"]
    say("Medicines you take, and those stopped in the past year with the last day, such as isotretinoin=2026-05-01.")
    medicines = _many(ask, say, "Medicines, with commas (none if none): ", _medicine)
    person += [] if medicines is None else [f"medicines = [{', '.join(medicines)}]"]
    goals, devices = _goals(ask, say), _devices(ask, say)
    products = _many(ask, say, "Products you use, with commas, such as retinol, vitamin c (none if none): ", str.strip)
    if products == []:
        top.append("products = []")
    happened = ask("Any needling, peel, laser, filler, waxing or sunburn in the past year? (y/n): ")
    if happened.strip().lower().startswith("n"):
        top.append("events = []")
    elif _yes(happened):
        say('Add each to the file as [[events]] with what = "peel", date = 2026-11-01. Until then the plan asks.')
    rows = [f"[[products]]\nname = {_q(p)}\n" for p in products or ()]
    return "\n".join([*top, *person, "", *goals, *devices, *rows])


def _goals(ask: Ask, say: Say) -> list[str]:
    out: list[str] = []
    say("What would you like to treat? " + ", ".join(table("concerns")) + ".")
    while True:
        concern = _until(ask, say, "Concern (Enter to go on): ", lambda t: resolve("concerns", t, "concern"))
        if not concern:
            return out
        areas = table("concerns")[concern].areas
        say("Where? " + ", ".join(z.id for z in table("zones").values() if z.area in areas and not z.never) + ".")
        zones = _many(ask, say, "Zones, with commas: ", lambda t: (expand_zone(t, "zones"), t.strip())[1]) or []
        severity = _until(ask, say, f"How strong? ({', '.join(SEVERITIES)}): ", _severity)
        if zones:
            line = f"severity = {_q(severity)}\n" if severity else ""
            out.append(f"[[goals]]\nconcern = {_q(concern)}\nzones = {_list(zones)}\n{line}")


def _devices(ask: Ask, say: Say) -> list[str]:
    kind = _until(
        ask, say, "Your device (roller, stamp, pen, rf; Enter if none): ", lambda t: resolve("kinds", t, "device")
    )
    if not kind:
        return []
    mm = _until(ask, say, "Its needle length in mm, from the box: ", lambda t: str(_real(t, 0.05, 5)))
    if not mm:
        say("Without its length it cannot be planned with; add [[devices]] later.")
        return []
    shared = _yes_no(ask, say, "shared", "Has anyone else ever used it? (y/n): ")
    return ["\n".join(["[[devices]]", f"kind = {_q(kind)}", f"mm = {mm}", *shared, ""])]


def _until(ask: Ask, say: Say, prompt: str, read: Callable[[str], str]) -> str:
    while text := ask(prompt).strip():
        try:
            return read(text)
        except InputError as error:
            say(f"  {error}")
    return ""


def _many(ask: Ask, say: Say, prompt: str, read: Callable[[str], str]) -> list[str] | None:
    while text := ask(prompt).strip():
        if text.lower() in ("none", "no", "n"):
            return []
        try:
            return [read(part.strip()) for part in text.split(",") if part.strip()]
        except InputError as error:
            say(f"  {error}")
    return None


def _yes_no(ask: Ask, say: Say, key: str, prompt: str) -> list[str]:
    while text := ask(prompt).strip().lower():
        if text in ("y", "yes", "n", "no"):
            return [f"{key} = {'true' if text[0] == 'y' else 'false'}"]
        say("  y, n, or Enter for: I do not know")
    return []


def _yes(text: str) -> bool:
    return text.strip().lower() in ("y", "yes")


def _medicine(text: str) -> str:
    name, _, day = (part.strip() for part in text.partition("="))
    medicine_class(name)
    if not day:
        return f"{{ name = {_q(name)} }}"
    try:
        last = dt.date.fromisoformat(day)
    except ValueError:
        raise InputError("last day", day, "a date such as 2026-05-01") from None
    if last > dt.date.today():
        raise InputError("last day", day, "a day that is not in the future")
    return f"{{ name = {_q(name)}, last_taken = {last.isoformat()} }}"


def _severity(text: str) -> str:
    if text not in SEVERITIES:
        raise InputError("severity", text, ", ".join(SEVERITIES))
    return text


def _whole(text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise InputError("answer", text, f"a whole number from {low} to {high}")
    return int(text)


def _real(text: str, low: float, high: float) -> float:
    try:
        value = float(text.replace(",", ".").removesuffix("mm"))
    except ValueError:
        value = -1.0
    if not low <= value <= high:
        raise InputError("answer", text, f"a number from {low:g} to {high:g}")
    return value


def _q(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(_q(w) for w in words)}]"
