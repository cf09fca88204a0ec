"""Runs of pytest with the plug-in, seen from outside: what they print, write and exit with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

SECONDS = 120
ROOT = Path(__file__).parents[2]

PASSING = '''
    def test_one(workflow, checks):
        """A file is put.

        And it is there.
        """
        workflow.create_repo("r")
        commit = workflow.put("r", {"/a": b"A"})
        checks.equal("content of /a", workflow.read("r", commit, "/a"), b"A")
'''


@pytest.fixture(autouse=True)
def environment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plug-in as this checkout has it, whether or not it is installed as well."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("tmp")))
    for name in ("CLUSTER", "DATA", "REPORT_DIR", "IMAGES", "KEEP_CLUSTER"):
        monkeypatch.delenv(f"HARNESS_{name}", raising=False)
    pytester.makeconftest("pytest_plugins = ['harness.plugin']")


def leftovers(pytester: pytest.Pytester) -> list[str]:
    return [path.name for path in (pytester.path / "tmp").iterdir() if path.name.startswith("harness-")]


def evidence(pytester: pytest.Pytester) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((pytester.path / "reports" / "latest" / "evidence.json").read_text())
    return found


def test_a_run_leaves_a_report_and_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PASSING)
    result = pytester.runpytest_subprocess()
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*starting the embedded cluster", "*embedded cluster at 127.0.0.1:*", "report: reports/*"]
    )
    (chapter,) = evidence(pytester)["chapters"]
    assert chapter["outcome"] == "passed"
    assert chapter["title"] == "A file is put"
    assert [check["name"] for check in chapter["checks"]] == ["content of /a"]
    assert len(chapter["puts"]) == 1
    assert leftovers(pytester) == []
    page = next(line for line in result.outlines if line.startswith("report: ")).removeprefix("report: ")
    assert (pytester.path / page).stat().st_size > 0


def test_a_failed_check_fails_the_run_and_is_in_the_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PASSING.replace('b"A")', 'b"B")', 2).replace('"/a": b"B"', '"/a": b"A"'))
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*CheckFailedError: content of /a*", "*report: reports/*"])
    assert "harness/evidence" not in result.stdout.str()
    (chapter,) = evidence(pytester)["chapters"]
    assert chapter["outcome"] == "failed"
    assert chapter["checks"][0]["passed"] is False


def test_evidence_against_the_cluster_fails_a_run_whose_tests_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PASSING + '        checks.put("r", commit, "/a", "0" * 64)\n')
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["inputs-kept: default/r@* /a holds bytes of sha256 * as put"])


def test_a_run_without_the_fixtures_notices_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_one():
            assert not {"grpc", "python_pachyderm", "pandas", "jinja2"} & set(sys.modules)
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    assert "pachyderm harness" not in result.stdout.str()
    assert not (pytester.path / "reports").exists()


def test_options_show_in_help_with_their_variables(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest_subprocess("--help").stdout.str()
    assert "pachyderm harness" in text
    for name in ("--cluster", "--data", "--report-dir", "--images", "--keep-cluster"):
        assert name in text
        assert f"[$HARNESS_{name[2:].upper().replace('-', '_')}]" in " ".join(text.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cluster", "nonsense"], "'nonsense' names no cluster; write 'embedded', HOST:PORT, or HOST:PORT,TOKEN"),
        (["--cluster", "127.0.0.1:1"], "no Pachyderm answers at 127.0.0.1:1"),
        (["--data", "nowhere"], "there is no folder"),
    ],
)
def test_what_cannot_start_ends_the_run_with_one_message(
    pytester: pytest.Pytester, arguments: list[str], message: str
) -> None:
    pytester.makepyfile("def test_one(dataset, workflow): pass\n\ndef test_two(workflow): pass")
    result = pytester.runpytest_subprocess(*arguments)
    assert result.ret == 2
    output = result.stdout.str() + result.stderr.str()
    assert output.count(message) == 1
    assert "Traceback" not in output
    assert leftovers(pytester) == []


def test_an_interrupted_run_still_leaves_its_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        PASSING
        + """
    def test_two(cluster):
        import signal
        signal.raise_signal(signal.SIGINT)
    """
    )
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["report: reports/*"])
    assert evidence(pytester)["chapters"][0]["outcome"] == "passed"
    assert leftovers(pytester) == []


def test_an_interrupt_in_the_middle_of_a_job_leaves_a_report_of_what_there_is(pytester: pytest.Pytester) -> None:
    image = pytester.mkdir("images") / "plain"
    image.mkdir()
    (image / "Dockerfile").write_text("FROM python:3.12-slim\n")
    pytester.makepyfile(
        """
        import json, signal
        from harness.specs import parse

        SPEC = {
            "pipeline": {"name": "slow"},
            "transform": {"image": "plain", "cmd": ["sleep", "1000"]},
            "input": {"pfs": {"repo": "r", "glob": "/"}},
        }

        def test_one(workflow):
            workflow.create_repo("r")
            workflow.put("r", {"/a": b"A"})
            workflow.witness.tell = lambda line: signal.raise_signal(signal.SIGINT) if "running" in line else None
            workflow.start(*parse(json.dumps(SPEC)))
        """
    )
    result = pytester.runpytest_subprocess("--images", "images")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    (job,) = evidence(pytester)["jobs"]
    assert job["state"] == "RUNNING"
    result.stdout.fnmatch_lines(["*is still RUNNING*", "report: reports/*"])
    assert leftovers(pytester) == []


def test_a_terminated_run_leaves_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import threading

        def test_one(cluster):
            with open("up", "w") as up:
                print("up", file=up)
            while True:  # in short waits, as the harness does: the signal may reach another thread first
                threading.Event().wait(0.1)
        """
    )
    os.mkfifo(pytester.path / "up")
    run = subprocess.Popen([sys.executable, "-m", "pytest"], cwd=pytester.path, stdout=subprocess.PIPE, text=True)
    assert (pytester.path / "up").read_text() == "up\n"
    run.send_signal(signal.SIGTERM)
    output, _ = run.communicate(timeout=SECONDS)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "report: reports/" in output
    assert leftovers(pytester) == []


