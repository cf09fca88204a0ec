"""Starting a command: search on PATH, a session of its own, pipes, user and working directory."""

from __future__ import annotations

import errno
import os
import signal

from harness.pachd.workers.child import words


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
            entry = pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
        except KeyError as error:
            raise StartError(f"user {user} not found") from error
        self.uid, self.gid, self.groups = entry.pw_uid, entry.pw_gid, os.getgrouplist(entry.pw_name, entry.pw_gid)
        if group:
            try:
                self.gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
            except KeyError as error:
                raise StartError(f"group {group} not found") from error
        mine = os.geteuid()
        if mine not in (0, self.uid):
            raise StartError(f"cannot run as user {user}: the embedded cluster runs as uid {mine}, not as root")

    def become(self) -> None:
        """Give up root for this user; nothing to do for one who is it already."""
        if os.geteuid() == 0 and self.uid != 0:
            os.setgroups(self.groups)
            os.setgid(self.gid)
            os.setuid(self.uid)


class Program:
    """A running command. ``stdin``, ``stdout`` and ``stderr`` are our ends of its pipes, none of which blocks.

    ``stdin`` is None once everything was fed.
    """

    def __init__(self, argv: list[str], stdin: bytes, cwd: str, env: dict[str, str], owner: Owner | None) -> None:
        """Start ``argv``; raises :class:`StartError`. ``cwd`` is absolute."""
        path = _find(argv[0], env.get("PATH", ""))
        (source, feed), (self.stdout, stdout), (self.stderr, stderr), (failed, fail) = (os.pipe() for _ in range(4))
        self.stdin: int | None = feed
        self._unfed = memoryview(stdin)
        self.pid = os.fork()
        if self.pid == 0:
            _become(path, argv, cwd, env, owner, (source, stdout, stderr), fail)
        for end in (source, stdout, stderr, fail):
            os.close(end)
        self._await_start(failed, path, cwd)
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

    def _await_start(self, failed: int, path: str, cwd: str) -> None:
        with open(failed, encoding="ascii") as file:
            report = file.read()  # ends at the exec, which closes the other end
        if not report:
            return
        os.waitpid(self.pid, 0)
        self.stop_feeding()
        for end in (self.stdout, self.stderr):
            os.close(end)
        stage, _, number = report.partition(" ")
        raise StartError(words.not_started(stage, cwd if stage == "chdir" else path, int(number)))


def _find(name: str, path: str) -> str:
    """The file to execute, as Go's exec.LookPath finds it."""
    if "/" in name:
        return name
    for folder in path.split(":"):
        candidate = os.path.join(folder, name)
        if os.path.isabs(candidate) and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    raise StartError(words.not_found(name))


def _become(
    path: str,
    argv: list[str],
    cwd: str,
    env: dict[str, str],
    owner: Owner | None,
    streams: tuple[int, int, int],
    fail: int,
) -> None:
    """The forked child: turn into the command, or tell ``fail`` why not."""
    stage = "fork/exec"
    try:
        os.setsid()
        for target, stream in enumerate(streams):
            os.dup2(stream, target)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        if owner:
            owner.become()
        stage = "chdir"
        os.chdir(cwd)
        stage = "fork/exec"
        os.execve(path, argv, env)  # noqa: S606 -- an argv is what Pachyderm runs
    except OSError as error:
        os.write(fail, f"{stage} {error.errno}".encode("ascii"))
    except ValueError:  # a NUL in an argument or in the environment
        os.write(fail, f"{stage} {errno.EINVAL}".encode("ascii"))
    finally:
        os._exit(127)
