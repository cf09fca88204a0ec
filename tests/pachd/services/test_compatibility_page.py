"""The page that says what is implemented is what is implemented."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_table_is_that_of_the_services() -> None:
    generator = runpy.run_path(str(DOCS / "compatibility_table.py"))
    text = (DOCS / "compatibility.md").read_text(encoding="utf-8")
    assert generator["page"](text) == text, "run: python docs/compatibility_table.py"


def test_what_the_story_needs_is_implemented() -> None:
    generator = runpy.run_path(str(DOCS / "compatibility_table.py"))
    rows = {row.split("|")[1].strip(): row.split("|")[2] for row in generator["table"]().splitlines()[2:]}
    assert {"ModifyFile", "GetFileTAR", "InspectCommitSet"} <= {rpc.strip() for rpc in rows["`pfs_v2.API`"].split(",")}
    assert {"CreatePipeline", "ListDatum", "GetLogs"} <= {rpc.strip() for rpc in rows["`pps_v2.API`"].split(",")}
