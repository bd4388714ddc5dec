"""A plan as one HTML page that needs nothing else: no script, no picture, no font from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from needlewise.model import Plan, Says
from needlewise.share import merge, outline
from needlewise.share.merge import Area, Found, Todo, number, zone_word
from needlewise.share.outline import Day

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
summary{cursor:pointer;padding:.3rem 0;color:var(--ink)}section>details>summary{font-size:1.2rem;font-weight:600}
.cite{font-size:.8rem;word-spacing:.25em;color:var(--soft)}.line{margin:.6rem 0}ol{padding-left:2.2rem}
@media (max-width:26rem){main{padding:.6rem}dl{grid-template-columns:5.2rem 1fr}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--link:#000;--go:#000;--care:#000;
--stop:#000;--calm:#000}body{font-size:10.5pt}main{max-width:none;padding:0}article,li{break-inside:avoid}
h2,h3{break-after:avoid}details::details-content{content-visibility:visible;block-size:auto}}
"""


def plan_html(plan: Plan) -> str:
    """Return the plan as a whole page; every text in it is escaped."""
    cite = _Cite(outline.numbers(plan))
    body = "".join(
        [
            _top(plan),
            _section("Zone by zone", "".join(_area(a, cite) for a in merge.areas(plan))),
            _section("What was found", "".join(_found(f, cite) for f in outline.other_findings(plan))),
            _section("Your dates", "".join(_day(d, cite, plan) for d in outline.days(plan))),
            _post(plan, cite),
            _sources(plan, cite),
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


class _Cite:
    """Turn statements into small links to the numbered sources."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self.numbers = numbers

    def __call__(self, says: Iterable[Says]) -> str:
        """Return the sources' numbers as links."""
        found = sorted({self.numbers[s.source] for s in says})
        links = " ".join(f'<a href="#s{n}">{n}</a>' for n in found)
        return f' <span class="cite">[{links}]</span>' if found else ""


def _e(text: object) -> str:
    return escape(str(text), quote=True)


def _badge(word: str, text: str) -> str:
    return f'<span class="badge {_e(word)}"><span aria-hidden="true">{MARKS.get(word, "")}</span> {_e(text)}</span>'


def _section(title: str, inside: str) -> str:
    return f"<section><h2>{_e(title)}</h2>{inside}</section>\n" if inside else ""


def _top(plan: Plan) -> str:
    why, then = outline.reason(plan), outline.next_thing(plan)
    lines = [f"Setting: {plan.setting}. Start: {plan.start.isoformat()}."]
    lines += [f"Addressed to: {plan.addressed_to}."] if plan.addressed_to else []
    lines += [f"Acknowledged: {what} ({when})." for what, when in plan.acknowledged.items()]
    facts = "".join(f'<p class="soft">{_e(line)}</p>' for line in (*lines, plan.purpose))
    head = f"<p>{_badge(plan.verdict, merge.VERDICT_WORDS[plan.verdict])}</p>"
    head += f"<p>{_e(merge.in_file(why.finding) + _until(why.finding.until))}</p>" if why else ""
    head += f"<p><strong>{_e(then)}</strong></p>" if then else ""
    return f'<h1>Microneedling plan</h1><div class="top">{head}{facts}</div>\n'


def _until(date: object) -> str:
    return f" Until {date}." if date else ""


def _found(found: Found, cite: _Cite) -> str:
    f = found.finding
    where = zone_word(found.zones)
    head = _badge(f.effect, merge.EFFECT_WORDS[f.effect]) + (f" {_e(where)}" if where else "")
    text = f"{_e(merge.in_file(f) + _until(f.until))}{cite(f.says)}"
    if f.effect in ("add", "note"):
        return f'<p class="line">{head} {text}</p>'
    return f"<article><p>{head}</p><p>{text}</p></article>"


def _area(area: Area, cite: _Cite) -> str:
    z = area.plan
    rows = [("Needle", f"{number(z.mm)} mm" if merge.planned(z) else "none: nothing is planned here")]
    rows.append(("Published", f"{number(z.mm_range)} mm" if z.mm_range else ""))
    if merge.planned(z):
        every = f", every {z.interval_days} days" if z.interval_days is not None and z.sessions > 1 else ""
        rows.append(("Passes", z.technique))
        rows.append(("Sessions", f"{z.sessions}{every}"))
        rows.append(("Enough", z.endpoint))
    rows.append(("First", z.first.isoformat() if z.first else ""))
    rows.append(("Review", z.review.isoformat() if z.review else ""))
    cells = "".join(f"<dt>{label}</dt><dd>{_e(value)}</dd>" for label, value in rows if value)
    cells += f"<dt>Why</dt><dd>{_e(z.why)}{cite(z.says)}</dd>"
    badge = _badge(z.verdict, merge.VERDICT_WORDS[z.verdict])
    return f"<article><h3>{_e(zone_word(area.zones))}</h3><p>{badge}</p><dl>{cells}</dl></article>"


def _day(day: Day, cite: _Cite, plan: Plan) -> str:
    date = f'<time datetime="{day.date.isoformat()}">{day.date.isoformat()}</time> {day.date:%A}'
    todos = "".join(_todo(t, cite, plan) for t in day.todos)
    out = f"<article><h3>{date}</h3><ul>{todos}</ul></article>" if todos else ""
    for s in day.later:
        mm = f", {number(s.mm)} mm" if s.mm is not None else ""
        head = f"{date}: session {s.session} ({_e(outline.where(plan, s.zones) + mm)})"
        items = "".join(f"<li>{_e(line)}</li>" for line in (f"all as session {s.like}", *s.dates))
        out += f"<article><details><summary>{head}</summary><ul>{items}</ul></details></article>"
    return out


def _todo(todo: Todo, cite: _Cite, plan: Plan) -> str:
    s = todo.step
    where = outline.where(plan, todo.zones)
    text = outline.care_text(s.text)
    text += "" if s.until and s.until.isoformat() in text else _until(s.until)
    name = outline.head(todo)
    if not name:
        name, _, text = text.partition(". ")
    tail = (f", {where}" if where else "") + (f", {number(s.mm)} mm" if s.mm is not None else "")
    return f"<li><strong>{_e(name)}</strong>{_e(tail)}: {_e(text)}{cite(s.says)}</li>"


def _post(plan: Plan, cite: _Cite) -> str:
    items = ""
    for topic, (said, says) in outline.post_topics(plan).items():
        items += f"<li><strong>{_e(topic)}</strong>: {_e(said)}{cite(says)}</li>"
    for s, others in outline.post_differs(plan):
        put = "; ".join(f"{_e(words)}{cite(group)}" for words, group in outline.others(others))
        items += f"<li>{_e(f'{s.text} ({merge.measured(s)})')} Others: {put}.</li>"
    also = "".join(f"<li>{_e(s.text)}</li>" for s in outline.post_rest(plan))
    return _folded("What the post says where it differs", items) + _folded(merge.POST_ALSO, also)


def _folded(title: str, items: str, tag: str = "ul") -> str:
    return f"<section><details><summary>{_e(title)}</summary><{tag}>{items}</{tag}></details></section>\n" if items else ""


def _sources(plan: Plan, cite: _Cite) -> str:
    items = ""
    for s in outline.one_of_each(plan):
        source = merge.source_of(s)
        title = _e(source.title) if source else ""
        if source and source.url.startswith(("https://", "http://")):
            title = f'<a href="{_e(source.url)}" rel="noopener noreferrer">{title}</a>'
        items += f'<li id="s{cite.numbers[s.source]}">{_e(merge.short_name(s))}{". " if title else ""}{title}</li>'
    return _folded("Sources", items, "ol")
