"""A plan as one HTML page that needs nothing else: no script, no picture, no font from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from needlewise.model import Plan, Says
from needlewise.share import merge
from needlewise.share.merge import Area, Found, Todo, number, zone_word

# A badge always says its word; the mark and the border's pattern tell it apart without any colour.
MARKS = {
    "go": "✓",
    "limited": "≤",
    "limit": "≤",
    "ask": "?",
    "wait": "◷",
    "refer": "→",
    "stop": "✕",
    "add": "+",
    "note": "i",
}
STYLE = """
:root{color-scheme:light dark;--page:#faf5ee;--card:#fffdf9;--ink:#2e2722;--soft:#6a5d53;--line:#e3d7c8;--link:#00507a;
--go:#005a8c;--care:#8a4b00;--stop:#8f1d14;--calm:#5d5249}
@media (prefers-color-scheme:dark){:root{--page:#1f1a17;--card:#2a2420;--ink:#f3eae0;--soft:#c4b5a6;--line:#4a4039;
--link:#8ecbf0;--go:#7cc4f0;--care:#f2b457;--stop:#ff9d8f;--calm:#cdbfb1}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 Georgia,"Times New Roman",serif;
overflow-wrap:anywhere}
main{max-width:46rem;margin:0 auto;padding:1rem}
h1,h2,h3{line-height:1.25;font-weight:600}h1{font-size:1.5rem}h2{font-size:1.2rem;margin:2rem 0 .6rem}
h3{font-size:1rem;margin:0 0 .3rem}p{margin:.3rem 0}
section>article,.top{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.8rem 1rem;
margin:.6rem 0}
.soft,details{color:var(--soft);font-size:.9rem}
.badge{display:inline-block;border:2px solid currentColor;border-radius:.4rem;padding:0 .5rem;font-weight:700}
.go{color:var(--go)}.limited,.limit,.ask,.wait{color:var(--care)}.refer,.stop{color:var(--stop)}.add,.note{color:var(--calm)}
.limited,.limit{border-style:dashed}.ask,.wait{border-style:dotted}.stop,.refer{border-style:double;border-width:4px}
dl{display:grid;grid-template-columns:7rem 1fr;gap:.15rem .6rem;margin:.4rem 0}dt{color:var(--soft)}dd{margin:0}
ul{margin:.3rem 0;padding-left:1.2rem}li{margin:.25rem 0}a{color:var(--link)}
summary{cursor:pointer;padding:.3rem 0}
@media (max-width:26rem){main{padding:.6rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.3rem}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--link:#000;--go:#000;--care:#000;
--stop:#000;--calm:#000}body{font-size:10.5pt}main{max-width:none;padding:0}article,li{break-inside:avoid}
h2,h3{break-after:avoid}details::details-content{content-visibility:visible;block-size:auto}}
"""


def plan_html(plan: Plan) -> str:
    """Return the plan as a whole page; every text in it is escaped."""
    found = "".join(_found(f) for f in merge.findings(plan))
    zones = "".join(_area(a) for a in merge.areas(plan))
    days = "".join(
        f'<article><h3><time datetime="{d.isoformat()}">{d.isoformat()}</time> {d:%A}</h3>'
        f"<ul>{''.join(_todo(t) for t in day)}</ul></article>"
        for d, day in merge.todos(plan).items()
    )
    body = "".join(
        [
            _top(plan),
            _section("What was found", found),
            _section("Zone by zone", zones),
            _section("Day by day", days),
            _post(plan),
            _sources(s for group in merge.all_says(plan) for s in group),
        ]
    )
    stamp = _e(", ".join(f"{k} {v}" for k, v in plan.knowledge.items()))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="referrer" content="no-referrer">'
        f"<title>Microneedling plan</title><style>{STYLE}</style></head>\n"
        f'<body><main>{body}<footer class="soft"><p>Made from knowledge: {stamp}.</p></footer></main></body></html>\n'
    )


def _e(text: object) -> str:
    return escape(str(text), quote=True)


def _badge(word: str, text: str) -> str:
    return f'<span class="badge {_e(word)}"><span aria-hidden="true">{MARKS.get(word, "")}</span> {_e(text)}</span>'


def _section(title: str, inside: str) -> str:
    return f"<section><h2>{_e(title)}</h2>{inside}</section>\n" if inside else ""


def _top(plan: Plan) -> str:
    lines = [f"Setting: {plan.setting}. Start: {plan.start.isoformat()}."]
    lines += [f"Addressed to: {plan.addressed_to}."] if plan.addressed_to else []
    lines += [f"Acknowledged: {what} ({when})." for what, when in plan.acknowledged.items()]
    facts = "".join(f'<p class="soft">{_e(line)}</p>' for line in lines)
    head = _badge(plan.verdict, merge.VERDICT_WORDS[plan.verdict])
    return f'<h1>Microneedling plan</h1><div class="top"><p>{head}</p><p>{_e(plan.purpose)}</p>{facts}</div>\n'


def _cited(says: Iterable[Says]) -> str:
    """Return what each source says, folded away."""
    items = "".join(f"<li>{_e(s.text)} <em>{_e(merge.source_name(s))}</em></li>" for s in merge.unique(says))
    return f"<details><summary>Who says so</summary><ul>{items}</ul></details>" if items else ""


def _found(found: Found) -> str:
    f = found.finding
    where = zone_word(found.zones)
    until = f" Until {f.until.isoformat()}." if f.until else ""
    head = _badge(f.effect, merge.EFFECT_WORDS[f.effect]) + (f" {_e(where)}" if where else "")
    return f"<article><p>{head}</p><p>{_e(f.message + until)}</p>{_cited(f.says)}</article>"


def _area(area: Area) -> str:
    z = area.plan
    rows = [("Length range", f"{number(z.mm_range)} mm" if z.mm_range else "")]
    rows.append(("Chosen", f"{number(z.mm)} mm" if z.mm is not None else "none: nothing may be planned here"))
    rows.append(("Why", z.why))
    if z.mm is not None:
        rows.append(("Passes", f"{z.passes} × {z.directions} directions"))
        rows.append(("Endpoint", z.endpoint))
        rows.append(("Interval", f"{z.interval_days} days" if z.interval_days is not None else ""))
        rows.append(("Sessions", str(z.sessions)))
    rows.append(("First", z.first.isoformat() if z.first else ""))
    rows.append(("Review", z.review.isoformat() if z.review else ""))
    cells = "".join(f"<dt>{label}</dt><dd>{_e(value)}</dd>" for label, value in rows if value)
    badge = _badge(z.verdict, merge.VERDICT_WORDS[z.verdict])
    return f"<article><h3>{_e(zone_word(area.zones))}</h3><p>{badge}</p><dl>{cells}</dl>{_cited(z.says)}</article>"


def _todo(todo: Todo) -> str:
    s = todo.step
    where = zone_word(todo.zones)
    head = merge.action_word(s.action, s.session)
    tail = (f" [{where}]" if where else "") + (f" {number(s.mm)} mm" if s.mm is not None else "")
    until = f" Until {s.until.isoformat()}." if s.until else ""
    return f"<li><strong>{_e(head)}</strong>{_e(tail)}: {_e(s.text + until)}{_cited(s.says)}</li>"


def _post(plan: Plan) -> str:
    differ, rest = merge.from_the_post(plan)
    items = ""
    for s, others in differ:
        inner = "".join(f"<li>{_e(f'{o.source} ({o.kind}): {merge.measured(o)}')}</li>" for o in others)
        items += f"<li>{_e(f'{s.text} ({merge.measured(s)})')}<ul>{inner}</ul></li>"
    also = "".join(f"<li>{_e(s.text)}</li>" for s in rest)
    return _section("What the post says where it differs", f"<ul>{items}</ul>" if items else "") + _section(
        merge.POST_ALSO, f"<ul>{also}</ul>" if also else ""
    )


def _sources(says: Iterable[Says]) -> str:
    items = ""
    for s in sorted(merge.by_source(says), key=lambda s: s.source):
        source = merge.source_of(s)
        title = _e(source.title) if source else ""
        if source and source.url.startswith(("https://", "http://")):
            title = f'<a href="{_e(source.url)}" rel="noopener noreferrer">{title}</a>'
        items += f"<li>{_e(merge.source_name(s))}{': ' if title else ''}{title}</li>"
    return _section("Sources", f"<details><summary>All sources</summary><ul>{items}</ul></details>" if items else "")
