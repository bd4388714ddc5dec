"""needlewise: plan, treat, measure and learn about microneedling, safely. Loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from needlewise.planning import load_person as load_person
    from needlewise.planning import plan as plan

__version__ = "0.1.0"
__all__ = ["load_person", "plan"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from importlib import import_module

        return getattr(import_module("needlewise.planning"), name)
    raise AttributeError(f"module 'needlewise' has no attribute {name!r}")
