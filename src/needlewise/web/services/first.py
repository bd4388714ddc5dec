"""The steps of the first run: what each asks, what has been answered, and where to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from needlewise.knowledge import table
from needlewise.planning.safety import QUESTIONS
from needlewise.web.forms.about import AboutForm, BabyForm, GentleForm, LimitsForm
from needlewise.web.forms.drawer import ProductsForm
from needlewise.web.forms.health import HealthForm, MedicineForm, WhereForm, local_conditions
from needlewise.web.forms.profile import ProfileForm, names_of
from needlewise.web.models import Event, Person, Session
from needlewise.web.services.planning import with_uses

Answered = Callable[[Person], bool]


@dataclass(frozen=True)
class Step:
    """One screen. `form` is None where the screen has a view of its own."""

    name: str
    form: type[ProfileForm] | None
    answered: Answered
    asked: Answered = lambda person: True


def _told(person: Person) -> dict[str, Any]:
    told: dict[str, Any] = person.profile.get("person", {})
    return told


def _has_events(person: Person) -> bool:
    return bool(_told(person).get("events_known")) or Event.objects.of(person).exists() or Session.objects.of(person).exists()


def _has_devices(person: Person) -> bool:
    return bool(_told(person).get("devices_known")) or with_uses(person).exists()


STEPS = (
    Step("about", AboutForm, lambda p: "birth_year" in _told(p)),
    Step("goals", None, lambda p: bool(p.profile.get("goals"))),
    Step("health", HealthForm, lambda p: "conditions" in _told(p)),
    Step("where", WhereForm, lambda p: any(isinstance(c, dict) for c in _told(p).get("conditions") or []),
         asked=lambda p: bool(local_conditions(p.profile))),
    Step("family", BabyForm, lambda p: "pregnant" in _told(p) and "nursing" in _told(p)),
    Step("medicines", MedicineForm, lambda p: "medicines" in _told(p)),
    Step("devices", None, _has_devices),
    Step("products", ProductsForm, lambda p: "products" in p.profile),
    Step("events", None, _has_events),
    Step("limits", LimitsForm, lambda p: p.understood is not None),
    Step("gentle", GentleForm, lambda p: "distress" in _told(p)),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}
STEP_OF = {  # which screen answers what the planner asks
    "birth_year": "about", "skin_type": "about", "conditions": "health", "medicines": "medicines", "pregnant": "family",
    "nursing": "family", "devices": "devices", "events": "events",
}  # fmt: skip
OPTIONAL = ("where", "gentle")
assert set(STEP_OF) == set(QUESTIONS)


def after(person: Person, name: str) -> str:
    """Return the step that follows, or "plan" at the end."""
    names = [step.name for step in STEPS]
    rest = STEPS[names.index(name) + 1 :]
    return next((step.name for step in rest if step.asked(person)), "plan")


def before(person: Person, name: str) -> str:
    """Return the step that comes before, or "" at the start."""
    names = [step.name for step in STEPS]
    earlier = STEPS[: names.index(name)] if name in names else STEPS
    return next((step.name for step in reversed(earlier) if step.asked(person)), "")


def resume(person: Person) -> str:
    """Return the step to go on with: the one after the last that was left, or "plan"."""
    left = person.profile.get("person", {}).get("left", "")
    return after(person, left) if left in BY_NAME else STEPS[0].name


def told(person: Person, name: str) -> str:
    """Return in a few words what was answered on a screen; "" where nothing was."""
    profile, said = person.profile, _told(person)
    if name == "about":
        skin = gettext("skin type %(n)s") % {"n": said["skin_type"]} if said.get("skin_type") else ""
        return _list([str(said.get("birth_year") or ""), skin, said.get("country", "")])
    if name == "goals":
        return _list(gettext(table("concerns")[g["concern"]].label) for g in profile.get("goals") or [])
    if name == "health" and said.get("conditions"):
        return _list(gettext(table("conditions")[n].label) for n in names_of(said["conditions"]))
    if name == "family":
        yes = {"pregnant": gettext("pregnant"), "nursing": gettext("nursing")}
        return _list(word for key, word in yes.items() if said.get(key)) or (gettext("no") if "pregnant" in said else "")
    if name in ("medicines", "products") and (items := said.get(name) or profile.get(name)):
        return _list(names_of(items))
    return gettext("none") if BY_NAME[name].answered(person) and name in ("health", "medicines", "products") else ""


def _list(words: Iterable[str]) -> str:
    found = [w for w in words if w]
    return ", ".join(found[:4]) + (" …" if len(found) > 4 else "")
