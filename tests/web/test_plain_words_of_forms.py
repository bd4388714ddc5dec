"""Every form says what is wrong in words of its own, in each language, never in Django's."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms as django_forms
from django.utils import translation

from needlewise.web import forms, views
from needlewise.web.forms import plain
from needlewise.web.forms.drawer import DeviceForm
from needlewise.web.forms.plain import Plainly, plain_words
from needlewise.web.views.yours import DeleteForm, NewPersonForm, RestoreForm


def form_classes() -> Iterator[type[django_forms.BaseForm]]:
    for package in (forms, views):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and issubclass(found, django_forms.BaseForm):
                    yield found


def test_every_form_speaks_plainly() -> None:
    ours = {found for found in form_classes() if found.__module__.startswith("needlewise")}
    assert len(ours) > 20
    assert [found.__name__ for found in ours if not issubclass(found, Plainly)] == []


@pytest.mark.parametrize("kind", [*plain.WORDS, django_forms.TypedChoiceField, django_forms.DecimalField])
def test_nothing_of_a_field_that_is_empty_or_wrong_is_said_as_django_says_it(kind: type[django_forms.Field]) -> None:
    field = kind(max_digits=3, decimal_places=1) if kind is django_forms.DecimalField else kind()
    before = {code: str(text) for code, text in field.error_messages.items()}
    said = {**before, **{code: str(text) for code, text in plain_words(field).items()}}
    for code in ("required", "invalid", "invalid_choice", "invalid_list", "missing", "empty"):
        if code in before:
            assert said[code] != before[code], (kind.__name__, code)


def test_a_message_that_a_field_brings_along_stays() -> None:
    field = django_forms.CharField(error_messages={"required": "Which one?"})
    assert "required" not in plain_words(field)


SENT: list[tuple[Any, dict[str, Any], str, str, str]] = [
    (DeviceForm, {}, "kind", "Please choose one.", "Elige una opción, por favor."),
    (DeviceForm, {}, "mm", "Please fill this in.", "Rellena este campo, por favor."),
    (DeviceForm, {"mm": "long"}, "mm", "Write a length in millimetres, such as 0.25.",
     "Escribe un largo en milímetros, por ejemplo 0,25."),
    (DeviceForm, {"needles": "many"}, "needles", "Write a number, such as 3.", "Escribe un número, como 3."),
    (DeviceForm, {"bought": "spring"}, "bought", "Write a day, such as 2026-03-31.", "Escribe un día, como 2026-03-31."),
    (RestoreForm, {}, "file", "Please choose a file.", "Elige un archivo, por favor."),
    (RestoreForm, {}, "sure", "Please tick this to go on.", "Marca esta casilla para continuar, por favor."),
    (NewPersonForm, {"name": "Ana María"}, "name", "Use letters without accents, digits, “-” and “_” only, and no spaces.",
     "Usa solo letras sin acentos, cifras, «-» y «_», sin espacios."),
    (DeleteForm, {"word": "x" * 21}, "word", "This is too long: 20 characters at most, and you wrote 21.",
     "Es demasiado largo: como máximo 20 caracteres, y has escrito 21."),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "sent", "name", "english", "spanish"), SENT)
def test_what_is_said_beside_a_field(form: Any, sent: dict[str, Any], name: str, english: str, spanish: str) -> None:
    for language, text in (("en", english), ("es", spanish)):
        with translation.override(language):
            assert form(sent).errors[name] == [text]
