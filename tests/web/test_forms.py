"""The forms of the first run take what the planner takes, and refuse what it refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from needlewise.errors import InputError
from needlewise.knowledge import table
from needlewise.model import ACKNOWLEDGEMENTS, SEVERITIES
from needlewise.planning import read_person
from needlewise.planning.person import EVENTS, expand_zone
from needlewise.web.forms.about import DISTRESS, HOME_LIMIT, AboutForm, BabyForm
from needlewise.web.forms.costs import CostsForm
from needlewise.web.forms.drawer import DeviceForm, ProductsForm
from needlewise.web.forms.events import EventForm, any_zone
from needlewise.web.forms.goals import ConcernForm, GoalForm, zones_of
from needlewise.web.forms.health import HealthForm, MedicineForm
from needlewise.web.models import Event
from needlewise.web.services.planning import as_read
from needlewise.web.views import devices


def values(field: Any) -> set[str]:
    """Every value a field offers, through its groups."""
    found: set[str] = set()
    for value, label in field.choices:
        found |= {str(v) for v, _ in label} if isinstance(label, list | tuple) else {str(value)}
    return found - {""}


def posted(data: dict[str, Any]) -> QueryDict:
    sent = QueryDict(mutable=True)
    for key, value in data.items():
        sent.setlist(key, value if isinstance(value, list) else [str(value)])
    return sent


def accepted(told: dict[str, Any]) -> bool:
    try:
        read_person(told)
    except InputError:
        return False
    return True


def test_choices_are_those_of_the_knowledge() -> None:
    assert values(HealthForm({}).fields["conditions"]) == set(table("conditions")) - {DISTRESS}
    assert values(ConcernForm().fields["concern"]) == set(table("concerns"))
    assert values(DeviceForm().fields["kind"]) == set(table("kinds"))
    assert values(GoalForm({}, None, "glow").fields["severity"]) == set(SEVERITIES)
    assert (HOME_LIMIT,) == ACKNOWLEDGEMENTS
    assert set(EVENTS) - {"session"} <= values(EventForm().fields["what"]) <= set(Event.KINDS)
    offered = {z for word, _ in any_zone() if word for z in expand_zone(word, "")}
    assert offered == {z for r in table("zones").values() if not r.never for z in expand_zone(r.id, "")}


@pytest.mark.parametrize("concern", table("concerns"))
def test_a_concern_is_offered_where_the_planner_lets_it_be_treated(concern: str) -> None:
    every = {z for r in table("zones").values() if not r.never for z in expand_zone(r.id, "")}
    allowed = {z for z in every if accepted({"goals": [{"concern": concern, "zones": [z]}]})}
    assert set(zones_of(concern)) == allowed


@given(st.integers(1800, 2200), st.sampled_from(["", *"01234567"]))
def test_about_is_judged_by_the_planner(year: int, skin: str) -> None:
    form = AboutForm({}, posted({"birth_year": year, "skin_type": skin, "country": "GB", "time_zone": ""}))
    told: dict[str, Any] = {"birth_year": year, **({"skin_type": int(skin)} if skin else {})}
    assert form.is_valid() == accepted({"person": told})


@given(st.lists(st.sampled_from(sorted(set(table("conditions")) - {DISTRESS})), unique=True, min_size=1))
def test_conditions_are_judged_by_the_planner(chosen: list[str]) -> None:
    form = HealthForm({}, posted({"conditions": chosen, "answer": "some"}))
    assert form.is_valid() == accepted({"person": {"conditions": chosen}})
    if form.is_valid():
        profile: dict[str, Any] = {}
        form.write(profile)
        assert set(profile["person"]["conditions"]) == set(chosen)
        assert set(HealthForm(profile).initial["conditions"]) == set(chosen)


NAMES = st.text("abcdefimnoprstuw -", min_size=1, max_size=20).filter(str.strip)
SLIPS = st.sampled_from(["isotretinoin", "accutane", "isotretinion"])


@given(NAMES | SLIPS, st.none() | st.dates(dt.date(1890, 1, 1), dt.date(2210, 1, 1)))
def test_medicines_are_judged_by_the_planner(name: str, day: dt.date | None) -> None:
    form = MedicineForm({}, posted({"name": name, "last_taken": day.isoformat() if day else "", "answer": "some"}))
    told = {"name": name.strip(), **({"last_taken": day} if day else {})}
    assert form.is_valid() == accepted({"person": {"medicines": [told]}})


@pytest.mark.django_db
@given(st.floats(0.01, 6).map(lambda x: round(x, 3)), st.none() | st.integers(-3, 6000), st.sampled_from(["yes", "no", ""]))
def test_devices_are_judged_by_the_planner(mm: float, needles: int | None, shared: str) -> None:
    sent = {"kind": "roller", "mm": str(mm).replace(".", ","), "needles": "" if needles is None else needles, "shared": shared}
    form = DeviceForm(posted(sent))
    told = {"kind": "roller", "mm": mm, **({} if needles is None else {"needles": needles})}
    assert form.is_valid() == accepted({"devices": [told]})
    if form.is_valid():
        assert form.cleaned_data["shared"] == {"yes": True, "no": False, "": None}[shared]


@given(st.lists(st.text(min_size=1, max_size=600), max_size=3))
def test_products_are_judged_by_the_planner(lines: list[str]) -> None:
    form = ProductsForm({}, posted({"others": "\n".join(lines), "answer": "some"}))
    if form.is_valid():
        profile: dict[str, Any] = {}
        form.write(profile)
        assert profile["products"] and accepted(profile)


@given(st.sampled_from(["yes", "no", ""]), st.sampled_from(["yes", "no", ""]))
def test_not_known_is_kept_as_not_known(pregnant: str, nursing: str) -> None:
    form = BabyForm({}, posted({"pregnant": pregnant, "nursing": nursing}))
    assert form.is_valid()
    profile: dict[str, Any] = {}
    form.write(profile)
    person = read_person(as_read(profile))
    meaning = {"yes": True, "no": False, "": None}
    assert (person.pregnant, person.nursing) == (meaning[pregnant], meaning[nursing])
    assert BabyForm(profile).initial == {"pregnant": pregnant, "nursing": nursing}


def test_every_field_has_a_label() -> None:
    for form in (AboutForm({}), HealthForm({}), MedicineForm({}), ProductsForm({}), BabyForm({}), DeviceForm(), EventForm()):
        for field in form.fields.values():
            assert field.label or isinstance(field.widget, forms.HiddenInput)


@pytest.mark.parametrize(("language", "written", "wrong"), [("en", "0.25", "such as 0.25"), ("es", "0,25", "por ejemplo 0,25")])
@pytest.mark.django_db
def test_a_length_is_written_with_the_readers_own_sign_and_read_with_either(language: str, written: str, wrong: str) -> None:
    with translation.override(language):
        for form in (DeviceForm, devices.DeviceForm):
            shown = form(initial={"mm": 0.25})["mm"].as_widget()
            assert f'value="{written}"' in shown and 'inputmode="decimal"' in shown
            for text in ("0.25", "0,25", " 0,25 mm"):
                sent = form(posted({"kind": "roller", "mm": text, "uses_before": 0}))
                assert sent.is_valid() and sent.cleaned_data["mm"] == 0.25
            assert wrong in str(form(posted({"kind": "roller", "mm": "long"})).errors["mm"])
        costs = CostsForm({}, posted({"currency": "EUR", "device": written, "answer": "some"}))
        assert costs.is_valid() and costs.cleaned_data["device"] == 0.25, costs.errors
