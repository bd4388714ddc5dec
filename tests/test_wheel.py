"""The wheel works on its own: an empty environment, another folder, no index."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS, SUFFIX = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")


def run(*command: str | Path, cwd: Path) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=clean | {"PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, f"{command} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    python = home / "venv" / SCRIPTS / f"python{SUFFIX}"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=home)
    return python.with_name(f"needlewise{SUFFIX}")


def test_wheel_carries_every_data_file(wheel: Path) -> None:
    source = ROOT / "src"
    wanted = {path.relative_to(source).as_posix() for path in source.rglob("*.toml")}
    assert "needlewise/sample/me.toml" in wanted
    assert any(name.startswith("needlewise/knowledge/") for name in wanted)
    assert wanted <= set(zipfile.ZipFile(wheel).namelist())


def test_help(installed: Path, tmp_path: Path) -> None:
    assert "plan" in run(installed, "--help", cwd=tmp_path)


def test_sample_plan(installed: Path, tmp_path: Path) -> None:
    plan = json.loads(run(installed, "plan", "--sample", "--json", cwd=tmp_path))
    assert {"verdict", "steps", "findings", "zones"} <= plan.keys()
