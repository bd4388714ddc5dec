"""Cohorts: order, errors, crashes, kill -9 and Dask with a stand-in for the comparison, and the same rows from drawn photos."""

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from needlewise import cohort
from needlewise.cli.measure import compare_rows
from needlewise.cohort.engines import _plain
from needlewise.cohort.parts import Parts
from needlewise.errors import InputError

pq = pytest.importorskip("pyarrow.parquet", reason="the extra cohort is not installed")
TESTS = Path(__file__).parent


def compare(rows: list[dict[str, str]]) -> dict[str, Any]:
    """What a comparison of real photos returns, made from the paths' names; a name may ask for trouble."""
    names = [Path(row["path"]).stem for row in rows]
    if "slow" in names[0]:
        time.sleep(0.05)
    if "bad" in names[0]:
        raise InputError("photo", names[0], "a photo")
    if "bug" in names[0]:
        raise ZeroDivisionError("one bad photo")
    if "crash" in names[0]:
        os._exit(9)
    number = float(names[0].rpartition("-")[2])
    change = {"zone": rows[0]["zone"], "what": "redness", "method": "redness@1", "unit": "100·log10(R/G)",
              "difference": number / 7, "low": -1.0, "high": float("nan"), "smallest_detectable": 1.0,
              "verdict": "no detectable change", "basis": "the default"}  # fmt: skip
    return {
        "comparable": {"redness": {"verdict": "comparable with a wider interval", "reasons": ["turn to the window"]}},
        "light": {"angle_deg": 12.5},
        "alignment": {"error_px": 0.5, "inliers": 40},
        "changes": [change, change | {"zone": "chin"}],
    }


def manifest(folder: Path, names: list[str]) -> Path:
    lines = ["pair,role,path,zone,control"]
    for i, name in enumerate(names):
        lines += [f"p{i},before,{name}.jpg,cheek-left,forehead", f"p{i},after,{name}-after.jpg,,"]
    path = folder / "manifest.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def names(count: int, word: str = "ok") -> list[str]:
    return [f"{word}-{i}" for i in range(count)]


def test_rows_are_the_same_however_many_workers(tmp_path: Path) -> None:
    made = manifest(tmp_path, names(6, "slow") + names(14) + ["bad-1", "bug-1"])
    written = []
    for workers in (1, 3):
        out = tmp_path / f"{workers}.parquet"
        progress = io.StringIO()
        summary = cohort.run(made, out, compare, workers, progress=progress)
        assert (summary.pairs, summary.resumed, summary.failed) == (22, 0, 2)
        assert "22 of 22" in progress.getvalue()
        written.append(out.read_bytes())
    assert written[0] == written[1]
    rows = pq.read_table(out).to_pylist()
    assert [row["pair"] for row in rows] == [f"p{i // 2}" for i in range(40)] + ["p20", "p21"]
    first = rows[2]
    assert first["zone"] == "cheek-left" and first["control"] == "forehead" and first["light_angle_deg"] == 12.5
    assert first["difference"] == 1 / 7 and first["high"] is None and first["alignment_inliers"] == 40
    assert first["comparable"].startswith("comparable") and first["reasons"] == ["turn to the window"]
    assert "bad-1" in rows[-2]["error"] and rows[-1]["error"] == "ZeroDivisionError: one bad photo"


def test_a_photo_that_kills_its_process_stops_nothing(tmp_path: Path) -> None:
    made = manifest(tmp_path, [*names(3), "crash-1", *names(4), "crash-2", "ok-9"])
    out = tmp_path / "out.parquet"
    assert cohort.run(made, out, compare, 2, progress=io.StringIO()).failed == 2
    errors = {row["pair"]: row["error"] for row in pq.read_table(out).to_pylist()}
    assert [name for name, error in errors.items() if error] == ["p3", "p8"]
    assert errors["p3"] == "the process that measured it died" and len(errors) == 10


