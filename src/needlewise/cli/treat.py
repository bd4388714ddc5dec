"""The commands around the records at home: serve."""

from __future__ import annotations

import argparse


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


def _serve(args: argparse.Namespace) -> str:
    from needlewise.web.serve import How, serve

    serve(How(args.bind, args.port, tuple(args.name), args.tls, args.demo, not args.no_browser))
    return ""
