"""Starting worker processes."""

from __future__ import annotations

import subprocess
import sys

from harness.pachd.workers.messages import PACKAGES

# At the end of the search path, where it can hide nothing of the standard library.
_PROGRAM = "import sys; sys.path.append(sys.argv[2]); from harness.pachd.workers.child.main import main; main({fd})"


def spawn(fd: int) -> subprocess.Popen[bytes]:
    """A worker that talks to this process through the socket with the descriptor ``fd``, which it inherits."""
    program = _PROGRAM.format(fd=fd)
    argv = [sys.executable, "-I", "-S", "-X", "utf8", "-c", program, "harness-worker", str(PACKAGES)]
    # A session of its own: Ctrl-C in a terminal reaches the server, which ends its workers in order.
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(fd,), start_new_session=True
    )
