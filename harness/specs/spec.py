"""A pipeline spec, and what scenarios do with one: read it, vary it, hand it to a cluster."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from python_pachyderm.service import pps_proto

from harness.specs import form
from harness.specs.dialect import translate
from harness.specs.documents import objects
from harness.specs.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Spec:
    """One pipeline, in Pachyderm 2.x's form whatever it was written in.

    ``source`` names the file (and which spec in it); ``notes`` say what was translated from the 1.x dialect. Variants
    are new specs: ``spec.with_(parallelism=10)``.
    """

    source: str
    notes: tuple[str, ...]
    _wire: bytes

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return str(self.request().pipeline.name)

    def request(self) -> Any:
        """A fresh ``CreatePipelineRequest`` (python_pachyderm's), for the caller to keep."""
        return pps_proto.CreatePipelineRequest.FromString(self._wire)

    def document(self) -> dict[str, Any]:
        """The spec as JSON data with Pachyderm's field names."""
        found: dict[str, Any] = json_format.MessageToDict(self.request(), preserving_proto_field_name=True)
        return found

    def with_(
        self,
        *,
        name: str | None = None,
        project: str | None = None,
        image: str | None = None,
        cmd: list[str] | None = None,
        parallelism: int | None = None,
        glob: dict[str, str] | None = None,
    ) -> Spec:
        """The same pipeline with something changed. ``glob`` maps an input repo to its new pattern."""
        request = self.request()
        if name is not None:
            request.pipeline.name = name
        if project is not None:
            request.pipeline.project.name = project
        if image is not None:
            request.transform.image = image
        if cmd is not None:
            request.transform.cmd[:] = cmd
        if parallelism is not None:
            request.parallelism_spec.constant = parallelism
        for repo, pattern in (glob or {}).items():
            self._input(request.input, repo).glob = pattern
        return replace(self, _wire=request.SerializeToString())

    def with_option(self, flag: str, value: str) -> Spec:
        """The same pipeline with the value behind ``flag`` in its command replaced; :class:`SpecError` without it."""
        cmd = list(self.request().transform.cmd)
        if flag not in cmd[:-1]:
            raise SpecError(self.source, f"its command has no {flag}", f"use one of its own: {' '.join(cmd)}")
        cmd[cmd.index(flag) + 1] = value
        return self.with_(cmd=cmd)

    def _input(self, node: Any, repo: str) -> Any:
        leaves = [leaf for leaf in pfs_inputs(node) if leaf.repo == repo]
        if not leaves:
            raise SpecError(self.source, f"it does not read repo {repo!r}", "name one of its input repos")
        return leaves[0]


def input_nodes(node: Any) -> Iterator[Any]:
    """A pipeline's input (an ``Input`` message) and every input below it, in order, however they are combined."""
    yield node
    for children in (node.cross, node.union, node.join, node.group):
        for child in children:
            yield from input_nodes(child)


def pfs_inputs(node: Any) -> list[Any]:
    """The ``PFSInput`` messages of a pipeline's input, in order."""
    return [below.pfs for below in input_nodes(node) if below.HasField("pfs")]


def load(path: str | Path) -> list[Spec]:
    """Every spec of a JSON or YAML file (UTF-8); :class:`SpecError` says what is wrong with one that cannot be read."""
    source = os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(source, f"byte {error.start} is not UTF-8", "save the file as UTF-8") from None
    except OSError as error:
        raise SpecError(source, f"cannot be read: {error.strerror}", "check the path") from None
    return parse(text, source)


def load_one(path: str | Path) -> Spec:
    """The spec of a file that holds exactly one."""
    specs = load(path)
    if len(specs) != 1:
        raise SpecError(str(path), f"it holds {len(specs)} specs where one is needed", "split it, or use load()")
    return specs[0]


def parse(text: str, source: str = "<text>") -> list[Spec]:
    """The specs in a text: JSON or YAML, one or several behind one another, split by ``---`` or in lists.

    ``source`` names the text in messages. A field that does not exist is an error, as it is for ``python_pachyderm``:
    ``pachctl`` drops it, and nobody sees the typing error.
    """
    return [_spec(place, document) for place, document in objects(text, source)]


def _spec(place: str, document: dict[str, Any]) -> Spec:
    translated, notes = translate(document, place)
    form.check(translated, pps_proto.CreatePipelineRequest.DESCRIPTOR, place)
    request = pps_proto.CreatePipelineRequest()
    try:
        json_format.ParseDict(translated, request)
    except (json_format.ParseError, ValueError) as error:  # protobuf's own limits, such as on surrogates
        reason = str(error).splitlines()[0]
        raise SpecError(place, f"it is no pipeline spec: {reason}", "correct what it names") from None
    if not request.pipeline.name:
        raise SpecError(place, "it does not name its pipeline", 'write "pipeline": {"name": "..."}')
    return Spec(place, notes, request.SerializeToString())
