"""``harness run``: the pipelines of spec files, without a test around them."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import click

from harness.cli_parts import FOLDER, PRESENT_FILE, Problem, cluster_options, examples
from harness.clusters import EMBEDDED, ClusterError, Options, start


@click.command(
    epilog=examples(
        {
            "harness run pipelines.yaml --repo numbers": "the folder numbers is the input repo of that name",
            "harness run a.json b.json --repo in=data --output out": "several files, and keep the results",
            "harness run a.json --cluster 127.0.0.1:30650": "on a cluster that is there, such as one of harness up",
        }
    )
)
@click.argument("specs", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="SPEC...")
@click.option("--repo", "repos", multiple=True, metavar="[NAME=]DIR", help="Folder to fill a repo from; repeatable.")
@click.option(
    "--secret", "secrets", type=PRESENT_FILE, multiple=True, help="Kubernetes secret to create, in JSON; repeatable."
)
@click.option("--output", type=FOLDER, help="Write what comes out below this folder, one folder a pipeline.")
@click.option("--cluster", "where", default=EMBEDDED, metavar="WHERE", help="embedded (default), or HOST:PORT[,TOKEN].")
@cluster_options
def run(
    specs: tuple[Path, ...],
    repos: tuple[str, ...],
    secrets: tuple[Path, ...],
    output: Path | None,
    where: str,
    **settings: Any,
) -> None:
    """Run the pipelines of spec files, in JSON or YAML.

    Fills input repos, creates the pipelines or updates those of the same names, waits for their jobs and shows what
    comes out. With a spout, a service or a cron input it goes on until Ctrl-C, shows each further job and
    what spouts and services print.
    """
    from harness.running import Running, specs_of
    from harness.specs import SpecError
    from harness.workflow import WorkflowError

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        folders, found = [_repo(given) for given in repos], specs_of(specs)
        with start(where, Options(**settings)) as cluster:
            running = Running(cluster, found, click.echo)
            running.run(folders, secrets, output)
            if running.standing:
                click.echo(f"{', '.join(running.standing)} on {cluster.address}: going on until Ctrl-C")
                running.follow()
                raise cluster.death(2.0) or ClusterError(f"the cluster at {cluster.address} has gone")
    except KeyboardInterrupt:
        click.echo("ended", err=True)
    except (ClusterError, SpecError, WorkflowError) as error:
        raise Problem(str(error)) from None
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None


def _repo(given: str) -> tuple[str, Path]:
    """``NAME=DIR``, or a folder that is called as its repo."""
    name, equals, folder = given.rpartition("=")
    path = Path(folder)
    if not path.is_dir():
        raise Problem(f"--repo {given}: there is no folder {path}; name the one that holds the repo's files")
    return (name if equals else path.resolve().name), path
