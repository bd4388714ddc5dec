"""Every page says everything through the catalogues: with a language that only puts brackets around, nothing is left outside."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polib
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real
from people import signed_in
from years import live, open_session

from addresses import addresses
from needlewise import knowledge, web
from needlewise.knowledge import table
from needlewise.web.models import Person, Session
from needlewise.web.services import sessions as service
from needlewise.web.templatetags.explained import words

LEFT, RIGHT = "⟦", "⟧"
DAYS = "how a day is written"  # what is translated there is an order of letters, no words
READ_ALOUD = ("alt", "title", "placeholder", "aria-label", "aria-description", "content")
# What stays in its own language: our name, units, the person's own words, sources, and names of medicines to choose from.
KEPT = re.compile(
    r"needlewise|\bmm²?\b|\bcm²?\b|100·log10(\(R/G\))?|a\*|\bAlice\b|\balice\b|a hard week|\bIMG_\w+\.jpg|\bJPEG|\bEUR\b|\bGB\b|"
    r"\bB?C?E?[0-9a-f]{6,}\b|[\w-]+\.needlewise\.zip|\bh\b|\bMB\b|\bkB\b|English|Español|https?://\S+|(redness|pigment|ridges)@1|\bs\b|\bUSD\b|"
    r"\bretinoid\b"
)
VALUE = re.compile(r"%\(\w+\)s|{[^}]*}|\n")  # where a sentence holds a value, or a page may break it
WORD = re.compile(r"[^\W\d_]{2,}")
# A word that explains itself in the middle of a sentence, and its explanation.
EXPLAINED = re.compile(r'<span class="explained"><button.*?>([^<]*)</button>(<span class="meaning".*?</a></span>)([^<]*)</span>')


class Texts(HTMLParser):
    """What a page says: its texts, and the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.silent += tag in ("script", "style")
        self.found += [given[name] or "" for name in READ_ALOUD if name in given and tag != "meta"]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.found.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.found.append(" ".join(data.split()))


def outside(text: str) -> str:
    """What stands outside all brackets."""
    depth, kept = 0, []
    for sign in text:
        depth += sign == LEFT
        if depth == 0:
            kept.append(sign)
        depth -= sign == RIGHT
    return "".join(kept)


