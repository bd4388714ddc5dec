"""Importing, asking for help and planning stay light and stay on this machine."""

import json
import subprocess
import sys

import pytest

HEAVY = {"numpy", "cv2", "django", "dask", "matplotlib"}
NETWORK = {"socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "asyncio", "requests", "httpx"}
SAME_DOSE = ["same-dose", "roller-192", "--passes", "8", "pen-12"]
PROBE = """
import sys
events = []
def watch(event, args):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.")):
        events.append(event)
sys.addaudithook(watch)
before = set(sys.modules)
import needlewise
code = 0
if sys.argv[1:]:
    from needlewise.cli import main
    try:
        code = main()
    except SystemExit as leave:
        code = leave.code
new = sorted(set(sys.modules) - before)
import json
print("\\n" + json.dumps({"code": code or 0, "new": new, "events": events}))
"""


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["plan", "--sample"], SAME_DOSE], ids=["import", "help", "plan", "same-dose"]
)
def test_light_and_local(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["code"] == 0
    assert not [name for name in seen["new"] if name in NETWORK or name.partition(".")[0] in HEAVY]
    assert not seen["events"], "something reached for the network"
