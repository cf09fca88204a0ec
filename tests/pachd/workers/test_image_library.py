"""Which folder an image's name means, and what is told of it."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers import host
from harness.pachd.workers.contract import ImageError, PreparedImage
from harness.pachd.workers.images import ImageLibrary
from harness.pachd.workers.process import ProcessRuntime

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pachd.workers.worker_lab import Lab


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of images: ``training`` and ``inference``, the former also known as ``kaixhin/neon``."""
    shelf = tmp_path / "images"
    for name in ("training", "inference"):
        (shelf / name).mkdir(parents=True)
        (shelf / name / "run.py").write_text(f"print('{name}')\n")
        (shelf / name / "Dockerfile").write_text(f"FROM x\nWORKDIR /{name}\nENV KIND={name}\n")
    (shelf / "aliases.json").write_text(json.dumps({"kaixhin/neon": "training", "other:old": "inference"}))
    return shelf


def prepare(name: str, *shelves: Path, allow_host: bool = False) -> PreparedImage:
    cache = shelves[0].parent / "cache"
    return ImageLibrary(shelves, cache, allow_host).prepare(name, print, cache / "copies")


@pytest.mark.parametrize(
    "name",
    [
        "training",
        "training:1.0",
        "training@sha256:00",
        "localhost:5000/training:x",
        "kaixhin/neon",
        "docker.io/kaixhin/neon:latest",
    ],
)
def test_names_of_the_training_image(shelf: Path, name: str) -> None:
    image = prepare(name, shelf)
    assert (image.name, image.workdir, image.env["KIND"]) == (name, "/training", "training")
    assert image.files
    assert (image.files / "run.py").read_text() == "print('training')\n"
    assert image.digest == prepare("training", shelf).digest


@pytest.mark.parametrize(
    "name", ["me/training", "other", "other:new", "..", "images/../training", "Training:", "/", "me/ubuntu", "ubuntu2"]
)
def test_names_of_no_image(shelf: Path, name: str) -> None:
    with pytest.raises(ImageError, match=re.escape(f"looked in {shelf}; images there: inference, training.")):
        prepare(name, shelf)


def test_an_alias_may_be_for_one_tag(shelf: Path) -> None:
    assert prepare("other:old", shelf).workdir == "/inference"


def test_no_name_is_pachyderms_default(shelf: Path) -> None:
    assert prepare("", shelf).name == "ubuntu:20.04"


@pytest.mark.parametrize("name", ["ubuntu", "python:3.11-slim", "docker.io/library/alpine:3@sha256:00", "debian:12"])
def test_this_machine_stands_in_for_plain_images_and_says_so(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("OF_THE_HOST", "yes")
    image = prepare(name, shelf)
    assert (image.files, image.digest.partition(":")[0]) == (None, "host")
    assert "OF_THE_HOST" not in image.env
    assert image.note.startswith(f"image {name}: this machine's own programs run in its place (python3 is /")


def test_a_folder_goes_before_this_machine(shelf: Path) -> None:
    (shelf / "ubuntu").mkdir()
    image = prepare("ubuntu:22.04", shelf)
    assert image.files
    assert not image.note


def test_this_machine_stands_in_for_unknown_images_only_where_allowed(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_HOST", "yes")
    image = prepare("me/opencv:1.0", shelf, allow_host=True)
    assert (image.files, image.env["OF_THE_HOST"], image.digest.partition(":")[0]) == (None, "yes", "host")
    assert image.note
    assert "OF_THE_HOST" not in prepare("training", shelf, allow_host=True).env


@pytest.mark.parametrize(
    ("argv", "missing"),
    [
        (["sh"], ""),
        (["/bin/sh", "-c", "montage"], ""),
        (["python3", "-"], ""),
        (["/pfs/code/run.sh"], ""),
        (["python3", "/pfs/code/run.py"], ""),
        (["montage", "/x"], "no program montage"),
        (["/usr/local/bin/edges"], "no program /usr/local/bin/edges"),
        (["python3", "/edges.py"], "no file /edges.py"),
        (["bash", "/join.sh", "/pfs"], "no file /join.sh"),
    ],
)
def test_what_this_machine_lacks_of_an_image_is_known_before_it_fails(
    shelf: Path, argv: list[str], missing: str
) -> None:
    said = host.lacking(prepare("ubuntu:22.04", shelf), argv, {})
    assert said.partition(", has ")[2].partition(";")[0] == missing
    assert not host.lacking(prepare("training", shelf), argv, {})


def test_the_first_folder_that_has_it_wins(shelf: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "training").mkdir(parents=True)
    image = prepare("training", mine, shelf)
    assert (image.workdir, image.env["HOME"]) == ("/app", "/app")


def test_the_digest_is_of_every_byte_name_and_mode(shelf: Path) -> None:
    seen = [prepare("training", shelf).digest]

    def assert_changed() -> None:
        digest = prepare("training", shelf).digest
        assert digest not in seen
        seen.append(digest)

    script = shelf / "training" / "run.py"
    script.write_text("print('changed')\n")
    assert_changed()
    script.chmod(0o755)
    assert_changed()
    script.rename(script.with_name("go.py"))
    assert_changed()
    (shelf / "training" / "link").symlink_to("go.py")
    assert_changed()
    cached = shelf / "training" / "__pycache__"
    cached.mkdir()
    (cached / "run.pyc").write_text("made by running it")
    assert prepare("training", shelf).digest == seen[-1]


def test_what_runs_is_what_was_prepared(shelf: Path) -> None:
    image = prepare("training", shelf)
    (shelf / "training" / "run.py").write_text("print('changed')\n")
    assert image.files
    assert (image.files / "run.py").read_text() == "print('training')\n"


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'])
def test_bad_aliases(shelf: Path, text: str) -> None:
    (shelf / "aliases.json").write_text(text)
    with pytest.raises(ImageError, match=re.escape(str(shelf / "aliases.json"))):
        prepare("training", shelf)


def test_a_bad_dockerfile(shelf: Path) -> None:
    recipe = shelf / "training" / "Dockerfile"
    recipe.write_text("FROM x\nENV A='open\n")
    with pytest.raises(ImageError, match=re.escape(str(recipe))):
        prepare("training", shelf)


@pytest.mark.parametrize("workdir", ["/pfs", "/pfs/in", "/proc/x", sys.base_prefix, "CACHE"])
def test_a_workdir_that_would_hide_what_commands_need(shelf: Path, lab: Lab, workdir: str) -> None:
    workdir = workdir.replace("CACHE", str(lab.folder))
    (shelf / "training" / "Dockerfile").write_text(f"FROM x\nWORKDIR {workdir}\n")
    runtime = ProcessRuntime(lab.folder / "again", lab.folder, ImageLibrary([shelf], lab.folder, False), lab.objects)
    with pytest.raises(ImageError, match=f"^image training: its WORKDIR {re.escape(workdir)} would get in the way of "):
        runtime.prepare("training", print)
    runtime.close()
