"""A word of the glossary is explained where it stands, once a page, and what a sentence says is never changed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import chain

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import translation
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st

from needlewise.knowledge import table
from needlewise.web.templatetags.explained import explain, words

GLOSSARY = table("glossary")
FORMS = [(key, form) for key, term in GLOSSARY.items() for form in term.forms]


class Reader(HTMLParser):
    """What stands on the page while nothing is open, the words that can be tapped, and the tags there are."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags = "", set[str]()
        self.terms: list[str] = []
        self.ids: list[str] = []
        self.open: list[bool] = []  # for each open tag, whether it is hidden until it is asked for
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.add(tag)
        self.open.append("popover" in told or any(self.open[-1:]))
        if tag == "button":
            assert told["type"] == "button"  # inside a form it must not send it
            self.terms.append(told["popovertarget"] or "")
        if "popover" in told:
            self.ids.append(told["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open[-1:]):
            self.text += data


def told(*texts: str) -> Reader:
    context = Context({"explained": set()})
    return Reader("\n".join(explain(context, text) for text in texts))


SIGNS = [*"<>&\"' -.,;()", "<b>", "&amp;", "</p>"]
PIECES = st.one_of(st.sampled_from([form for _, form in FORMS]), st.sampled_from(SIGNS), st.text(max_size=8))


@pytest.mark.parametrize("language", ["en", "es"])
@given(pieces=st.lists(PIECES, max_size=12))
def test_what_is_said_is_never_changed_and_always_escaped(language: str, pieces: list[str]) -> None:
    text = "".join(pieces).replace("\x00", "").replace("\r", "")
    with translation.override(language):
        read = told(text, text)
    assert read.text == f"{text}\n{text}"
    assert read.tags <= {"span", "button", "strong", "a"}
    assert sorted(read.terms) == sorted(read.ids) and len(set(read.ids)) == len(read.ids)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("key", "form"), FORMS)
def test_every_form_is_found_in_a_sentence(language: str, key: str, form: str) -> None:
    with translation.override(language):
        form = translation.gettext(form)
        for sentence in (f"Here {form} stands.", f"{form.capitalize()}, first.", f"The last ({form.upper()})."):
            assert told(sentence).terms == [f"word-{key}"]
        for longer in (f"un{form}", f"{form}ly", f"non-{form}", f"{form}-like"):
            assert f">{form}</button>" not in explain(Context({}), longer)


def test_no_form_belongs_to_two_words() -> None:
    for language in ("en", "es"):
        with translation.override(language):
            said = [{translation.gettext(form) for form in term.forms} for term in GLOSSARY.values()]
            assert len(list(chain.from_iterable(said))) == len(words(language)[1])


def test_the_longest_word_wins_and_each_is_explained_once() -> None:
    read = told("A keloid scar, and the smallest detectable change.", "Keloids again; a granuloma.")
    assert read.terms == ["word-keloid", "word-smallest-detectable-change", "word-granuloma"]
    assert "keloid scar</button>" in explain(Context({"explained": set()}), "A keloid scar.")


def test_an_i_of_another_alphabet_is_no_i() -> None:
    assert told("mınoxıdıl").terms == []


def test_markup_is_left_as_it_is() -> None:
    link = mark_safe('<a href="/">keloid</a>')
    assert explain(Context({}), link) == link
    assert Template("{% explain text %}").render(Context({"text": "a < keloid"})).startswith("a &lt; <span")


def test_the_explanation_leads_to_its_sources() -> None:
    with translation.override("es"):
        shown = explain(Context({}), "Sobre un queloide.")
    assert 'href="/answers/words/#keloid"' in shown and "Fuentes y más palabras" in shown
    assert "<strong>Queloide</strong>" in shown
    with translation.override("es"):
        assert translation.gettext(GLOSSARY["keloid"].plain) in shown


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/plan/", "/answers/7/", "/answers/claims/"])
def test_a_page_explains_its_words_once_and_outside_links_and_headings(as_alice: Client, path: str) -> None:
    page = as_alice.get(path).content.decode()
    targets = re.findall(r'popovertarget="([^"]+)"', page)
    assert targets and len(targets) == len(set(targets))
    assert sorted(targets) == sorted(re.findall(r'id="(word-[^"]+)" popover', page))
    for inside in re.findall(r"<(a|h[1-6]|summary|label|button)\b[^>]*>(.*?)</\1>", page, re.DOTALL):
        assert "popovertarget" not in inside[1]
    glossary = as_alice.get("/answers/words/").content.decode()
    assert all(f'id="{target.removeprefix("word-")}"' in glossary for target in targets)