def test_a_cluster_that_dies_ends_the_run_with_its_last_words(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os, signal

        def test_one(cluster, workflow):
            os.kill(cluster.pid, signal.SIGKILL)
            workflow.create_repo("r")

        def test_two(workflow):
            workflow.create_repo("s")
        """
    )
    result = pytester.runpytest_subprocess()
    assert result.ret != 0
    output = result.stdout.str()
    assert "the embedded cluster was ended by SIGKILL" in output
    assert "complete: cluster " in output
    assert "test_two" not in output.partition("FAILURES")[2]
    assert evidence(pytester)["chapters"][0]["outcome"] == "failed"
    (kept,) = leftovers(pytester)
    root = pytester.path / "tmp" / kept
    assert f"its data directory is kept, `harness up --root {root}` goes on from there" in output


def test_a_kept_cluster_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PASSING)
    result = pytester.runpytest_subprocess("--keep-cluster", "--report-dir", "elsewhere")
    (line,) = (line for line in result.outlines if line.startswith("data directory of the cluster: "))
    assert (Path(line.partition(": ")[2]) / "server.log").exists()
    assert (pytester.path / "elsewhere" / "latest" / "evidence.json").exists()


def test_progress_is_seen_without_s_but_not_in_quiet_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PASSING)
    assert "starting the embedded cluster" not in pytester.runpytest_subprocess("-q").stdout.str()
    assert "starting the embedded cluster" in pytester.runpytest_subprocess("--capture=fd").stdout.str()


def test_a_report_that_could_not_be_written_ends_the_run_before_it_begins(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PASSING)
    pytester.path.joinpath("taken").write_text("not a folder", encoding="utf-8")
    result = pytester.runpytest_subprocess("--report-dir", "taken")
    assert result.ret == 2
    assert "cannot write reports to" in result.stdout.str() + result.stderr.str()
    assert "starting the embedded cluster" not in result.stdout.str()
    assert leftovers(pytester) == []
