"""The commands around the records at home: serve, treat, log, devices, photos, progress, backup, restore."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    p = commands.add_parser("serve", help="the app: your records, sessions and photos, in a browser on this machine")
    p.add_argument("--port", type=int, default=8765)
    p.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS", help="where to listen; beyond this machine needs accounts")
    p.add_argument("--name", action="append", default=[], help="a name it is reached by, such as needle.lan")
    p.add_argument("--tls", action="store_true", help="TLS stands in front: secure cookies only")
    p.add_argument("--demo", action="store_true", help="a made-up person, to look around")
    p.add_argument("--no-browser", action="store_true", help="print the link and open nothing")
    p.set_defaults(run=_serve)
    p = _of_person(commands, "treat", "today's session step by step, or why there is none")
    p.set_defaults(run=_treat)
    p = _of_person(commands, "log", "record a session that was done")
    p.add_argument("zones", nargs="+", metavar="ZONE", help="what was needled, such as cheek-left or cheek")
    p.add_argument("--passes", type=int, required=True, help="passes in all")
    p.add_argument("--mm", type=float, help="needle length; the device's when left out")
    p.add_argument("--endpoint", metavar="WORDS", help="the most that the skin showed, such as pink")
    p.add_argument("--pain", type=int, help="the most pain, 0 to 10")
    p.add_argument("--numbing", action="append", default=[], metavar="CREAM", help="what numbed the skin, such as nothing")
    put_on = "what was put on needled skin, such as saline; may be given again"
    p.add_argument("--product", action="append", default=[], metavar="NAME", help=put_on)
    p.add_argument("--device", help="name or kind of the device, if there are several")
    p.add_argument("--date", type=dt.date.fromisoformat, help="the day (today)")
    p.add_argument("--note", help="anything else")
    p.set_defaults(run=_log)
    p = _of_person(commands, "devices", "what is in the drawer, and how long it may stay")
    p.add_argument("--add", metavar="KIND", help="add a roller, stamp or pen")
    p.add_argument("--mm", type=float, help="its needle length")
    p.add_argument("--needles", type=int, help="its number of needles")
    p.add_argument("--lot", help="its lot number")
    p.set_defaults(run=_devices)
    p = _of_person(commands, "photos", "the days of photos and where each stands, or add photos")
    p.set_defaults(run=_photos)
    more = p.add_subparsers(dest="task", metavar="add")
    p = more.add_parser("add", help="add photos; what is private leaves the files, and they are measured")
    p.add_argument("files", nargs="+", type=Path, metavar="FILE", help="photos, or folders of them")
    poses = "front, left, right, lamp-left, lamp-right, scalp or body; found out if not said"
    p.add_argument("--pose", default="find-out", help=poses)
    p.add_argument("--day", type=dt.date.fromisoformat, help="the day, if the photos do not say it")
    p.add_argument("--untreated", action="store_true", help="nothing had been done to this skin yet")
    p.add_argument("--make-up", choices=["yes", "no"], help="whether make-up was worn")
    p.set_defaults(run=_photos_add)
    p = _of_person(commands, "progress", "each concern: what to expect by now, what was measured, what next")
    p.set_defaults(run=_progress)
    p = commands.add_parser("backup", help="back up records and photos")
    p.add_argument("--passphrase", action="store_true", help="ask for a passphrase and seal it")
    p.set_defaults(run=_backup)
    p = commands.add_parser("restore", help="go back to a backup; what is there now is replaced")
    p.add_argument("file", type=Path)
    p.add_argument("--passphrase", action="store_true", help="ask for the passphrase it was sealed with")
    p.set_defaults(run=_restore)


def _of_person(commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str) -> argparse.ArgumentParser:
    p = commands.add_parser(name, help=text)
    p.add_argument("--person", default="", metavar="NAME", help="whose records, if several people use this machine")
    return p


def _serve(args: argparse.Namespace) -> str:
    from needlewise.web.serve import How, serve

    serve(How(args.bind, args.port, tuple(args.name), args.tls, args.demo, not args.no_browser))
    return ""


def _open() -> None:
    """Make the records ready, in this version's form."""
    from needlewise.web.place import home, prepare
    from needlewise.web.serve import start, upgrade

    start(prepare(home()))
    upgrade()


def _treat(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk

    return desk.session_for_today(desk.person(args.person))


def _log(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk

    told = {key: getattr(args, key) for key in ("passes", "mm", "endpoint", "pain", "numbing", "product", "device", "note")}
    return desk.log(desk.person(args.person), args.zones, args.date or dt.date.today(), told)


def _devices(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk

    who = desk.person(args.person)
    if args.add:
        return desk.add_device(who, {"kind": args.add, "mm": args.mm, "needles": args.needles, "lot": args.lot})
    return desk.devices(who)


def _photos(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk, desk_photos

    return desk_photos.listed(desk.person(args.person))


def _photos_add(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk, desk_photos

    make_up = None if args.make_up is None else args.make_up == "yes"
    return desk_photos.take_in(desk.person(args.person), args.files, args.pose, args.day, args.untreated, make_up)


def _progress(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk, desk_photos

    return desk_photos.where_each_stands(desk.person(args.person))


def _backup(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk

    return desk.backup(_passphrase(args.passphrase, twice=True))


def _restore(args: argparse.Namespace) -> str:
    _open()
    from needlewise.web import desk

    return desk.restore(args.file, _passphrase(args.passphrase))


def _passphrase(wanted: bool, twice: bool = False) -> str:
    if not wanted:
        return ""
    from getpass import getpass

    from needlewise.errors import InputError

    first = getpass("Passphrase: ")
    if twice and getpass("Once more: ") != first:
        raise InputError("passphrase", "…", "the same twice")
    return first
