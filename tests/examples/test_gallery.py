"""Each example of the gallery does what its README says."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import socket
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from harness.cli import main
from tests.examples.conftest import GALLERY, command, ended_as_before

if TYPE_CHECKING:
    from pathlib import Path

    from tests.examples.conftest import Example

EXAMPLES = sorted(folder.name for folder in GALLERY.iterdir() if (folder / "README.md").exists())
RESULTS = {
    "word_count": {
        "words": {
            **{f"/{word}/dog.txt": "1" for word in ("and", "dog", "fox", "lazy")},
            **{f"/{word}/fox.txt": "1" for word in ("fox", "quick", "the")},
            "/the/dog.txt": "2",
        },
        "totals": {"/and": "1", "/dog": "1", "/fox": "2", "/lazy": "1", "/quick": "1", "/the": "3"},
    },
    "cross": {
        "greeted": {
            "/english-ada": "Hello, Ada!",
            "/english-grace": "Hello, Grace!",
            "/norsk-ada": "Hei, Ada!",
            "/norsk-grace": "Hei, Grace!",
        }
    },
    "union": {"shouted": {"/1.txt": "ONE", "/a.txt": "ALPHA", "/b.txt": "BETA"}},
    "join": {
        "pairs": {"/1": "Ada: Analytical Engine", "/2": "Grace: Mark I"},
        "everybody": {"/1": "Ada: Analytical Engine", "/2": "Grace: Mark I", "/3": "Edsger: nothing"},
    },
    "group": {"means": {"/oslo": "-1", "/rome": "13"}},
    "err_cmd": {"roots": {"/four": "2.0", "/nine": "3.0"}},
    "lazy_shuffle": {
        "sorted": {"/blue/cat.jpg": "a blue cat", "/red/cat.jpg": "a red cat", "/red/dog.jpg": "a red dog"}
    },
    "secrets": {
        "signed": {"/poem.txt": hmac.new(b"open sesame", b"roses are red\n", hashlib.sha256).hexdigest()},
    },
}
TOLD = {"err_cmd": "roots: 2 files; datums: 2 processed, 1 recovered"}
# Those that go on until they are ended, and a line that each prints after some time.
STANDING = {"spout": "answers: 3 files; datums: ", "cron": "counted: 2 files; datums: "}
PYTEST = {"incremental"}
OTHERS = {"datum_batching", "egress", "service"}
SECONDS = 60


def test_every_example_stands_in_the_table_of_contents_and_is_run_here() -> None:
    page = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert [name for name in EXAMPLES if f"| [`{name}`]({name}) |" in page] == EXAMPLES
    assert {*RESULTS, *STANDING, *PYTEST, *OTHERS} == set(EXAMPLES)


@pytest.mark.parametrize("example", RESULTS, indirect=True)
def test_what_comes_out_of_an_example(example: Example) -> None:
    assert TOLD.get(example.name, "") in example.run()
    for pipeline, files in RESULTS[example.name].items():
        assert example.results(pipeline) == files


@pytest.mark.parametrize("example", STANDING, indirect=True)
def test_an_example_that_goes_on(example: Example) -> None:
    with example.running() as process:
        said = []
        for line in process.stdout or ():
            said.append(line)
            if line.startswith(STANDING[example.name]):
                return
        pytest.fail("it ended:\n" + "".join(said))


@pytest.mark.parametrize("example", ["datum_batching"], indirect=True)
def test_one_program_works_on_all_datums(example: Example) -> None:
    example.run()
    counted = example.results("counted")
    assert {path: text.rpartition(" ")[2] for path, text in counted.items()} == {"/ten": "10", "/two": "2", "/six": "6"}
    assert sorted(text.partition(":")[0] for text in counted.values()) == [
        f"datum {number} of this program" for number in (1, 2, 3)
    ]


def test_output_is_sent_to_the_folder_that_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(GALLERY / "egress", tmp_path / "egress")
    for file in (folder / "README.md", folder / "pipeline.yaml"):
        file.write_text(file.read_text().replace("/tmp/harness-egress", str(tmp_path / "sent")))  # noqa: S108
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(GALLERY.parent))  # a relative one, as in a bare checkout, led to it before
    with ended_as_before():
        result = CliRunner().invoke(main, command(folder)[1])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "sent" / "names.txt").read_text() == "Ada\nGrace\n"


@pytest.mark.parametrize("example", ["service"], indirect=True)
def test_a_service_answers_where_it_says(example: Example) -> None:
    spec = example.folder / "pipeline.yaml"
    with socket.create_server(("127.0.0.1", 0)) as free:
        spec.write_text(spec.read_text().replace("8000", str(free.getsockname()[1])))
    with example.running() as process:
        said = next(line for line in process.stdout or () if line.startswith("website: service at "))
        assert any(
            "Serving HTTP" in line.message
            for line in example.cluster.client().get_pipeline_logs("website", follow=True)
        )
        with urlopen(f"http://{said.split()[-1]}/") as page:
            assert b"Nothing new" in page.read()


@pytest.mark.parametrize("example", sorted(PYTEST), indirect=True)
def test_an_example_that_is_a_test(example: Example) -> None:
    with example.running() as process:
        said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    assert "1 passed" in said
    assert (example.folder / "reports" / "latest" / "index.html").exists()
