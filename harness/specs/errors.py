"""The one error of reading specs."""

from __future__ import annotations


class SpecError(Exception):
    """A pipeline spec that cannot be used.

    Its text is one line for a person: ``<file>[:<line>:<column>]: <what is wrong>; <what to do>``. ``line`` and
    ``column`` count from 1 and are known for text that is not JSON.
    """

    def __init__(self, source: str, what: str, remedy: str, line: int | None = None, column: int | None = None) -> None:
        self.source, self.what, self.remedy, self.line, self.column = source, what, remedy, line, column
        place = f"{source}:{line}:{column}" if line is not None else source
        super().__init__(f"{place}: {what}; {remedy}")
