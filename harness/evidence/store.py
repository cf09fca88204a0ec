"""Records on disk: ``<reports>/<run id>/evidence.json``, and ``<reports>/latest`` leading to the newest run."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from harness.evidence.forms import FormError, build, plain, schema
from harness.evidence.model import SCHEMA, VERSION, Record

FILE = "evidence.json"
SCHEMA_FILE = Path(__file__).with_name("schema.json")
LATEST = "latest"


class RecordError(Exception):
    """A record cannot be read: the text says which file, what is wrong with it and what to do."""


def write(record: Record, reports: Path) -> Path:
    """Write a sealed record into its own folder below ``reports`` and let ``latest`` lead there.

    Returns the path of the JSON file. Nobody ever sees half a file, and equal records give equal bytes.
    """
    folder = reports / record.run.id
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / FILE, text(record))
    _point(reports / LATEST, record.run.id)
    return folder / FILE


def read(path: Path) -> Record:
    """The record in a file or run's folder; the hash is not checked (`seal.is_intact`). Raises :class:`RecordError`."""
    file = path / FILE if path.is_dir() else path
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise RecordError(f"{file}: no evidence here; give a run's folder or its {FILE}") from None
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise RecordError(f"{file}: not JSON ({error}); the file is damaged, run the scenarios again") from None
    return _record(data, file)


def _record(data: Any, file: Path) -> Record:
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise RecordError(f"{file}: not an evidence record: its field 'schema' is not {SCHEMA!r}")
    if data.get("version") != VERSION:
        raise RecordError(f"{file}: a record of version {data.get('version')!r}; this harness reads version {VERSION}")
    try:
        return build(Record, data)
    except FormError as error:
        raise RecordError(f"{file}: damaged record: {error}") from None


def text(record: Record) -> str:
    """The record as the file holds it: JSON, keys sorted, one value a line, one newline at the end."""
    return json.dumps(plain(record), sort_keys=True, indent=1, allow_nan=False) + "\n"


def schema_text() -> str:
    """The JSON Schema of a record, as ``schema.json`` beside this module holds it."""
    return json.dumps({"$id": f"urn:{SCHEMA}/{VERSION}", **schema(Record)}, sort_keys=True, indent=1) + "\n"


def replace_text(path: Path, content: str) -> None:
    """Write a whole file or nothing: a temporary file beside it is renamed over it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", newline="\n") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _point(link: Path, target: str) -> None:
    """Let the symbolic link lead to ``target``, without a moment in which it leads nowhere."""
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target, target_is_directory=True)
    fresh.replace(link)
