"""The commands of measure: compare, measure, photo."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from needlewise.errors import InputError

if TYPE_CHECKING:
    from needlewise.measure.comparison import Comparison


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    p = commands.add_parser("compare", help="is the change real? photos from before against photos from after")
    p.add_argument("--before", nargs="+", required=True, metavar="PHOTO", help="one to nine shots; three are advised")
    p.add_argument("--after", nargs="+", required=True, metavar="PHOTO")
    p.add_argument("--zone", nargs="+", action="extend", default=[], metavar="ZONE", help="what was treated, such as cheek-right")
    p.add_argument("--control", default="", metavar="ZONE", help="untreated skin to read against; with --region its corners")
    _drawn(p)
    p.add_argument("--card", action="store_true", help="a colour card is in every photo")
    p.add_argument("--make-up", choices=["yes", "no"], help="whether make-up was worn in either")
    p.add_argument("--last-session", type=_day, metavar="DATE")
    p.add_argument("--review", type=_day, metavar="DATE", help="the plan's review date: before it, it is too early")
    p.add_argument("--untreated", nargs="+", action="append", default=[], metavar="PHOTO",
                   help="all shots of one day before anything was done; once for each of at least two days")  # fmt: skip
    p.add_argument("--raking", action="store_true",
                   help="scars by eye: two photos a day, one lamp from the left and one from the right")  # fmt: skip
    p.add_argument("--anyway", action="store_true", help="numbers even for photos sooner apart than skin can change")
    form = p.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--html", metavar="FILE", help="write a page")
    p.add_argument("--overlays", metavar="DIR", help="also write the pictures as small PNG files into this folder")
    p.set_defaults(run=_compare)
    p = commands.add_parser("measure", help="what one photo shows, zone by zone")
    p.add_argument("photo")
    p.add_argument("--card", action="store_true", help="a colour card is in the photo")
    _drawn(p)
    p.add_argument("--json", action="store_true", help="print JSON")
    p.set_defaults(run=_measure)
    p = commands.add_parser("photo", help="check a photo, or how to take one")
    tasks = p.add_subparsers(dest="task", required=True, metavar="check | guide")
    check = tasks.add_parser("check", help="is this photo good enough to be compared later?")
    check.add_argument("photo")
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(run=_check)
    _many(commands)
    guide = tasks.add_parser("guide", help="how to take photos that may be compared")
    guide.add_argument("--html", metavar="FILE", help="write a page with drawings")
    guide.set_defaults(run=_guide)


def _many(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = commands.add_parser("trend", help="many days of one person against the first photos")
    p.add_argument("manifest", help="CSV with the columns pair (the day), role (before, after, untreated), path, zone, control")
    p.add_argument("--review", type=_day, metavar="DATE", help="the plan's review date: before it, it is too early")
    p.add_argument("--anyway", action="store_true", help="count the latest day even if it came sooner than skin can change")
    form = p.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--html", metavar="FILE", help="write a page with a chart for each zone and measure")
    p.set_defaults(run=_trend)
    p = commands.add_parser("cohort", help="thousands of pairs into one Parquet file")
    p.add_argument("manifest")
    p.add_argument("--out", required=True, metavar="FILE", help="the Parquet file")
    engine = p.add_mutually_exclusive_group()
    engine.add_argument("--workers", type=int, default=1, metavar="N", help="processes on this machine (1)")
    engine.add_argument("--scheduler", default="", metavar="ADDRESS", help="a running Dask scheduler, by its address")
    p.set_defaults(run=_cohort)


def _drawn(p: argparse.ArgumentParser) -> None:
    corners = "off the face: corners on the first photo, shares of its width and height, or a JSON file"
    p.add_argument("--region", default="", metavar='"X,Y X,Y X,Y"', help=corners)
    p.add_argument("--known-length", default="", metavar='"X,Y X,Y MM"', help="two places in the photo and their distance in mm")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-12-01") from None


def _rake(args: argparse.Namespace) -> str:
    from needlewise.measure.raking import rake
    from needlewise.share.files import atomic_write, write_all
    from needlewise.share.raking import raking_html, raking_json, raking_pictures, raking_text

    for option in ("zone", "control", "card", "untreated", "region"):
        if getattr(args, option):
            raise InputError(option, "given", f"no --{option} with --raking", "nothing is measured there; leave it out")
    found = rake(args.before, args.after, args.anyway)
    if args.overlays:
        write_all(args.overlays, raking_pictures(found))
    if args.html:
        atomic_write(args.html, raking_html(found).encode())
        return f"Wrote {args.html}.{_pictures_at(args)}"
    return json.dumps(raking_json(found), indent=1) if args.json else raking_text(found) + _pictures_at(args)


def _compare(args: argparse.Namespace) -> str:
    if args.raking:
        return _rake(args)
    found = _compared(args)
    if args.overlays:
        from needlewise.measure.pictures import Pictures, encoded
        from needlewise.share.files import write_all

        write_all(args.overlays, {f"{name}.png": encoded(picture) for name, picture in Pictures(found).all().items()})
    if args.html:
        from needlewise.share.files import atomic_write
        from needlewise.share.measured_html import comparison_html

        atomic_write(args.html, comparison_html(found).encode())
        return f"Wrote {args.html}.{_pictures_at(args)}"
    from needlewise.share.measured import comparison_json, comparison_text

    return json.dumps(comparison_json(found), indent=1) if args.json else comparison_text(found) + _pictures_at(args)


def _pictures_at(args: argparse.Namespace) -> str:
    return f"\nPictures, if any may be shown: {args.overlays}" if args.overlays else ""


def _progress(total: int) -> Callable[[], None]:
    """Return what to call after each of `total` steps; it shows a bar on a terminal and nothing elsewhere."""
    if total < 2 or not sys.stderr.isatty():
        return lambda: None
    from needlewise.cohort.run import Progress

    bar = Progress(total, 0, sys.stderr)

    def step() -> None:
        bar.step()
        if bar.done == total:
            bar.end()

    return step


def _compared(args: argparse.Namespace) -> Comparison:
    from needlewise.measure.own import NOBODYS, untreated_days

    two_photos = _comparer(args)
    done = _progress(sum(map(len, args.untreated)))

    def read(shot: str | Path) -> Comparison:
        found = two_photos(args.before[:1], [shot], anyway=True)
        done()
        return found

    own = untreated_days(args.untreated, read) if args.untreated else NOBODYS
    return two_photos(args.before, args.after, last=args.last_session, review=args.review, own=own, anyway=args.anyway)


def _comparer(args: argparse.Namespace) -> Callable[..., Comparison]:
    """Return what compares photos of a face, or of a drawn region."""
    given: dict[str, Any] = {"card": args.card, "make_up": None if args.make_up is None else args.make_up == "yes"}
    if not args.region:
        from needlewise.measure.pair import compare

        _only_with_region(args)
        return partial(compare, zones=args.zone, control=args.control, **given)
    from needlewise.measure.region import read_drawing
    from needlewise.measure.region_pair import compare_region

    if args.zone:
        raise InputError("zone", " ".join(args.zone), "no zone beside a region", "the region says what was treated")
    return partial(compare_region, drawing=read_drawing(args.region, args.control, args.known_length), **given)


def _only_with_region(args: argparse.Namespace) -> None:
    if args.known_length:
        raise InputError("known length", args.known_length, "only with --region", "on a face the iris gives the scale")


def _measure(args: argparse.Namespace) -> str:
    from needlewise.measure.pair import open_shot, zone_values
    from needlewise.measure.region import read_drawing
    from needlewise.measure.region_pair import open_region, region_values
    from needlewise.share.measured import shot_json, shot_text

    if args.region:
        view, place = open_region(args.photo, read_drawing(args.region, known=args.known_length), args.card)
        doc = shot_json(view, {"region": region_values(view, place)})
        return json.dumps(doc, indent=1) if args.json else shot_text(doc, view.quality)
    _only_with_region(args)
    shot = open_shot(args.photo, args.card)
    doc = shot_json(shot, zone_values(shot))
    return json.dumps(doc, indent=1) if args.json else shot_text(doc, shot.quality)


def _check(args: argparse.Namespace) -> str:
    from needlewise.measure.face import find_face
    from needlewise.measure.photo import load_photo
    from needlewise.measure.quality import check_photo
    from needlewise.share.measured import quality_json, quality_text

    photo = load_photo(args.photo, 4000)
    try:
        face, note = find_face(photo), ""
    except InputError as error:
        face, note = None, f"\nNo face to judge, only light and sharpness: {error}"
    quality = check_photo(photo, face)
    return json.dumps(quality_json(quality), indent=1) if args.json else quality_text(args.photo, quality) + note


def _guide(args: argparse.Namespace) -> str:
    from needlewise.share.guide import guide_html, guide_text

    if not args.html:
        return guide_text()
    from needlewise.share.files import atomic_write

    atomic_write(args.html, guide_html().encode())
    return f"Wrote {args.html}."


def compare_rows(rows: list[dict[str, str]]) -> dict[str, Any]:
    """Compare the rows of one pair of a manifest: what `compare --json` prints. Importable by name for other processes."""
    from needlewise.measure.pair import compare
    from needlewise.share.measured import comparison_json

    paths = {role: [row["path"] for row in rows if row["role"] == role] for role in ("before", "after")}
    zones = [row["zone"] for row in rows if row["zone"]]
    control = next((row["control"] for row in rows if row["control"]), "")
    return comparison_json(compare(paths["before"], paths["after"], zones, control, anyway=True))  # others' photos, for research


def _trend(args: argparse.Namespace) -> str:
    from needlewise.cohort.manifest import ROLES, UNTREATED, read_manifest
    from needlewise.measure.series import Day, series
    from needlewise.share.measured import trends_json, trends_text

    days, untreated = [], []
    for pair in read_manifest(Path(args.manifest), untreated=True):
        photos = {role: tuple(row["path"] for row in pair.rows if row["role"] == role) for role in (*ROLES, UNTREATED)}
        untreated += [photos[UNTREATED]] if photos[UNTREATED] else []
        if not photos["before"]:
            continue
        zones = tuple(dict.fromkeys(row["zone"] for row in pair.rows if row["zone"]))
        control = next((row["control"] for row in pair.rows if row["control"]), "")
        days.append(Day(pair.name, photos["before"], photos["after"], zones, control))
    done = _progress(len(days) + sum(map(len, untreated)))
    found = series(days, args.review, untreated=untreated, anyway=args.anyway, done=done)
    if args.html:
        from needlewise.share.files import atomic_write
        from needlewise.share.trend_html import trend_html

        atomic_write(args.html, trend_html(found, args.review).encode())
        return f"Wrote {args.html}."
    doc = trends_json(found)
    return json.dumps(doc, indent=1) if args.json else trends_text(doc)


def _cohort(args: argparse.Namespace) -> str:
    from needlewise.cohort.run import run

    done = run(Path(args.manifest), Path(args.out), compare_rows, args.workers, args.scheduler)
    return (
        f"Wrote {args.out}: {done.pairs} pairs, {done.resumed} of them from before, {done.failed} not measured, "
        f"in {done.seconds:.0f} s."
    )
