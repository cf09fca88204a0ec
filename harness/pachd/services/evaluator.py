"""A process that evaluates what a client wrote: ``evaluator.py SECONDS BYTES FOLDER jq|jsonnet``.

Such programs may run for ever, eat memory, overflow the stack or ask for files. So this process may use so many
seconds of processor time and so many bytes of memory, and opens no file. It never imports the server; ``FOLDER`` is
where the interpreters are installed.

It reads lines of JSON: first the program, then the values that it is to be applied to. Each is answered by a line:
``{"value": ...}``, or ``{"error": "..."}`` as the last one.
"""

from __future__ import annotations

import json
import resource
import sys

TYPE_CHECKING = False  # typing would have to be imported first
if TYPE_CHECKING:
    from collections.abc import Callable

TOO_MUCH_MEMORY = 3  # the exit status
_LARGEST = 16 * 1024 * 1024  # characters of one answer
_LONGEST_ERROR = 4000  # fits into a pipe however it is written, so that it can be told while the other side writes too


def main() -> None:
    """Evaluate until standard input ends or something is wrong."""
    seconds, memory, folder, language = sys.argv[1:]
    sys.path.append(folder)
    start = {"jq": _jq, "jsonnet": _jsonnet}[language]()
    _confine(int(seconds), int(memory))
    try:
        apply = start(json.loads(sys.stdin.readline()))
        _answer(value=None)
        for line in sys.stdin:
            _answer(value=apply(json.loads(line)))
    except MemoryError:
        sys.exit(TOO_MUCH_MEMORY)
    except (ValueError, RuntimeError, RecursionError) as error:
        _answer(error=str(error).strip()[:_LONGEST_ERROR])


def _confine(seconds: int, memory: int) -> None:
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_NOFILE: sys.stderr.fileno() + 1,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value + 1 if limit == resource.RLIMIT_CPU else value))


def _jq() -> Callable[[str], Callable[[object], bool]]:
    """A filter: whether the program's first result is neither false nor null."""
    import jq

    def start(program: str) -> Callable[[object], bool]:
        compiled = jq.compile(program)

        def passes(value: object) -> bool:
            result = next(iter(compiled.input_value(value)), None)
            return result is not None and result is not False  # 0 passes

        return passes

    return start


def _jsonnet() -> Callable[[str], Callable[[dict[str, str]], str]]:
    """A template: the text that it gives for arguments, which are strings."""
    import _jsonnet

    def refuse(_folder: str, _name: str) -> tuple[str, bytes]:
        raise RuntimeError("a template that is sent to the cluster cannot import files")

    def start(template: str) -> Callable[[dict[str, str]], str]:
        return lambda arguments: _jsonnet.evaluate_snippet(
            "template", template, tla_vars=arguments, import_callback=refuse
        )

    return start


def _answer(**told: object) -> None:
    line = json.dumps(told)
    if len(line) > _LARGEST:
        raise MemoryError
    print(line, flush=True)


if __name__ == "__main__":
    main()
