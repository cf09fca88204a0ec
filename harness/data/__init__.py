"""The reviews that the scenarios run on: given by the user, fetched before, or made up."""

from __future__ import annotations

from harness.data.dataset import DataFile, DataSet
from harness.data.editing import add_row, remove_rows
from harness.data.fetch import fetch
from harness.data.locate import locate
from harness.data.tsv import DataError, Row, parse

__all__ = ["DataError", "DataFile", "DataSet", "Row", "add_row", "fetch", "locate", "parse", "remove_rows"]
