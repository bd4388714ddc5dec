"""What the screens of a session ask about where it stands."""

from __future__ import annotations

from django import template

from needlewise.treat.stages import Stage
from needlewise.web.services.sessions import Now

register = template.Library()


@register.filter
def before(now: Now) -> str:
    """The stage before this one."""
    return now.stages[now.index - 1].id


@register.filter
def after(now: Now, steps: int) -> str:
    """The stage so many steps on, or "" behind the last."""
    return now.stages[now.index + steps].id if now.index + steps < len(now.stages) else ""


@register.filter
def each(stage: Stage) -> int:
    """Passes planned in each direction."""
    return stage.passes // max(1, len(stage.directions))


@register.filter
def sum_passes(passes: tuple[tuple[str, int], ...]) -> int:
    """Passes in all directions."""
    return sum(number for _, number in passes)


@register.filter
def choices_of(minutes: tuple[float, float]) -> list[float]:
    """The lengths a timer offers: the ends of what is said, and their middle where they are far apart."""
    low, high = minutes
    middle = [5 * round((low + high) / 10)] if high >= 2 * low and high > low else []
    return sorted({low, *middle, high})
