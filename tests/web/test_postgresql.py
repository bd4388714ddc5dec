"""The same tests of the records on a real PostgreSQL server, which this starts by itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
PROGRAMS = INSTALLED[-1].parent if INSTALLED else Path(shutil.which("pg_ctl") or "").parent
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # the server refuses to run as root
ADDRESS = "NEEDLEWISE_DATABASE"


def _run(*command: str | Path) -> None:
    done = subprocess.run([*AS_POSTGRES, *map(str, command)], capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def server() -> Iterator[str]:
    if not (PROGRAMS / "pg_ctl").is_file():
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL: .ci/run installs it")
        pytest.skip("no PostgreSQL on this machine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="needlewise-pg-"))
    if AS_POSTGRES:
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        _run(PROGRAMS / "initdb", "-D", data, "-U", "needlewise", "-A", "trust", "-E", "UTF8")
        _run(PROGRAMS / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        yield f"postgres://needlewise@127.0.0.1:{port}/postgres"
        _run(PROGRAMS / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(ADDRESS in os.environ, reason="this is the inner run")
def test_the_records_keep_to_their_rules_on_postgresql(server: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--ignore", __file__, str(HERE)]
    environment = {**os.environ, ADDRESS: server}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
