"""Writes the table in ``compatibility.md`` from the services themselves: ``python docs/compatibility_table.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.pachd.errors import server
from harness.pachd.services import wire
from harness.pachd.services.registry import SERVICES

if TYPE_CHECKING:
    from harness.pachd.errors import Kind

PAGE = Path(__file__).with_name("compatibility.md")
BEGIN, END = "<!-- table: python docs/compatibility_table.py -->", "<!-- end of table -->"
IMPLEMENTED, NOT_ACTIVATED, REFUSED = KINDS = ("implemented", "answers not activated", "refused")


class Answer(NamedTuple):
    """What an RPC answers: ``kind`` is one of ``KINDS``; ``error`` is what a refused one says every time."""

    rpc: str
    kind: str
    error: Kind | None = None


def answers(pb2: Any, name: str, implementation: type) -> list[Answer]:
    """One for each RPC of a service, by name."""
    rpcs = sorted(method.name for method in pb2.DESCRIPTOR.services_by_name[name].methods)
    return [_answer(rpc, wire.find(implementation, rpc)) for rpc in rpcs]


def _answer(rpc: str, method: Any) -> Answer:
    error = server.NOT_IMPLEMENTED if method is None else getattr(method, "answer", None)
    if error is None:
        return Answer(rpc, IMPLEMENTED)
    return Answer(rpc, NOT_ACTIVATED if error is server.AUTH_NOT_ACTIVATED else REFUSED, error)


def table() -> str:
    """A row a service, then a line for each RPC that is refused with words of its own."""
    lines = [f"| service | {' | '.join(KINDS)} |", "|---|" + "---|" * len(KINDS)]
    own_words = []
    for pb2, name, implementation in SERVICES:
        full_name = f"{pb2.DESCRIPTOR.package}.{name}"
        found = answers(pb2, name, implementation)
        cells = [", ".join(answer.rpc for answer in found if answer.kind == kind) for kind in KINDS]
        lines.append(f"| `{full_name}` | {' | '.join(cells)} |")
        own_words += [
            f"* `{full_name}/{answer.rpc}`: {answer.error.code.name} `{answer.error.template}`"
            for answer in found
            if answer.kind == REFUSED and answer.error not in (None, server.NOT_IMPLEMENTED)
        ]
    return "\n".join([*lines, "", *own_words])


def page(text: str) -> str:
    """``text`` of the page with the table of now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
