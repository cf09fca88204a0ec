"""Pachyderm 1.x specs in 2.x words.

The workshop's specs are written for Pachyderm 1.6. A 2.x server drops what it does not know, so an ``atom`` input ends
as "no input set" there. Everything translated here is told in a note; what has no 2.x counterpart at all is an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.specs.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

# Fields of 1.x that tuned a mechanism which 2.x no longer has. Leaving them out changes no result.
_WITHOUT_EFFECT = ("enable_stats", "cache_size", "batch", "max_queue_size", "hashtree_spec", "output")
_OF_ATOMS_ONLY = frozenset({"from_commit", "fromCommit", "commit"})
_COMBINATIONS = ("cross", "union", "join", "group")
_GO_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_GO_DURATION = re.compile(r"(?:\d+(?:\.\d*)?(?:h|ms|m|s|us|µs|ns))+")
_SECONDS = re.compile(r"\d+(?:\.\d+)?s")


def translate(document: Json, place: str) -> tuple[Json, tuple[str, ...]]:
    """``document`` in 2.x form, and a note for each thing that was translated. The argument stays as it is."""
    spec = dict(document)
    notes: list[str] = []
    for step in (_inputs, _parallelism, _scaling, _chunks, _resources, _timeouts, _build, _spout, _dropped):
        step(spec, place, notes.append)
    return spec, tuple(notes)


def _take(spec: Json, name: str) -> Any:
    """Remove a field, in either of the two spellings that Pachyderm reads, and give its value (None: not there)."""
    head, *rest = name.split("_")
    camel = head + "".join(word.title() for word in rest)
    found = spec.pop(name, None)
    return found if found is not None else spec.pop(camel, None)


def _inputs(spec: Json, place: str, note: Callable[[str], None]) -> None:
    listed = spec.get("inputs")
    if isinstance(listed, list) and listed and all(isinstance(child, dict) for child in listed):
        children = [{"pfs": _old_listed_input(child)} for child in spec.pop("inputs")]
        spec["input"] = children[0] if len(children) == 1 else {"cross": children}
        note("inputs: the list (Pachyderm 1.3 and before) became input.pfs or a cross of them")
    if isinstance(spec.get("input"), dict):
        spec["input"] = _input(spec["input"], "input", place, note)


def _old_listed_input(child: Json) -> Json:
    kept: Json = {name: child[name] for name in ("name", "branch", "glob", "lazy") if name in child}
    repo = child.get("repo")
    kept["repo"] = repo.get("name", "") if isinstance(repo, dict) else repo
    return kept


def _input(node: Json, path: str, place: str, note: Callable[[str], None]) -> Json:
    if "git" in node:
        remedy = "put the repository's files into a Pachyderm repo and read that with a pfs input"
        raise SpecError(place, f"{path}.git: Pachyderm 2.x has no git inputs", remedy)
    node = dict(node)
    if isinstance(node.get("atom"), dict):
        atom = {name: value for name, value in node.pop("atom").items() if name not in _OF_ATOMS_ONLY}
        node["pfs"] = atom
        note(f"{path}: the atom input {atom.get('repo', '')!r} became a pfs input")
    for kind in _COMBINATIONS:
        if isinstance(node.get(kind), list):
            node[kind] = [
                _input(child, f"{path}.{kind}[{i}]", place, note) if isinstance(child, dict) else child
                for i, child in enumerate(node[kind])
            ]
    return node


def _parallelism(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    given = _take(spec, "parallelism_spec")
    if not isinstance(given, dict):
        spec["parallelism_spec"] = given
        return
    new = {name: value for name, value in given.items() if name not in {"strategy", "coefficient"}}
    if "strategy" in given:
        note("parallelism_spec.strategy: removed, 2.x has none")
    if "coefficient" in given and "constant" not in new:
        new["constant"] = 1
        note("parallelism_spec.coefficient: counted workers by node, which 2.x does not; became constant 1")
    spec["parallelism_spec"] = new


def _scaling(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    threshold, standby = _take(spec, "scale_down_threshold"), _take(spec, "standby")
    if threshold is not None or standby:
        spec["autoscaling"] = True
        note("standby or scale_down_threshold: became autoscaling")


def _chunks(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    chunks = _take(spec, "chunk_spec")
    if chunks is not None:
        spec["datum_set_spec"] = chunks
        note("chunk_spec: became datum_set_spec")


def _resources(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    oldest = _take(spec, "resource_spec")
    if oldest is not None:
        spec["resource_requests"] = oldest
        note("resource_spec: became resource_requests")
    for name in ("resource_limits", "resource_requests"):
        limits = _take(spec, name)
        if isinstance(limits, dict) and isinstance(limits.get("gpu"), int):
            limits = {**limits, "gpu": {"type": "nvidia.com/gpu", "number": limits["gpu"]}}
            note(f"{name}.gpu: the number became a type and a number")
        if limits is not None:
            spec[name] = limits


def _timeouts(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    for name in ("job_timeout", "datum_timeout"):
        given = _take(spec, name)
        if isinstance(given, str) and not _SECONDS.fullmatch(given) and _GO_DURATION.fullmatch(given):
            parts = re.findall(r"(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)", given)
            seconds = sum(float(amount) * _GO_UNITS[unit] for amount, unit in parts)
            note(f"{name}: {given} became {seconds:.9g}s, since 2.x reads seconds only")
            given = f"{seconds:.9f}s"
        if given is not None:
            spec[name] = given


def _build(spec: Json, place: str, _note: Callable[[str], None]) -> None:
    transform = spec.get("transform")
    if isinstance(transform, dict) and "build" in transform:
        raise SpecError(place, "transform.build: Pachyderm 2.x builds no images", "name the built one in image")


def _spout(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    spout = spec.get("spout")
    old = {"overwrite", "marker"} & set(spout) if isinstance(spout, dict) else set()
    if isinstance(spout, dict) and old:
        spec["spout"] = {name: value for name, value in spout.items() if name not in old}
        note(f"spout: left out {' and '.join(sorted(old))}; spouts of 2.x write by put file, not into /pfs/out")


def _dropped(spec: Json, _place: str, note: Callable[[str], None]) -> None:
    for name in _WITHOUT_EFFECT:
        if _take(spec, name) is not None:
            note(f"{name}: left out, 2.x has no such setting")
    if _take(spec, "incremental"):
        note("incremental: left out; in 2.x, /pfs/out is empty when a datum begins")
