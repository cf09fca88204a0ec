"""Files of an image are where its Dockerfile copies them, besides the working directory that shows all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.images import ImageLibrary

if TYPE_CHECKING:
    from harness.pachd.workers.contract import PreparedImage
    from tests.pachd.workers.worker_lab import Lab


def prepare(shelf: Path, *lines: str) -> PreparedImage:
    image = shelf / "image"
    for file in ("edges.py", "src/main.py", "src/deep/data", "run.sh", "LICENSE"):
        (image / file).parent.mkdir(parents=True, exist_ok=True)
        (image / file).write_text(file)
    (image / "Dockerfile").write_text("\n".join(["FROM x", *lines]))
    return ImageLibrary([shelf], shelf / "cache", allow_host=False).prepare("image", print, shelf / "copies")


@pytest.mark.parametrize(
    ("lines", "links"),
    [
        (["COPY edges.py /edges.py"], {"/edges.py": "/app/edges.py"}),
        (["ADD edges.py run.sh /code/"], {"/code/edges.py": "/app/edges.py", "/code/run.sh": "/app/run.sh"}),
        (["COPY --chown=me *.py /"], {"/edges.py": "/app/edges.py"}),
        (['COPY ["edges.py", "/with space/e"]'], {"/with space/e": "/app/edges.py"}),
        (
            ["ENV AT=/opt", "COPY src $AT/lib"],
            {"/opt/lib/main.py": "/app/src/main.py", "/opt/lib/deep": "/app/src/deep"},
        ),
        (["WORKDIR /a", "COPY run.sh .", "WORKDIR /b"], {"/a/run.sh": "/b/run.sh"}),
        (["WORKDIR /a", "COPY . .", "COPY LICENSE ./"], {}),
        (["COPY --from=build /x /x", "ADD https://example.com/x /x", "COPY none /x"], {}),
        (["COPY ../edges.py /x/"], {"/x/edges.py": "/app/edges.py"}),
        (["COPY edges.py /edges.py", "FROM y"], {}),
    ],
)
def test_what_is_copied_out_of_the_working_directory(tmp_path: Path, lines: list[str], links: dict[str, str]) -> None:
    assert prepare(tmp_path, *lines).links == links


def test_what_is_copied_within_the_working_directory(tmp_path: Path) -> None:
    for _ in range(2):
        image = prepare(tmp_path, "WORKDIR /a", "COPY src/ /a", "COPY edges.py /a/bin/edges")
        assert image.files
        assert (image.files / "main.py").read_text() == "src/main.py"
        assert (image.files / "bin" / "edges").read_text() == "edges.py"
        assert image.links == {}


def test_what_is_not_installed_is_told(tmp_path: Path) -> None:
    assert not prepare(tmp_path).note
    assert prepare(tmp_path, "RUN apt-get install opencv").note.startswith("image image: RUN lines are for Docker;")


def test_commands_find_what_was_copied_and_the_machine_is_left_as_it_was(tmp_path: Path, lab: Lab) -> None:
    lines = ["COPY edges.py /edges.py", "COPY run.sh /usr/local/bin/of-the-image", "COPY src /opt/of/the/image"]
    image = prepare(tmp_path, *lines)
    env = {**image.env, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    worker = lab.runtime.start(replace(image, env=env), "worker")
    for _ in range(2):
        outcome = lab.run(
            "cat /edges.py /usr/local/bin/of-the-image /opt/of/the/image/main.py; ls /usr/local/bin >&2", worker=worker
        )
        assert outcome.error == ""
    assert "edges.pyrun.shsrc/main.py" in lab.lines
    assert {place.name for place in Path("/usr/local/bin").iterdir()} <= set(lab.lines)
    assert not any(Path(place).exists() for place in ("/edges.py", "/opt/of", "/usr/local/bin/of-the-image"))
