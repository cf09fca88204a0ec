"""The ``harness`` command."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import click

from harness.cli_parts import FOLDER, Problem, cluster_options, examples
from harness.cli_run import run
from harness.clusters import ClusterError, EmbeddedCluster, Options


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        {
            "pytest scenarios": "the whole story, on a cluster started for it",
            "pytest scenarios --cluster HOST:PORT": "the same on a Pachyderm of yours",
            "harness doctor": "what can this machine do?",
            "harness run pipelines.yaml --repo numbers": "pipelines of yours, on a cluster started for it",
            "harness up": "a cluster by hand, until Ctrl-C",
            "harness report reports/latest": "write a stored run's report anew",
        }
    ),
)
@click.version_option(package_name="pachyderm-harness")
def main() -> None:
    """Prove that machine-learning pipelines on Pachyderm are reproducible.

    The scenarios themselves are run by pytest; this command is for what is around them.
    """


main.add_command(run)


@main.command(
    epilog=examples(
        {
            "harness up": "try things out; nothing stays",
            "harness up --root ~/pach --port 30650": "the same data every time, on Pachyderm's own port",
            "harness up --no-token": "for clients that cannot send a token",
        }
    )
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1 (default: a free one).")
@click.option("--root", type=FOLDER, help="Data directory, made if missing and kept (default: temporary, removed).")
@click.option("--no-token", is_flag=True, help="Let everybody on this machine in; the cluster runs their commands.")
@cluster_options
def up(port: int, root: Path | None, no_token: bool, **settings: Any) -> None:
    """Start a cluster and keep it until Ctrl-C.

    Prints one JSON line when it answers: address, token, root (the data directory), pid, isolation.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    embedded = EmbeddedCluster(Options(root=root, port=port, locked=not no_token, **settings))
    try:
        with embedded as cluster:
            names = ("address", "token", "root", "pid", "isolation")
            click.echo(json.dumps({name: getattr(cluster, name) for name in names}, default=str))
            kept = "" if cluster.kept else ", temporary: it goes when the cluster ends"
            click.echo(
                f"data directory {cluster.root}{kept}; log in server.log there; Ctrl-C ends the cluster", err=True
            )
            embedded.wait()
            death = cluster.death()
    except KeyboardInterrupt:
        click.echo("the cluster has ended", err=True)
    except ClusterError as error:
        raise Problem(str(error)) from None
    else:
        raise Problem(str(death))


@main.command()
def doctor() -> None:
    """Say what this machine can do, and what to do about what it cannot.

    Looks at Python, the embedded cluster with its isolation, Docker, images, the cache folder and the data.
    """
    from harness.doctor import examine

    for finding in examine():
        click.echo(f"{'ok' if finding.fine else 'missing':<8} {finding.topic:<8} {finding.what}")


@main.command(
    epilog=examples(
        {
            "harness report reports/latest": "the newest run's",
            "harness report old/evidence.json --output old-again": "somewhere else",
        }
    )
)
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--output", type=FOLDER, help="Where to (default: beside the record).")
def report(record: Path, output: Path | None) -> None:
    """Write the report of a stored run anew. RECORD is an evidence.json, or the folder of a run."""
    from harness import report as reports
    from harness.evidence import seal, store

    try:
        found = store.read(record)
        folder = output or (record if record.is_dir() else record.parent)
        folder.mkdir(parents=True, exist_ok=True)
        page = reports.write(found, folder)
    except store.RecordError as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"cannot write the report: {error.filename}: {error.strerror}; use --output") from None
    if not seal.is_intact(found):
        click.echo("harness: this record was changed after it was sealed; the report says so", err=True)
    click.echo(page)


@main.group()
def data() -> None:
    """Reviews to run on.

    A run takes them from --data or HARNESS_DATA, else from a copy that was fetched, else it makes some up.
    """


@data.command(epilog=examples({"harness data fetch https://example.com/labeledTrainData.tsv --sha256 44c0...": ""}))
@click.argument("url")
@click.option("--sha256", help="What the file must hash to.")
def fetch(url: str, sha256: str | None) -> None:
    """Download labelled reviews once, for all later runs."""
    from harness.data import DataError
    from harness.data import fetch as download

    try:
        found = download(url, sha256)
    except DataError as error:
        raise Problem(str(error)) from None
    click.echo(found.describe())


@data.command()
@click.option("--data", "given", help="Folder to look at instead.", metavar="DIR")
def path(given: str | None) -> None:
    """Print the folder that a run would take its reviews from; what they are goes to standard error."""
    from harness.data import DataError, locate

    try:
        found = locate(given)
    except DataError as error:
        raise Problem(str(error)) from None
    click.echo(found.describe(), err=True)
    click.echo(found.directory)
