"""Starting a command: search on PATH, a session of its own, pipes, user and working directory."""

from __future__ import annotations

import errno
import os
import subprocess

from harness.pachd.workers.child import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class StartError(Exception):
    """The command could not be started; the message is worded as Go's os/exec does."""


class OverrunError(Exception):
    """A command takes more than it may; the message says of what."""


class Owner:
    """The user that a command runs as: numeric id or name, optionally ``:group``, from the host's user database."""

    def __init__(self, user: str) -> None:
        import grp  # hardly ever needed
        import pwd

        name, _, group = user.partition(":")
        try:
            entry = pwd.getpwuid(int(name)) if _is_number(name) else pwd.getpwnam(name)
        except KeyError as error:
            raise StartError(f"user {user} not found") from error
        self.uid, self.gid, self.groups = entry.pw_uid, entry.pw_gid, os.getgrouplist(entry.pw_name, entry.pw_gid)
        if group:
            try:
                self.gid = int(group) if _is_number(group) else grp.getgrnam(group).gr_gid
            except KeyError as error:
                raise StartError(f"group {group} not found") from error
        mine = os.geteuid()
        if mine not in (0, self.uid):
            raise StartError(f"cannot run as user {user}: the embedded cluster runs as uid {mine}, not as root")

    @property
    def identity(self) -> dict[str, Any]:
        """For Popen: give up root for this user; nothing to do for one who is it already."""
        if os.geteuid() != 0 or self.uid == 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": self.groups}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


class Program:
    """A running command. ``stdin``, ``stdout`` and ``stderr`` are our ends of its pipes, none of which blocks.

    ``stdin`` is None once everything was fed.
    """

    def __init__(self, argv: list[str], stdin: bytes, cwd: str, env: dict[str, str], owner: Owner | None) -> None:
        """Start ``argv``; raises :class:`StartError`. ``cwd`` is absolute."""
        path = _find(argv[0], env.get("PATH", ""))
        (source, feed), (self.stdout, stdout), (self.stderr, stderr) = (os.pipe() for _ in range(3))
        self.stdin: int | None = feed
        self._unfed = memoryview(stdin)
        try:
            self.pid = _start(path, argv, cwd, env, owner, (source, stdout, stderr))
        except StartError:
            self.stop_feeding()
            for end in (self.stdout, self.stderr):
                os.close(end)
            raise
        finally:
            for end in (source, stdout, stderr):
                os.close(end)
        for end in (feed, self.stdout, self.stderr):
            os.set_blocking(end, False)
        self.feed()

    def feed(self) -> None:
        """Write to the command's input what fits. A command that does not read it loses it, as in Pachyderm."""
        if self.stdin is None:
            return
        try:
            while self._unfed:
                self._unfed = self._unfed[os.write(self.stdin, self._unfed) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            pass
        self.stop_feeding()

    def stop_feeding(self) -> None:
        """Close the command's input."""
        if self.stdin is not None:
            os.close(self.stdin)
            self.stdin = None

    def ended(self) -> bool:
        """Whether it has ended already; it is not reaped."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _find(name: str, path: str) -> str:
    """The file to execute, as Go's exec.LookPath finds it."""
    if "/" in name:
        return name
    for folder in path.split(":"):
        candidate = os.path.join(folder, name)
        if os.path.isabs(candidate) and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    raise StartError(words.not_found(name))


def _start(
    path: str, argv: list[str], cwd: str, env: dict[str, str], owner: Owner | None, streams: tuple[int, int, int]
) -> int:
    """The process id. Not by os.fork, after which the child copies page after page of this interpreter."""
    stdin, stdout, stderr = streams
    identity = owner.identity if owner else {}
    try:
        process = subprocess.Popen(
            argv,
            executable=path,
            cwd=cwd,
            env=env,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            **identity,
        )
    except OSError as error:
        stage, place = ("chdir", cwd) if error.filename == cwd else ("fork/exec", path)
        raise StartError(words.not_started(stage, place, error.errno or errno.EINVAL)) from error
    except ValueError as error:  # a NUL in an argument or in the environment
        raise StartError(words.not_started("fork/exec", path, errno.EINVAL)) from error
    process.returncode = 0  # so that Popen does not wait for it: that is for others to do
    return process.pid
