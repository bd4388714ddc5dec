"""A comparison as one page: the two photos laid over each other, maps of the change, a table and the reasons."""

from __future__ import annotations

import base64
from html import escape

from needlewise.measure.pair import Comparison
from needlewise.measure.pictures import aligned_pictures, change_map
from needlewise.share.measured import TEXTURE_WORDS

STYLE = """
:root{--paper:#faf6f1;--card:#fffdfa;--ink:#2c2320;--soft:#6b5d57;--line:#e2d6cb;--good:#0b5d7a;--bad:#8a2c12}
@media (prefers-color-scheme:dark){:root{--paper:#1c1817;--card:#27211f;--ink:#f1e9e3;--soft:#b9aaa2;--line:#463c37;
--good:#7cc7e6;--bad:#f0a184}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 Georgia,serif}
main{max-width:48rem;margin:0 auto;padding:1rem .7rem}section{background:var(--card);border:1px solid var(--line);
border-radius:.7rem;padding:1rem;margin:0 0 1rem}h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0 0 .5rem}
.over{position:relative;max-width:100%;overflow:hidden;border-radius:.5rem}.over img{display:block;width:100%}
.over .top{position:absolute;inset:0;clip-path:inset(0 calc(100% - var(--at,50%)) 0 0)}
input[type=range]{width:100%;min-height:2.6rem}table{border-collapse:collapse;width:100%;font-size:.92rem}
td,th{border-bottom:1px solid var(--line);padding:.35rem .3rem;text-align:left;vertical-align:top}
.better{color:var(--good);font-weight:bold}.worse{color:var(--bad);font-weight:bold}.soft{color:var(--soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.6rem}.pair img{width:100%;border-radius:.5rem}
figure{margin:0}figcaption{font-size:.85rem;color:var(--soft)}.scroll{overflow-x:auto}
@media print{input{display:none}section{break-inside:avoid}}
"""
SLIDE = (
    "for(const r of document.querySelectorAll('input[type=range]'))"
    "r.oninput=()=>r.previousElementSibling.style.setProperty('--at',r.value+'%')"
)


def comparison_html(found: Comparison) -> str:
    """Return the page: self-contained, nothing is fetched."""
    before, after = (_data(png) for png in aligned_pictures(found))
    maps = "".join(
        f'<figure><img alt="Map of the change in {what}" src="{_data(change_map(found, what))}">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
        for what, words in (
            ("redness", "Redness: orange is redder than before, blue is paler; white is no difference."),
            ("pigment", "Pigment: orange is darker than before, blue is lighter."),
        )
        if found.comparable[what].verdict != "not comparable"
    )
    changes = "".join(
        f"<tr><td>{escape(c.zone)}</td><td>{escape(c.what)}</td><td class='{_kind(c.verdict)}'>{escape(c.verdict)}</td>"
        f"<td>{_number(c.difference)}</td><td>{_number(c.low)} to {_number(c.high)}</td>"
        f"<td>{_number(c.smallest_detectable, '')}</td>"
        f"<td>{escape(c.unit)}</td></tr>"
        for c in found.changes
    )
    gates = "".join(
        f"<li><b>{escape(name)}</b>: {escape(c.verdict)}"
        + ("<ul>" + "".join(f"<li>{escape(r)}</li>" for r in c.reasons) + "</ul>" if c.reasons else "")
        + "</li>"
        for name, c in found.comparable.items()
    )
    bases = dict.fromkeys(c.basis for c in found.changes if c.difference is not None)
    notes = "".join(f"<p>{escape(n)}</p>" for n in (*bases, TEXTURE_WORDS, *found.notes))
    show = f"<section><h2>Where it changed</h2><div class='pair'>{maps}</div></section>" if maps else ""
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        f"content='width=device-width,initial-scale=1'><title>Before and after</title><style>{STYLE}</style></head><body><main>"
        "<h1>Is the change real?</h1>"
        f"<section><h2>Before and after, laid over each other</h2><div class='over'><img alt='After' src='{after}'>"
        f"<img class='top' alt='Before' src='{before}'></div><input type='range' min='0' max='100' value='50' "
        "aria-label='Slide between before (left) and after (right)'>"
        "<p class='soft'>Left of the line: before. Right: after.</p></section>"
        f"<section><h2>May they be compared?</h2><ul>{gates}</ul></section>{show}"
        "<section><h2>What changed</h2><div class='scroll'><table><tr><th>Zone</th><th>What</th><th>Verdict</th><th>Change</th>"
        f"<th>95 % interval</th><th>Smallest detectable</th><th>Unit</th></tr>{changes}</table></div></section>"
        f"<section><h2>How sure is this?</h2>{notes}<p class='soft'>This measures pictures. It is no diagnosis.</p></section>"
        f"</main><script>{SLIDE}</script></body></html>"
    )


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _number(value: float | None, sign: str = "+") -> str:
    return "–" if value is None else f"{value:{sign}.2f}"


def _kind(verdict: str) -> str:
    return verdict if verdict in ("better", "worse") else "soft"
