"""Drawings of a face and a body in which every zone is a shape that can be tapped.

The check boxes of a form hold the choice; a drawing is a second way to reach them. In the page each shape is a link to its box,
`#zone-<key>`, so it works without script; `static/zones.js` turns the links into switches of the boxes, and `static/zones.css`
colours them. A key is a zone's id, with `-left` or `-right` where it has sides: the person's own, as everywhere. On every drawing
the person's left is on the left, as in a mirror.

What a form needs: one `<input type="checkbox" value="<key>">` (or radio) for each zone, in the same `<form>` as the drawing, each
in an element with `id="zone-<key>"`. A box for several zones at once carries their keys in `data-members`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import resources
from xml.etree import ElementTree

from needlewise.errors import InputError, nearest

DRAWINGS = ("face", "scalp", "body-front", "body-back", "hands")
NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'  # HTML needs none, and without it names stay plain


def words(name: str) -> tuple[str, str]:
    """Return what a drawing shows and how to look at it, in English, as written in the file."""
    root = _read(name)
    return root.findtext("title", ""), root.findtext("desc", "")


def zones_in(name: str) -> tuple[str, ...]:
    """Return the keys of the zones in a drawing that may be offered; those never to needle are drawn and not among them."""
    return tuple(shape.get("data-zone", "") for shape in _shapes(_read(name)) if not _never(shape))


def zones_svg(name: str, chosen: Collection[str], allowed: Collection[str], labels: Mapping[str, str]) -> str:
    """Return a drawing as SVG for an HTML page.

    Parameters
    ----------
    name : str
        One of `DRAWINGS`.
    chosen, allowed : collections of zone keys
        What is chosen, and what may be; keys of zones that are elsewhere are passed over. A shape gets the classes `allowed` and
        `chosen`, or `never`, or `off` where it may not be chosen now. Zones never to needle stay `never` whatever is allowed.
    labels : mapping
        What to call each zone; also the drawing itself (under `name`), how to look at it (`<name>-caption`), and `left` and
        `right` for the two words at its sides. What is missing is said in English.

    Raises
    ------
    InputError
        There is no such drawing.
    """
    root = _read(name)
    title, caption = words(name)
    for tag in ("title", "desc"):  # as a title it would follow the pointer everywhere
        root.remove(_child(root, tag))
    root.attrib.update({"role": "group", "aria-label": f"{labels.get(name, title)}. {labels.get(f'{name}-caption', caption)}"})
    for text in root.iter("text"):
        text.text = labels.get(text.get("data-text", ""), text.text)
    for shape in _shapes(root):
        key = shape.get("data-zone", "")
        said = _child(shape, "title")
        said.text = labels.get(key, said.text)
        shape.set("aria-label", said.text or key)
        if _never(shape):
            shape.set("role", "img")
        elif key not in allowed:
            shape.attrib.update({"class": "zone off chosen" if key in chosen else "zone off", "role": "img"})
        else:
            shape.tag = "a"
            shape.attrib.update({"class": "zone allowed", "href": f"#zone-{key}", "tabindex": "-1"})  # keys go through the list
            if key in chosen:
                shape.attrib.update({"class": "zone allowed chosen", "aria-current": "true"})
    return ElementTree.tostring(root, encoding="unicode")


def _read(name: str) -> ElementTree.Element:
    if name not in DRAWINGS:
        raise InputError("drawing", name, ", ".join(DRAWINGS), nearest(name, list(DRAWINGS)))
    text = (resources.files("needlewise.web") / "drawings" / f"{name}.svg").read_text(encoding="utf-8")
    return ElementTree.fromstring(text.replace(NAMESPACE, "", 1))


def _shapes(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [shape for shape in root.iter("g") if shape.get("data-zone")]


def _never(shape: ElementTree.Element) -> bool:
    return "never" in shape.get("class", "").split()


def _child(element: ElementTree.Element, tag: str) -> ElementTree.Element:
    found = element.find(tag)
    if found is None:
        raise ValueError(f"a drawing lacks its {tag}")
    return found
