"""Errors a person may meet, as a tree.

NeedlewiseError
├── InputError       something the person wrote cannot be used (exit status 2)
└── KnowledgeError   a knowledge file is not exact (file, row and key are named)
"""

from __future__ import annotations

from needlewise.said import say

__all__ = ["InputError", "KnowledgeError", "NeedlewiseError", "nearest"]


class NeedlewiseError(Exception):
    """Base of every error raised on purpose."""


class InputError(NeedlewiseError):
    """One field of the input is wrong: says field, value, what is allowed, and the nearest match."""

    def __init__(self, field: str, value: object, allowed: str, hint: str = "") -> None:
        self.field, self.value, self.allowed, self.hint = field, value, allowed, hint
        text = f"{field}: {value!r} cannot be used; allowed: {allowed}"
        super().__init__(f"{text}; {hint}" if hint else text)

    @property
    def needed(self) -> str:
        """What is allowed and what to do, for where the field and its value mean nothing to the reader."""
        if not self.hint:
            return say("needed: {allowed}", allowed=self.allowed)
        return say("needed: {allowed}; {hint}", allowed=self.allowed, hint=self.hint)


class KnowledgeError(NeedlewiseError):
    """A knowledge file is refused."""

    def __init__(self, file: str, row: str, key: str, problem: str) -> None:
        super().__init__(f"{file}, row {row!r}, key {key!r}: {problem}")


def nearest(word: str, choices: list[str], cutoff: float = 0.6) -> str:
    """Return "did you mean X?" for the closest of `choices`, or ""."""
    from difflib import get_close_matches

    match = get_close_matches(word, choices, n=1, cutoff=cutoff)
    return say("did you mean {word}?", word=match[0]) if match else ""
