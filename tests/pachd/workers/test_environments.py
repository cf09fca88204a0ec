"""Virtual environments of images, built without network from a wheel that the tests make."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from typing import TYPE_CHECKING

import pytest

from harness.pachd.workers.contract import ImageError, PreparedImage
from harness.pachd.workers.images import ImageLibrary

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE = 120
ASK = "import sys, answer; print(answer.ANSWER, sys.prefix)"


def wheel(folder: Path, answer: int) -> None:
    """Write a wheel of the package ``answer``."""
    about = "answer-1.0.dist-info"
    with zipfile.ZipFile(folder / "answer-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("answer.py", f"ANSWER = {answer}\n")
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: answer\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", f"answer.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder of an image that needs the package ``answer`` and brings it along."""
    folder = tmp_path / "images" / "asking"
    folder.mkdir(parents=True)
    wheel(folder, 42)
    (folder / "requirements.txt").write_text("--no-index\n./answer-1.0-py3-none-any.whl\n")
    return folder


class Library:
    def __init__(self, image: Path) -> None:
        self.cache = image.parent.parent / "cache"
        self.lines: list[str] = []
        self.library = ImageLibrary([image.parent], self.cache, allow_host=False)

    def prepare(self) -> PreparedImage:
        return self.library.prepare("asking", self.lines.append, self.cache / "copies")

    def environments(self) -> list[Path]:
        return sorted(path for path in (self.cache / "environments").iterdir() if path.is_dir())


def ask(image: PreparedImage) -> list[str]:
    python = image.env["PATH"].split(":")[0] + "/python"
    return subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=True).stdout.split()


def test_an_environment_is_built_once_and_is_not_ours(image: Path) -> None:
    first, second = Library(image), Library(image)
    answer, prefix = ask(first.prepare())
    assert (answer, [prefix]) == ("42", [str(path) for path in first.environments()])
    assert prefix != sys.prefix
    assert "Successfully installed answer-1.0" in first.lines
    assert ask(second.prepare()) == [answer, prefix]
    assert second.lines == []


def test_a_change_of_a_wheel_in_the_image_makes_another_environment(image: Path) -> None:
    library = Library(image)
    library.prepare()
    wheel(image, 43)
    assert ask(library.prepare())[0] == "43"
    assert len(library.environments()) == 2


def test_what_a_kill_in_the_middle_left_is_built_again(image: Path) -> None:
    library = Library(image)
    library.prepare()
    (broken,) = library.environments()
    (broken / "complete").unlink()
    (broken / "bin" / "python").unlink()
    assert ask(library.prepare())[0] == "42"


def test_a_requirement_that_cannot_be_had(image: Path) -> None:
    (image / "requirements.txt").write_text("--no-index\nno-such-thing==1.0\n")
    with pytest.raises(ImageError, match=r"(?s)^image asking: .*no-such-thing==1\.0.*\nCorrect the requirements"):
        Library(image).prepare()


def test_closing_stops_a_build(image: Path) -> None:
    library = Library(image)
    errors: list[str] = []
    building = threading.Event()

    def prepare() -> None:
        try:
            library.library.prepare("asking", lambda _line: building.set(), library.cache / "copies")
        except ImageError as error:
            errors.append(str(error))

    thread = threading.Thread(target=prepare)
    thread.start()
    assert building.wait(DEADLINE)
    library.library.close()
    thread.join(DEADLINE)
    assert len(errors) == 1
    assert not [path for path in library.environments() if (path / "complete").exists()]