def unsaid(page: str) -> Iterator[str]:
    """Texts of a page, or parts of them, that went through no catalogue."""
    read = Texts()
    read.feed(EXPLAINED.sub(r"\1\3", page) + "".join(found[2] for found in EXPLAINED.finditer(page)))
    sources = sorted({s for row in table("sources").values() for s in (row.title, row.issuer)}, key=len, reverse=True)
    for text in read.found:
        rest = outside(text)
        for source in sources:
            rest = rest.replace(source, "")
        if WORD.search(KEPT.sub("", rest)):
            yield text


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Translate each text that Spanish has to itself in brackets."""
    held = trans_real.translation("es")._catalog  # type: ignore[attr-defined]

    def mark(text: str, key: object = None) -> str:
        return f"{LEFT}{text}{RIGHT}" if text and (text if key is None else key) in held else text

    def mark_number(one: str, many: str, n: int) -> str:
        return mark(one if n == 1 else many, (one, 1))

    words("en")  # kept from here on: the words to explain are found inside the brackets
    back = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(back, "gettext", mark)
    monkeypatch.setattr(back, "pgettext", lambda context, text: text if context == DAYS else mark(text, f"{context}\x04{text}"))
    monkeypatch.setattr(back, "ngettext", mark_number)
    monkeypatch.setattr(back, "npgettext", lambda context, one, many, n: mark_number(f"{context}\x04{one}", many, n))


CATALOGUES = [Path(part.__file__).parent / "locale" / "es" / "LC_MESSAGES" / "django.po" for part in (web, knowledge)]
PAGES = [a for a in addresses() if not a.route.startswith(("api/", "static/"))]


def left_out(client: Client, paths: dict[str, str], method: str = "get") -> dict[str, list[str]]:
    """What each page leaves outside the catalogues."""
    found: dict[str, list[str]] = {}
    for route, path in paths.items():
        answer = getattr(client, method)(path, follow=True)
        if "html" in answer.headers.get("Content-Type", ""):
            found[f"{method} {route}"] = list(unsaid(answer.content.decode()))
        elif answer.streaming:
            list(answer.streaming_content)  # read to its end, a file is closed
    assert found
    return {route: texts for route, texts in found.items() if texts}


@pytest.fixture
def some(alice: Person) -> dict[str, Any]:
    alice.owner.is_superuser = True
    alice.owner.save()
    return live(alice, 2)


def test_pages_say_nothing_outside_the_catalogues(some: dict[str, Any], alice: Person, brackets: None) -> None:
    open_session(alice)
    paths = {a.route: a.with_(some) for a in PAGES if a.name != "sign-out"}
    assert left_out(signed_in(alice), paths) == {}
    assert left_out(signed_in(alice), paths, "post") == {}  # nothing filled in: what is missing is said, or it is done


def test_screens_of_a_session_say_nothing_outside_the_catalogues(alice: Person, brackets: None) -> None:
    alice.ready = timezone.now() - dt.timedelta(days=30)  # what pauses first has paused long enough
    alice.save()
    session = service.begin(alice, [z.zone for z in service.offer(alice).due], alice.devices.get())
    client = signed_in(alice)
    log = session.zones.first()
    assert log is not None
    for stage in service.now(session).stages:
        for passes, endpoint, pain in ((0, "", 0), (1, "pink", 3), (9, "bleeding", 9)):  # a zone at its start, its end, too far
            log.passes, log.endpoint, log.pain = {"up and down": passes}, endpoint, [[timezone.now().isoformat(), pain]]
            log.save()
            Session.objects.filter(pk=session.pk).update(stage=stage.id)
            assert left_out(client, {stage.id: reverse("session-now")}) == {}


def test_the_first_run_says_nothing_outside_the_catalogues(alice: Person, brackets: None) -> None:
    Person.objects.filter(pk=alice.pk).update(ready=None, understood=None, profile={})
    paths = {a.route: a.with_({}) for a in PAGES if a.route.startswith("first/")}
    assert left_out(signed_in(alice), paths) == {}
    assert left_out(signed_in(alice), paths, "post") == {}


def test_doors_say_nothing_outside_the_catalogues(db: None, brackets: None) -> None:
    paths = {a.route: a.with_({}) for a in PAGES if a.name in ("sign-in", "enter", "today")}
    assert left_out(Client(), paths) == {}
    assert left_out(Client(), paths, "post") == {}


def english() -> dict[str, str]:
    """The English pieces, four words or longer, of what Spanish says in other words, each with the sentence it belongs to."""
    entries = [e for path in CATALOGUES for e in polib.pofile(str(path)) if not e.obsolete]
    said = {e.msgid: e.msgstr or " ".join(e.msgstr_plural.values()) for e in entries}
    said |= {e.msgid_plural: said[e.msgid] for e in entries if e.msgid_plural}
    pieces = {piece.strip(): text for text in said for piece in VALUE.split(text)}
    spanish = " ".join(said.values())
    return {piece: text for piece, text in pieces.items() if len(WORD.findall(piece)) >= 4 and piece not in spanish}


def spoken_english(page: str, pieces: dict[str, str]) -> list[str]:
    """Sentences of the catalogue that a page says in English."""
    read = Texts()
    read.feed(page)
    text = " ".join(" ".join(read.found).split())
    return [sentence for piece, sentence in pieces.items() if piece in text or f"{piece[:1].upper()}{piece[1:]}" in text]


def test_a_spanish_reader_meets_no_english_sentence(some: dict[str, Any], alice: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(language="es")
    alice.refresh_from_db()
    client, pieces, read = signed_in(alice), english(), 0
    found: dict[str, list[str]] = {}
    for address in PAGES:
        if address.name == "sign-out":
            continue
        answer = client.get(address.with_(some), follow=True)
        if "html" in answer.headers.get("Content-Type", ""):
            page = answer.content.decode()
            if not page:
                continue  # what only does something
            assert 'lang="es"' in page, address.route
            found |= {address.route: met} if (met := spoken_english(page, pieces)) else {}
            read += 1
        elif answer.streaming:
            list(answer.streaming_content)
    assert found == {}
    assert read > 40 and len(pieces) > 900


def test_english_among_spanish_is_seen() -> None:
    pieces = {"have this machine's owner at": "Have this machine's owner at {day}."}
    assert spoken_english("<p>Que sea Have this machine's owner at <b>3</b></p>", pieces) == list(pieces.values())
    assert "a smile moves the skin and makes folds" in english()


def test_what_is_outside_is_seen() -> None:
    page = f'<p title="{LEFT}a{RIGHT}">{LEFT}Rest {LEFT}3{RIGHT} days{RIGHT} and <b>so on</b></p><img alt="A face">'
    assert list(unsaid(page)) == [f"{LEFT}Rest {LEFT}3{RIGHT} days{RIGHT} and", "so on", "A face"]
