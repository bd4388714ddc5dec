"""The frame of a self-contained page with pictures: style, the slider, and nothing fetched from anywhere."""

from __future__ import annotations

import base64
import hashlib
from html import escape

STYLE = """
:root{color-scheme:light dark;--page:#faf5ee;--card:#fffdf9;--ink:#2e2722;--soft:#6a5d53;--line:#e3d7c8;--link:#00507a;
--good:#005a8c;--bad:#8f3a00;--calm:#5d5249}
@media (prefers-color-scheme:dark){:root{--page:#1f1a17;--card:#2a2420;--ink:#f3eae0;--soft:#c4b5a6;--line:#4a4039;
--link:#8ecbf0;--good:#7cc4f0;--bad:#f2b457;--calm:#cdbfb1}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 Georgia,"Times New Roman",serif;overflow-wrap:anywhere}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.25;font-weight:600}h1{font-size:1.5rem;margin:.4rem 0}h2{font-size:1.2rem;margin:0 0 .6rem}
h3{font-size:1.05rem;margin:0 0 .4rem}p{margin:.3rem 0}
section{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.9rem 1rem;margin:0 0 1rem}
.big{font-size:1.15rem;font-weight:600}.soft,figcaption,details{color:var(--soft);font-size:.9rem}
ul{margin:.3rem 0;padding-left:1.2rem}li{margin:.3rem 0}a{color:var(--link)}
.badge{display:inline-block;border:2px solid currentColor;border-radius:.4rem;padding:0 .45rem;font-weight:700;font-size:.92rem}
.better{color:var(--good)}.worse{color:var(--bad);border-style:double;border-width:4px}.calm{color:var(--calm)}
.waits{color:var(--calm);border-style:dotted}.out{color:var(--calm);border-style:dashed}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.8rem}
.cards>article{border:1px solid var(--line);border-radius:.6rem;padding:.7rem .8rem}
.cards.wide{grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr))}
.drawing{display:block;width:100%;max-width:22rem;height:auto;margin:0 auto}
.trend{display:block;width:100%;max-width:34rem;height:auto}
.row{border-top:1px solid var(--line);padding:.5rem 0}.row:first-of-type{border:0}
.row p{margin:.15rem 0}.numbers{font-size:.86rem;color:var(--soft);font-variant-numeric:tabular-nums}
.interval,.legend{display:block;width:100%;max-width:20rem;height:auto;margin:.2rem 0;font-family:sans-serif}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:.8rem}
.two.side{grid-template-columns:1fr 1fr;gap:.4rem}
figure{margin:0}img{display:block;max-width:100%;height:auto;border-radius:.4rem}figure img{width:100%}
.over{max-width:34rem;margin:0 auto}.frame{display:grid;grid-template-columns:1fr 1fr;gap:.4rem}
.over figure{position:relative}.over .zones{position:absolute;left:0;top:0;width:100%;height:auto;pointer-events:none}
.over figcaption{position:absolute;left:.4rem;bottom:.4rem;background:#000b;color:#fff;padding:0 .5rem;border-radius:.3rem}
.over input{display:none}
.on .frame{display:block;position:relative;touch-action:pan-y;user-select:none;cursor:ew-resize}
.on .one{position:absolute;inset:0;z-index:1;clip-path:inset(0 calc(100% - var(--at,50%)) 0 0)}
.on .two-of figcaption{left:auto;right:.4rem}
.on .frame::after{content:"";position:absolute;z-index:2;top:0;bottom:0;left:var(--at,50%);width:3px;
margin-left:-1.5px;background:#fff;box-shadow:0 0 0 1px #000;pointer-events:none}
.on input{display:block;width:100%;height:2.9rem;margin:0;accent-color:var(--link)}
.over input:focus-visible{outline:3px solid var(--link);border-radius:.4rem}
.switch{display:block;padding:.5rem 0}.switch input{width:1.3rem;height:1.3rem;vertical-align:middle}
main:has(.switch input:not(:checked)) .zones{display:none}
summary{cursor:pointer;padding:.5rem 0;color:var(--ink)}dt{font-weight:600;color:var(--ink)}dd{margin:0 0 .5rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{border-bottom:1px solid var(--line);padding:.3rem .25rem;
text-align:left;vertical-align:top;font-weight:400;overflow-wrap:break-word}th{color:var(--soft)}
@media (max-width:26rem){main{padding:.5rem}section{padding:.8rem .7rem}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--link:#000;--good:#000;--bad:#000;--calm:#000}
body{font-size:10.5pt}main{max-width:none;padding:0}article,figure,li,.over{break-inside:avoid}h2,h3{break-after:avoid}
.switch{display:none}.on .frame{display:grid}.on .one{position:relative;inset:auto;clip-path:none}
.on input,.on .frame::after{display:none}details::details-content{content-visibility:visible;block-size:auto}
.cards{grid-template-columns:1fr 1fr}}
"""
# Without it the two pictures stand side by side; with it they lie over each other.
SCRIPT = """
for (const box of document.querySelectorAll('[data-slider]')) {
  const range = box.querySelector('input');
  const frame = box.querySelector('.frame');
  const show = () => box.style.setProperty('--at', range.value + '%');
  const move = (event) => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    const edge = frame.getBoundingClientRect();
    range.value = 100 * (event.clientX - edge.left) / edge.width;
    show();
  };
  range.addEventListener('input', show);
  frame.addEventListener('pointerdown', move);
  frame.addEventListener('pointermove', move);
  frame.addEventListener('dragstart', (event) => event.preventDefault());
  box.classList.add('on');
  show();
}
"""


def page(name: str, body: str, script: str = "") -> str:
    """Return a whole page; `body` is HTML, and only the given script may run in it."""
    allowed = f"; script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" if script else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        f'{allowed}"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(name)}</title><style>{STYLE}</style></head>\n<body><main>{body}</main>"
        + (f"<script>{script}</script>" if script else "")
        + "</body></html>\n"
    )


def slider(before: str, after: str, overlay: str = "", names: tuple[str, str] = ("Before", "After")) -> str:
    """Return two pictures laid over each other, to be parted with a finger, the mouse or the arrow keys (`SCRIPT`).

    Parameters
    ----------
    before, after : str
        Addresses of pictures of one size; data: addresses in a page of its own.
    overlay : str
        SVG over both, such as `drawn.zone_overlay`.
    """
    one, two = (escape(name, quote=True) for name in names)
    return (
        f'<div class="over" data-slider><div class="frame"><figure class="one"><img alt="{one}" src="{before}">{overlay}'
        f'<figcaption>{one}</figcaption></figure><figure class="two-of"><img alt="{two}" src="{after}">{overlay}'
        f'<figcaption>{two}</figcaption></figure></div><input type="range" min="0" max="100" value="50" step="1" '
        f'aria-label="How much of the picture shows {one.lower()} (left) instead of {two.lower()} (right)"></div>'
    )


def figure(address: str, words: str, alt: str, below: str = "") -> str:
    """Return a picture with its caption; `below` is HTML that follows the picture, such as a legend."""
    shown = f'<img alt="{escape(alt, quote=True)}" src="{address}">'
    return f"<figure>{shown}{below}<figcaption>{escape(words)}</figcaption></figure>"


def section(name: str, inside: str) -> str:
    """Return a section, or "" where there is nothing in it."""
    return f"<section><h2>{escape(name)}</h2>{inside}</section>\n" if inside else ""


def data_address(picture: bytes) -> str:
    """Return a PNG or JPEG as a data: address."""
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
