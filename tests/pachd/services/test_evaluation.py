"""jq filters and templates come from clients: none of them does harm."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from python_pachyderm.proto.v2.pps import pps_pb2

from harness.pachd.errors import Code, PachError
from harness.pachd.services import templates
from harness.pachd.services.evaluation import MOST, Evaluators, Wrong
from harness.pachd.services.message_filters import message_filter
from harness.pachd.services.wire import ClientGone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Call:
    """What a filter needs of gRPC's context: a client that may leave."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[], None]] = []
        self._active = True

    def add_callback(self, callback: Callable[[], None]) -> bool:
        self._callbacks.append(callback)
        return self._active

    def is_active(self) -> bool:
        return self._active

    def leave(self) -> None:
        self._active = False
        for callback in self._callbacks:
            callback()


@pytest.fixture
def evaluators() -> Evaluators:
    return Evaluators(seconds=1)


def passing(evaluators: Evaluators, program: str, number: int = 1) -> list[str]:
    jobs = [pps_pb2.JobInfo(reason=str(index), state=pps_pb2.JOB_KILLED) for index in range(number)]
    with message_filter(evaluators, program, Call()) as keep:
        return [info.reason for info in keep(jobs)]


def render(evaluators: Evaluators, template: str, **arguments: str) -> Any:
    return templates.render(evaluators, pps_pb2.RenderTemplateRequest(template=template, args=arguments), Call())


def test_many_messages_pass_in_their_order(evaluators: Evaluators) -> None:
    odd = [str(index) for index in range(1000) if index % 2]
    assert passing(evaluators, '.state == "JOB_KILLED" and (.reason|tonumber) % 2 == 1', 1000) == odd


@pytest.mark.parametrize("program", ["false", "null", "empty", ".started", "false, true"])
def test_the_first_result_decides(evaluators: Evaluators, program: str) -> None:
    assert passing(evaluators, program) == []


@pytest.mark.parametrize("program", ["0", '""', "[]", ".", "true, false", "env | del(.LC_CTYPE) == {}"])
def test_only_false_and_null_are_refusals(evaluators: Evaluators, program: str) -> None:
    assert passing(evaluators, program) == ["0"]


def test_a_filter_without_end_is_ended(evaluators: Evaluators) -> None:
    with pytest.raises(PachError, match="took more than 1 s") as caught:
        passing(evaluators, "def f: f; f")
    assert caught.value.code is Code.DEADLINE_EXCEEDED


def test_what_eats_memory_gets_none() -> None:
    with pytest.raises(PachError, match="more memory") as caught:
        passing(Evaluators(), '"x" * 1000000000')
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
    with pytest.raises(PachError, match="more memory"):
        render(Evaluators(), 'std.repeat("x", 20000000)')


def test_errors_come_from_reading_or_from_running_a_filter(evaluators: Evaluators) -> None:
    with pytest.raises(PachError, match=r"^error creating message filter function: .*syntax error"):
        passing(evaluators, ".[")
    with pytest.raises(PachError, match=r"^error running message filter function: "):
        passing(evaluators, "error([range(100000)] | tostring)", 100)


def test_no_file_is_read(evaluators: Evaluators, tmp_path: Path) -> None:
    tmp_path.joinpath("secret.json").write_text('{"a": "secret"}')
    tmp_path.joinpath("secret.jq").write_text("def a: true;")
    for program in (
        f'import "secret" as $a {{search: "{tmp_path}"}}; $a',
        f'include "secret" {{search: "{tmp_path}"}}; a',
    ):
        with pytest.raises(PachError, match=r"module not found|error creating message filter function"):
            passing(evaluators, program)
    for keyword in ("import", "importstr"):
        with pytest.raises(PachError, match="cannot import files"):
            render(evaluators, f'{keyword} "{tmp_path}/secret.json"')


def test_a_template_cannot_recurse_for_ever(evaluators: Evaluators) -> None:
    with pytest.raises(PachError, match="max stack frames exceeded"):
        render(evaluators, "local f(x) = f(x + 1) + 1; f(0)")
    with pytest.raises(PachError, match=r"took more than 1 s|more memory|max stack"):
        render(evaluators, "std.foldl(function(a, b) [a], std.range(0, 100000000), [])")


def test_a_program_ends_when_its_client_leaves() -> None:
    call = Call()
    with Evaluators(seconds=600).started("jq", "def f: f; f", call) as evaluation:
        threading.Timer(0.1, call.leave).start()
        with pytest.raises(ClientGone):
            evaluation.ask([1])


def test_there_is_room_for_some_programs_at_a_time() -> None:
    evaluators = Evaluators()
    with evaluators.started("jq", ".", Call()) as evaluation:
        assert evaluation.ask([1, None]) == [True, False]
        with pytest.raises(Wrong), evaluators.started("jq", "[", Call()):
            pass
    room = evaluators._room
    assert room.used == 0
    room.used = MOST
    with (
        pytest.raises(PachError, match=f"{MOST} jq filters and templates") as caught,
        evaluators.started("jq", ".", Call()),
    ):
        pass
    assert caught.value.code is Code.RESOURCE_EXHAUSTED
