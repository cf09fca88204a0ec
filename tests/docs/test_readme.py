"""What the README shows is true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
SHOWN_FILE = re.compile(r"`([\w./-]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)


def test_the_test_of_ones_own_pipeline_passes(tmp_path: Path) -> None:
    shown = dict(SHOWN_FILE.findall(README.read_text(encoding="utf-8")))
    assert set(shown) == {"double.json", "test_double.py"}
    for name, text in shown.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    # An installed package brings the plug-in along by itself; in a bare checkout it has to be named.
    argv = [sys.executable, "-m", "pytest", "-p", "harness.plugin", "-p", "no:cacheprovider"]
    env = {**os.environ, "PYTHONPATH": str(README.parent)}
    run = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout
    assert (tmp_path / "reports" / "latest" / "index.html").exists()