RUN = """
import sys
from pathlib import Path
from needlewise import cohort
from needlewise.cli.measure import compare_rows
sys.path.insert(0, sys.argv[3])
import test_cohort
if __name__ == "__main__":
    cohort.run(Path(sys.argv[1]), Path(sys.argv[2]), test_cohort.compare, 2)
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is not a Windows thing")
def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    made = manifest(tmp_path, names(120, "slow"))
    out, whole = tmp_path / "killed.parquet", tmp_path / "whole.parquet"
    script = tmp_path / "go.py"
    script.write_text(RUN, encoding="utf-8")
    process = subprocess.Popen([sys.executable, script, made, out, TESTS], stderr=subprocess.DEVNULL)
    (part,) = wait_for_lines(out, 10)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists()
    with part.open("ab") as file:  # as if killed in the middle of a line
        file.write(b'{"key": "half')
    summary = cohort.run(made, out, compare, 2, progress=io.StringIO())
    assert 10 <= summary.resumed < 120 and not summary.failed
    cohort.run(made, whole, compare, 1, progress=io.StringIO())
    assert out.read_bytes() == whole.read_bytes()
    again = cohort.run(made, out, compare, 2, progress=io.StringIO())
    assert again.resumed == 120 and out.read_bytes() == whole.read_bytes()
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]


def wait_for_lines(out: Path, count: int) -> list[Path]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        parts = list(Path(f"{out}.parts").glob("*.jsonl"))
        if parts and parts[0].read_bytes().count(b"\n") >= count:
            return parts
        time.sleep(0.02)
    pytest.fail("nothing was measured")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_with_a_killed_run(tmp_path: Path) -> None:
    made = manifest(tmp_path, names(400, "slow"))
    script = tmp_path / "go.py"
    script.write_text(RUN, encoding="utf-8")
    process = subprocess.Popen([sys.executable, script, made, tmp_path / "o.parquet", TESTS], stderr=subprocess.DEVNULL)
    wait_for_lines(tmp_path / "o.parquet", 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(Path(f"/proc/{child}/stat").exists() for child in children if alive(child)):
        time.sleep(0.05)
    assert not [child for child in children if alive(child)]


def alive(child: str) -> bool:
    try:
        return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_replaced_photo_or_a_changed_row_is_measured_again(tmp_path: Path) -> None:
    made, out = manifest(tmp_path, names(3)), tmp_path / "out.parquet"
    cohort.run(made, out, compare, progress=io.StringIO())
    (tmp_path / "ok-1.jpg").write_bytes(b"new")
    assert cohort.run(made, out, compare, progress=io.StringIO()).resumed == 2
    made.write_text(made.read_text(encoding="utf-8").replace("p2,after,ok-2-after.jpg,,", "p2,after,ok-2-after.jpg,,chin"))
    assert cohort.run(made, out, compare, progress=io.StringIO()).resumed == 2


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("pair,role\n", "path is missing"),
        ("pair,role,path,zoen\n", "did you mean zone"),
        ("pair,role,path\n", "at least one pair"),
        ("pair,role,path\na,befor,x.jpg\n", "did you mean before"),
        ("pair,role,path\na,before,x.jpg\n", "at least one photo after"),
        ("pair,role,path\na,before,\n", "a pair and a path"),
        ("\xff", "UTF-8"),
    ],
)
def test_a_bad_manifest_is_refused_with_its_place(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=match):
        cohort.read_manifest(path)


def test_no_manifest_and_no_workers(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can be read"):
        cohort.read_manifest(tmp_path / "none.csv")
    with pytest.raises(InputError, match="workers"):
        cohort.run(tmp_path / "none.csv", tmp_path / "o", compare, workers=0)


def test_parts_pass_over_what_is_broken(tmp_path: Path) -> None:
    with Parts(tmp_path) as parts:
        parts.add("a", json.dumps({"error": "é"}))
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"not json\n[1]\n" + file.read_bytes() + b'{"key": "b", "res')
    with Parts(tmp_path) as parts:
        assert "a" in parts and "b" not in parts and parts.read("a") == {"error": "é"}
    assert list(tmp_path.iterdir()) == [file]  # an empty part is not kept


def test_numbers_become_plain() -> None:
    np = pytest.importorskip("numpy")
    value = _plain({"a": np.float32(0.5), "b": (np.int64(2), float("inf")), "c": "x", "d": None, 1: True})
    assert value == {"a": 0.5, "b": [2, None], "c": "x", "d": None, "1": True}


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster("127.0.0.1:0", n_workers=2, threads_per_worker=2, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def test_an_existing_dask_scheduler(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    made = manifest(tmp_path, names(20) + ["bad-1", "bug-1"])
    out, alone = tmp_path / "dask.parquet", tmp_path / "alone.parquet"
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as cluster:
        assert cluster.stdout and cluster.stdin
        summary = cohort.run(made, out, compare, scheduler=cluster.stdout.readline().strip(), progress=io.StringIO())
        cluster.stdin.close()
    assert summary.failed == 2
    cohort.run(made, alone, compare, progress=io.StringIO())
    assert out.read_bytes() == alone.read_bytes()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal(tmp_path: Path) -> None:
    shown = Terminal()
    cohort.run(manifest(tmp_path, names(12, "slow")), tmp_path / "out.parquet", compare, progress=shown)
    lines = shown.getvalue().split("\r")
    assert len(lines) > 2 and "[####" in lines[-1] and "12 of 12 pairs" in lines[-1] and shown.getvalue().count("\n") == 1


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of drawn photos: three pairs that can be measured, one file that is no photo, one cut short, one missing."""
    from needlewise.simulate.portrait import Day, portrait_jpeg

    folder = tmp_path_factory.mktemp("real")
    for number, day in enumerate((Day(seed=1), Day(seed=2, redness={"cheek-right": 6.0}), Day(seed=3, light=(20.0, 20.0)))):
        (folder / f"{number}.jpg").write_bytes(portrait_jpeg(day, dt.datetime(2026, 1 + 2 * number, 1, 9)))
    (folder / "text.jpg").write_text("this is no photo", encoding="utf-8")
    (folder / "cut.jpg").write_bytes((folder / "0.jpg").read_bytes()[:20000])
    rows = ["pair,role,path,zone,control"]
    pairs = (("same", 0, 0), ("redder", 0, 1), ("text", 0, "text"), ("light", 0, 2), ("cut", "cut", 1), ("missing", 0, 9))
    for name, before, after in pairs:
        rows += [f"{name},before,{before}.jpg,cheek-right,", f"{name},after,{after}.jpg,,"]
    (folder / "manifest.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder / "manifest.csv"


@pytest.fixture(scope="module")
def measured(real: Path) -> bytes:
    out = real.with_name("one.parquet")
    summary = cohort.run(real, out, compare_rows, 1, progress=io.StringIO())
    assert (summary.pairs, summary.failed) == (6, 3)
    return out.read_bytes()


def test_real_pairs_are_the_same_with_two_workers(real: Path, measured: bytes) -> None:
    cohort.run(real, real.with_name("two.parquet"), compare_rows, 2, progress=io.StringIO())
    assert real.with_name("two.parquet").read_bytes() == measured
    rows = pq.read_table(io.BytesIO(measured)).to_pylist()
    errors = {row["pair"]: row["error"] for row in rows if row["error"]}
    assert set(errors) == {"text", "cut", "missing"} and all("photo" in error for error in errors.values())
    (redder,) = [row for row in rows if row["pair"] == "redder" and row["what"] == "redness"]
    assert redder["verdict"] == "worse"


def test_real_pairs_are_the_same_under_dask(real: Path, measured: bytes) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    script = real.with_name("cluster.py")
    script.write_text(CLUSTER, encoding="utf-8")
    assert distributed
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as cluster:
        assert cluster.stdout and cluster.stdin
        address = cluster.stdout.readline().strip()
        cohort.run(real, real.with_name("dask.parquet"), compare_rows, scheduler=address, progress=io.StringIO())
        cluster.stdin.close()
    assert real.with_name("dask.parquet").read_bytes() == measured


def test_no_scheduler_at_the_address(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    with pytest.raises(InputError, match="scheduler"):
        cohort.run(manifest(tmp_path, names(1)), tmp_path / "o", compare, scheduler="nonsense", progress=io.StringIO())
