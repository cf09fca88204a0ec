"""A pipeline spec, and what scenarios do with one: read it, vary it, hand it to a cluster."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from python_pachyderm.service import pps_proto

from harness.specs.dialect import translate
from harness.specs.documents import objects
from harness.specs.errors import SpecError


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


def pfs_inputs(node: Any) -> list[Any]:
    """The ``PFSInput`` messages of a pipeline's input, in order, however they are combined."""
    found = [node.pfs] if node.HasField("pfs") else []
    for children in (node.cross, node.union, node.join, node.group):
        for child in children:
            found += pfs_inputs(child)
    return found


def load(path: str | Path) -> list[Spec]:
    """Every spec of a JSON file (UTF-8); :class:`SpecError` says what is wrong with one that cannot be read."""
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
    """The specs in a text: JSON objects, one or several behind one another, or in lists. ``source`` names it."""
    return [_spec(place, document) for place, document in objects(text, source)]


def _spec(place: str, document: dict[str, Any]) -> Spec:
    translated, notes = translate(document, place)
    request = pps_proto.CreatePipelineRequest()
    try:
        json_format.ParseDict(translated, request)
    except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
        raise _explain(str(error), place) from None
    if not request.pipeline.name:
        raise SpecError(place, "it does not name its pipeline", 'write "pipeline": {"name": "..."}')
    return Spec(place, notes, request.SerializeToString())


def _explain(message: str, place: str) -> SpecError:
    """What protobuf says about a misfit, in the words of a spec."""
    at = re.search(r" at \"?CreatePipelineRequest\.?([\w.\[\]]*)", message)
    path = at.group(1) if at else ".".join(re.findall(r"Failed to parse (\w+) field", message))
    unknown = re.search(r'has no field named "(.*?)"', message)
    if unknown:
        offered = re.search(r"extensions\): \"?\[(.*?)\]", message)
        known = offered.group(1).replace("'", "") if offered else "in Pachyderm's pipeline specification"
        field = ".".join(part for part in (path, unknown.group(1)) if part)
        return SpecError(place, f"{field}: there is no such field", f"fields there are {known}")
    nested = ".".join(re.findall(r"Failed to parse (\w+) field", message))
    reason = re.sub(r"Failed to parse \w+ field: | at CreatePipelineRequest.*", "", message).split("\n")[0].rstrip(".")
    return SpecError(place, f"{nested or 'the spec'}: {reason}", "see Pachyderm's pipeline specification for its form")
