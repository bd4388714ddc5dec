"""The command line. Each command loads only what it needs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from needlewise.cli import measure, plan, simulate, treat
from needlewise.cli.plan import SAMPLE
from needlewise.errors import NeedlewiseError

__all__ = ["SAMPLE", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 for a result (a stop is a result) and 2 for bad input."""
    # numpy, where a command loads it, solves many small systems: with threads each takes longer, on a busy machine ten times
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        run: Callable[[argparse.Namespace], str] = args.run
        out = run(args)
        if out:
            sys.stdout.write(out if out.endswith("\n") else out + "\n")
            sys.stdout.flush()
    except NeedlewiseError as error:
        sys.stderr.write(f"needlewise: {error}\n")
        return 2
    except BrokenPipeError:  # the reader went away, as in `needlewise plan me.toml | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, EOFError):
        sys.stderr.write("\nneedlewise: stopped; nothing was written.\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="needlewise",
        description="Plan microneedling safely. Information and record-keeping; not a diagnosis, "
        "and no substitute for a health professional.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for verb in (plan, treat, measure, simulate):
        verb.register(commands)
    return parser


def _version() -> str:
    from needlewise import __version__

    return f"needlewise {__version__}"
