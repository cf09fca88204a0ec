"""What tests of workers need around a runtime."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.pachd.store.contents import Content
from harness.pachd.workers.contract import Command, Input, Outcome, PreparedImage, Task
from harness.pachd.workers.outputs import collect
from harness.pachd.workers.storing import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from harness.pachd.store.objects import Objects
    from harness.pachd.workers.process import ProcessRuntime
    from harness.pachd.workers.worker import ProcessWorker

_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


@dataclass
class Lab:
    """A runtime and what tests need around it."""

    runtime: ProcessRuntime
    objects: Objects
    folder: Path
    lines: list[str] = field(default_factory=list)
    told: Callable[[str], None] = lambda _line: None
    filled: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def worker_folders(self) -> list[Path]:
        return list(self.runtime._worker_folders.iterdir())

    def input(self, name: str, files: Mapping[str, bytes], key: str = "") -> Input:
        """An input directory; its name is noted in ``filled`` whenever its files are asked for."""
        contents = {path: self.objects.put(data) for path, data in files.items()}

        def give() -> list[tuple[str, bytes]]:
            self.filled.append(name)
            return [(path, content.hash) for path, content in contents.items()]

        def originals(wanted: str) -> list[tuple[str, Content]]:
            above = f"/{wanted}".rstrip("/")
            below = [(f"/{path}", content) for path, content in contents.items()]
            return [(path[len(above) :], content) for path, content in below if f"{path}/".startswith(f"{above}/")]

        return Input(name, key or f"{name}-{next(self._numbers)}", give, originals)

    def worker(self, files: Path | None = None, workdir: str = "/", **env: str) -> ProcessWorker:
        image = PreparedImage("test", "sha256:0", files, workdir, {"PATH": _PATH, **env})
        return self.runtime.start(image, f"worker-{next(self._numbers)}")

    def run(self, script: str, *inputs: Input, worker: ProcessWorker | None = None, **settings: Any) -> Outcome:
        """Run a shell script as a task, by default in a worker of its own."""
        task = Task("datum", inputs, Command(("sh", "-c", script), settings.pop("stdin", b"")), **settings)
        return (worker or self.worker()).run(task, self._tell)

    def _tell(self, line: str) -> None:
        self.lines.append(line)
        self.told(line)

    def outputs(self, outcome: Outcome, *inputs: Input) -> dict[str, bytes]:
        assert outcome.error == ""
        stored = store(self.objects, collect(outcome.output, inputs))
        return {path: b"".join(self.objects.read(content.hash)) for path, content in stored}

    def linked(self, outcome: Outcome, *inputs: Input) -> set[str]:
        """The outputs that nobody had to read, because an input has them."""
        return {path for path, what in collect(outcome.output, inputs) if isinstance(what, Content)}
