"""Plays a story of commits by Pachyderm's rules: what propagates, which datums run, which are skipped."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from harness.evidence import moments, refs
from harness.evidence.facts import Branch, Commit, Datum, DatumInput, File, Job, PipelineVersion, Repo, Stats

REVIEWS = {f"/{number}.txt": f"review {number}".encode() for number in range(1, 7)}
TRAINING = {"/labeledTrainData.tsv": b"id\tsentiment\treview\n1\t1\tgood\n2\t0\tbad\n"}
_IMAGES = {"model": "kaixhin/neon", "inference": "dwhitena/neon-inference"}
_INPUTS = {"model": ("training",), "inference": ("reviews", "model")}
START = 1_790_000_000
_DATUM = Stats(0.021, 0.74, 0.004, 4096, 40)


def commit_id(letter: str) -> str:
    """The id of the commit set that the story calls ``letter``."""
    return hashlib.sha256(letter.encode()).hexdigest()[:32]


class Story:
    """What the cluster would hold after the events played so far."""

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.jobs: list[Job] = []
        self.versions: list[PipelineVersion] = []
        self._heads: dict[str, Commit] = {}
        self._done: dict[str, tuple[str, Datum]] = {}  # datum id -> its datum hash and what ran
        self._clock = 0

    def tick(self, seconds: int) -> str:
        """The time, some seconds later."""
        self._clock += seconds
        return moments.from_epoch(START + self._clock, 250_000_000)

    def put(self, letter: str, repo: str, files: dict[str, bytes]) -> None:
        """A user commit whose whole content is ``files``, and what follows from it."""
        id_, started = commit_id(letter), self.tick(2)
        listed = tuple(_file(path, "default", content) for path, content in sorted(files.items()))
        self._commit(refs.repo(repo), id_, "USER", (started, self.tick(1)), (), listed)
        self._propagate(id_, [repo])

    def create(self, letter: str, name: str, command: str, *, reprocess: bool = True) -> None:
        """A pipeline or a new version of it, and what follows from it."""
        id_, at = commit_id(letter), self.tick(2)
        spec = self._commit(refs.repo(name, "spec"), id_, "USER", (at, at), (), ())
        older = [version for version in self.versions if version.name == name]
        salt = id_ if reprocess or not older else older[-1].spec["salt"]
        details = {"salt": salt, "transform": {"cmd": command.split(), "image": _IMAGES[name]}}
        digest = "sha256:" + _digest(_IMAGES[name])
        self.versions.append(
            PipelineVersion("default", name, len(older) + 1, spec.ref, _IMAGES[name], digest, "RUNNING", "", details)
        )
        self._run(id_, self.versions[-1])
        self._propagate(id_, [name])

    def repos(self) -> tuple[Repo, ...]:
        """Every repo with a commit in it."""
        return tuple(self._repo(name, head) for name, head in sorted(self._heads.items()))

    def _repo(self, name: str, head: Commit) -> Repo:
        parsed = refs.parse(head.ref)
        first = next(commit for commit in self.commits if commit.repo == name)
        provenance = tuple(f"{ref.rpartition('@')[0]}@master" for ref in head.direct_provenance)
        branches = (Branch("master", head.ref, provenance),) if parsed.type == "user" else ()
        return Repo(parsed.project, parsed.repo, parsed.type, "", first.started, head.size, branches)

    def _propagate(self, id_: str, changed: list[str]) -> None:
        for version in {version.name: version for version in self.versions}.values():
            if set(changed) & set(_INPUTS[version.name]) - {version.name}:
                self._run(id_, version)
                changed.append(version.name)

    def _run(self, id_: str, version: PipelineVersion) -> None:
        created, started = self.tick(1), self.tick(1)
        inputs = [self._heads[refs.repo(repo)] for repo in _INPUTS[version.name]]
        provenance = tuple(sorted([*(commit.ref for commit in inputs), version.spec_commit]))
        made = [self._datum(id_, version, file, inputs) for file in inputs[0].files]
        datums = tuple(sorted((datum for _, datum in made), key=lambda datum: datum.id))
        processed = sum(datum.state == "SUCCESS" for datum in datums)
        times = (created, self.tick(9 if version.name == "model" else 1 + processed))
        files = tuple(sorted((file for output, _ in made for file in output), key=lambda file: file.path))
        output = self._commit(version.ref, id_, "AUTO", times, provenance, files)
        self._commit(refs.repo(version.name, "meta"), id_, "AUTO", times, provenance, ())
        stats = Stats(0.021 * processed, 0.74 * processed, 0.004 * processed, 4096 * processed, 40 * processed)
        counts = (0, len(datums), processed, len(datums) - processed, 0, 0)
        timing = (created, started, times[1])
        self.jobs.append(
            Job(
                version.ref,
                id_,
                version.version,
                "SUCCESS",
                "",
                *timing,
                *counts,
                output.ref,
                stats,
                len(datums),
                datums,
            )
        )

    def _datum(self, id_: str, version: PipelineVersion, file: File, inputs: list[Commit]) -> tuple[list[File], Datum]:
        datum_id = _digest(version.name + file.path)
        used = (DatumInput(inputs[0].ref, file.path, file.hash, file.size), *map(_directory, inputs[1:]))
        datum_hash = _digest("".join(item.hash for item in used) + version.spec["salt"])
        before = self._done.get(datum_id)
        if before and before[0] == datum_hash:
            return _outputs(version.name, file.path, datum_id, datum_hash), replace(before[1], state="SKIPPED")
        datum = Datum(datum_id, "SUCCESS", id_, version.image_digest, used, _DATUM)
        self._done[datum_id] = (datum_hash, datum)
        return _outputs(version.name, file.path, datum_id, datum_hash), datum

    def _commit(
        self,
        repo: str,
        id_: str,
        origin: str,
        times: tuple[str, str],
        provenance: tuple[str, ...],
        files: tuple[File, ...],
    ) -> Commit:
        parent = self._heads[repo].ref if repo in self._heads else None
        started, finished = times
        size = sum(file.size for file in files)
        commit = Commit(
            repo, id_, "master", origin, "", parent, started, finished, finished, "", size, provenance, files
        )
        self._heads[repo] = commit
        self.commits.append(commit)
        return commit


def _outputs(pipeline: str, path: str, datum: str, datum_hash: str) -> list[File]:
    """What a datum writes, made from its hash: other inputs or another salt give other bytes."""
    if pipeline == "model":
        return [_file(name, datum, f"{name} {datum_hash}".encode()) for name in ("/imdb.p", "/imdb.vocab")]
    positive = int(datum_hash[:8], 16) / 0xFFFFFFFF
    line = f"Pred - [[ {1 - positive:.8f}  {positive:.8f}]]\n"
    return [_file(path, datum, line.encode())]


def _file(path: str, datum: str, content: bytes) -> File:
    sha256 = hashlib.sha256(content).hexdigest()
    text = content.decode() if path.endswith(".txt") else None
    return File(path, datum, len(content), _digest(f"cluster {sha256}"), sha256, text)


def _directory(commit: Commit) -> DatumInput:
    return DatumInput(commit.ref, "/", _digest("".join(file.hash for file in commit.files)), commit.size)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
