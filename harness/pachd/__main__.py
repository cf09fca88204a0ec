"""``python -m harness.pachd``: run the embedded cluster in the foreground.

Prints one JSON line on standard output when it answers; logs go to standard error. Ends on SIGINT or SIGTERM, and
with ``--with-parent`` also when its standard input closes, so that it never outlives who started it.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import logging
import os
import secrets
import shutil
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import platformdirs

EGRESS_FOLDERS = "HARNESS_EGRESS_FOLDERS"
M_ARENA_MAX = -8  # of glibc's malloc.h


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop. Exit code 0 after a clean stop, 2 when the server cannot start."""
    options = _parser().parse_args(arguments)
    told_to_stop, stop = os.pipe()
    os.set_blocking(stop, False)
    # The system may give a signal to any thread. Handlers run in the main thread, which would go on sleeping.
    signal.set_wakeup_fd(stop)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # the server words its errors itself
    _share_one_heap()
    gc.disable()  # nearly all that importing makes stays
    from harness.pachd.server import Server, Settings, StartError  # after the signal handlers: importing takes 0.2 s

    gc.freeze()  # so collections need not look at it
    gc.enable()
    given = os.environ.pop("HARNESS_TOKEN", "")  # taken out: commands get the token by other names
    token = None if options.no_token else options.token or given or secrets.token_urlsafe(24)
    server = Server(
        Settings(
            root=options.root.resolve(),
            cache=options.cache.resolve(),
            port=options.port,
            token=token,
            images=tuple(folder.resolve() for folder in options.images),
            allow_host_images=options.allow_host_images,
            egress_folders=tuple(folder.resolve() for folder in options.egress_folder),
        )
    )
    try:
        server.start()
    except StartError as error:
        print(f"harness: {error}", file=sys.stderr)
        return 2
    try:
        _announce(server.address, token, options.root.resolve(), server.isolation)
        if options.with_parent:
            threading.Thread(target=_watch_parent, args=(stop,), daemon=True).start()
        os.read(told_to_stop, 1)
    finally:
        server.close()
        if options.temporary:
            shutil.rmtree(options.root, ignore_errors=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m harness.pachd", description="Run the embedded Pachyderm cluster.")
    parser.add_argument("--root", type=Path, required=True, help="data directory; made if missing, kept at the end")
    parser.add_argument("--temporary", action="store_true", help="remove the data directory after a clean stop")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--token", help="token that calls must carry (default: $HARNESS_TOKEN, else a random one)")
    parser.add_argument("--no-token", action="store_true", help="let everybody on this machine in")
    parser.add_argument("--images", type=Path, action="append", default=[], help="folder of image folders; repeatable")
    parser.add_argument("--allow-host-images", action="store_true", help="run unknown images on this machine as it is")
    parser.add_argument(
        "--egress-folder",
        type=Path,
        action="append",
        default=[Path(folder) for folder in os.environ.get(EGRESS_FOLDERS, "").split(os.pathsep) if folder],
        help=f"folder that pipelines may send their output to, by file://; repeatable (besides ${EGRESS_FOLDERS})",
    )
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where image environments are kept")
    parser.add_argument("--with-parent", action="store_true", help="also stop when standard input closes")
    return parser


def default_cache() -> Path:
    """Where image environments are kept unless told otherwise: $HARNESS_CACHE, else the user's cache folder."""
    return Path(os.environ.get("HARNESS_CACHE") or platformdirs.user_cache_dir("pachyderm-harness"))


def _share_one_heap() -> None:
    """Keep glibc from giving threads heaps of their own: freed messages of 19 MiB pile up in each of them."""
    with suppress(OSError, AttributeError):  # other C libraries have no arenas
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _announce(address: str, token: str | None, root: Path, isolation: str) -> None:
    line = {"address": address, "token": token, "root": str(root), "pid": os.getpid(), "isolation": isolation}
    print(json.dumps(line), flush=True)


def _watch_parent(stop: int) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.write(stop, b"p")


if __name__ == "__main__":
    sys.exit(main())
