"""What an entry of the catalogue is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class Code(enum.Enum):
    """gRPC status codes that the server uses; values are gRPC's numbers."""

    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16


class Resource(NamedTuple):
    """What an error is about, for clients that read ``google.rpc.ResourceInfo``."""

    type: str
    name: str
    description: str


class PachError(Exception):
    """An error that is told to the client: ``code`` and the whole message, rarely the ``resource`` that it is about."""

    def __init__(self, code: Code, message: str, kind: Kind, resource: Resource | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.kind = kind
        self.resource = resource

    def within(self, outer: str) -> PachError:
        """The same error as Pachyderm wraps it: ``outer: message``, code kept."""
        return PachError(self.code, f"{outer}: {self.message}", self.kind, self.resource)


@dataclass(frozen=True)
class Kind:
    """One entry of the catalogue. ``template`` is filled with ``str.format``, as is the name of the ``resource``."""

    code: Code
    template: str
    resource: Resource | None = None

    def __call__(self, **values: object) -> PachError:
        """The exception to raise, with the template's placeholders filled."""
        about = self.resource and self.resource._replace(name=self.resource.name.format(**values))
        return PachError(self.code, self.template.format(**values), self, about)
