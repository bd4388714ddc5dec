"""Words explained where they stand: the first time a sentence of a page says one, it can be tapped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from needlewise.knowledge import table
from needlewise.knowledge.rows import Term
from needlewise.web.spoken import sentence

register = template.Library()
# A button is a box, so a line could break before the comma behind it: what follows stays with it.
BEHIND = r"[,.;:!?…)\]»”’]*"
SHOWN = (
    '<span class="explained"><button type="button" class="term" popovertarget="word-{id}">{word}</button>'
    '<span class="meaning" id="word-{id}" popover><strong>{term}</strong> <span>{plain}</span> '
    '<a href="{page}#{id}">{more}</a></span>{behind}</span>'
)


@register.simple_tag(takes_context=True)
def explain(context: template.Context, text: Any) -> SafeString:
    """Return a sentence, escaped, with what the page has not explained yet to be tapped; markup is left as it is."""
    said, end, parts = str(text), 0, []
    if isinstance(text, SafeString) and ("<" in said or "&" in said):
        return text
    known = context.get("explained")
    known = set() if known is None else known  # an empty one is the page's own, too
    for start, stop, word, term in found(get_language() or "", said):
        if term.id not in known:
            known.add(term.id)
            parts += [escape(said[end:start]), _shown(word, said[start + len(word) : stop], term)]
            end = stop
    return mark_safe("".join([*parts, escape(said[end:])]))


@lru_cache(maxsize=2048)  # the same sentences are shown again and again
def found(language: str, text: str) -> tuple[tuple[int, int, str, Term], ...]:
    """Return where a text says words of the glossary: start, end with the signs behind it, the word, and its row."""
    return tuple(_found(language, text))


def _found(language: str, text: str) -> Iterator[tuple[int, int, str, Term]]:
    pattern, rows = words(language)
    for match in pattern.finditer(text):
        if term := rows.get(match[1].casefold()):  # not for an ı, which counts as an i only where case is ignored
            yield match.start(), match.end(), match[1], term


@lru_cache(maxsize=16)
def words(language: str) -> tuple[re.Pattern[str], dict[str, Term]]:
    """Return what finds the glossary's words in the language that is spoken now, the longest first, and whose they are."""
    rows = {gettext(form).casefold(): term for term in table("glossary").values() for form in term.forms}
    longest = sorted(rows, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest))})(?![\w-]){BEHIND}", re.IGNORECASE), rows


def _shown(word: str, behind: str, term: Term) -> SafeString:
    title = sentence(term.term)
    return format_html(
        SHOWN, id=term.id, word=word, behind=behind, term=title[:1].upper() + title[1:], plain=sentence(term.plain),
        page=reverse("glossary"), more=gettext("Sources and more words"),
    )  # fmt: skip
