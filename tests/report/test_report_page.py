"""The page: self-contained, safe, whole and the same every time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness import report
from harness.evidence.ledger import ChapterLedger
from harness.evidence.seal import sealed
from harness.report import sample
from tests.report.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from harness.evidence.model import Record


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(report.render(sample.record()))


def _failing() -> Record:
    story = sample.played()
    story.create("z", "inference", "auto_inference.py --other", reprocess=False)
    checks = ChapterLedger("scenarios/test_a.py::test_a", "A <b>bold</b> title", "A `docstring` & more.")
    checks.check("files", ["/1.txt"], ["/1.txt", "/2.txt"], "one file is missing")
    checks.note("<script>alert(1)</script>")
    checks.close("failed", 1.0, "Traceback <here>")
    return sample.told(story, [checks.written()])


def test_it_asks_the_network_for_nothing(page: Page) -> None:
    links = {*page.values("href"), *page.values("src")}
    outside = {link for link in links if not link.startswith(("#", "data:"))}
    assert outside == {"evidence.json", "report.json"}
    assert "url(" not in "".join(page.values("style"))
    assert not re.findall(r"@import|url\((?!#)", report.render(sample.record()))


def test_it_needs_no_script_and_forbids_every_one(page: Page) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "form"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    (policy,) = [attributes["content"] for _, attributes in page.elements if attributes.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def _big() -> Record:
    story = sample.Story()
    reviews = {f"/{number}.txt": b"review" for number in range(600)}
    story.put("t", "training", {"/labeledTrainData.tsv": b"data"})
    story.create("x", "model", "train.py")
    story.put("r", "reviews", reviews)
    story.create("i", "inference", "auto_inference.py")
    for number in range(170):
        story.put(f"y{number}", "reviews", {"/1.txt": str(number).encode()})
    story.put("last", "reviews", reviews)
    return sample.told(story)


@pytest.mark.parametrize("record", [sample.record(), _failing(), _big()], ids=["sound", "failing", "big"])
def test_every_link_leads_somewhere_and_every_id_is_one(record: Record) -> None:
    page = Page(report.render(record))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.values("href") if link.startswith("#")} <= set(ids)


def test_every_commit_and_job_has_its_permalink(page: Page) -> None:
    ids = set(page.values("id"))
    assert f"commit-model.spec-{sample.commit_id('x')}" in ids
    assert f"job-inference-{sample.commit_id('y')}" in ids
    assert len([id_ for id_ in ids if id_.startswith("commit-")]) == len(sample.record().commits)


def test_a_sound_record_says_so_on_top(page: Page) -> None:
    assert "All 9 checks passed" in page.text
    assert "5 of 5 scenarios passed. 12 of 12 verdicts on the evidence hold." in page.text
    assert "synthetic" in page.text
    assert sample.record().hash in page.text


def test_what_a_cluster_does_not_tell_gets_no_empty_field() -> None:
    known, unknown = (replace(sample.record().cluster, isolation=text) for text in ("namespaces", ""))
    with_it, without = (Page(report.render(replace(sample.record(), cluster=cluster))) for cluster in (known, unknown))
    assert with_it.text.count("Isolation") == without.text.count("Isolation") + 1
    assert "Isolation not known" in without.text


def test_pipelines_of_one_name_are_told_apart_by_their_projects() -> None:
    record = sample.record()
    elsewhere = replace(record.pipelines[0], project="elsewhere")
    page = Page(report.render(replace(record, pipelines=(*record.pipelines, elsewhere))))
    assert page.text.count(f"elsewhere/{elsewhere.name} version") == 1


def test_a_failure_shows_what_was_expected_and_what_was_found() -> None:
    page = Page(report.render(_failing()))
    assert "Failed: 1 scenario, 1 check" in page.text
    assert 'expected ["/1.txt", "/2.txt"] found ["/1.txt"] one file is missing' in page.text
    assert "Traceback <here>" in page.text


def test_texts_are_shown_and_never_obeyed() -> None:
    page = Page(report.render(_failing()))
    assert "A <b>bold</b> title" in page.text
    assert "<script>alert(1)</script>" in page.text
    assert "script" not in {tag for tag, _ in page.elements}


def test_stale_results_are_a_warning_on_top_and_beside_the_result() -> None:
    story = sample.played()
    story.create("z", "inference", "auto_inference.py --other", reprocess=False)
    page = Page(report.render(sample.told(story)))
    assert "The evidence holds, but some results are stale" in page.text
    assert "0 ran, 6 skipped stale" in page.text


def test_what_is_missing_is_named_where_it_belongs() -> None:
    record = sample.record()
    lost = f"default/reviews@{sample.commit_id('r')}"
    page = Page(report.render(sealed(replace(record, commits=tuple(c for c in record.commits if c.ref != lost)))))
    assert f"{lost}: not in the record" in page.values("title")


@pytest.mark.parametrize("seed", ["0", "1"])
def test_equal_records_give_equal_bytes(seed: str, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from harness import report; from harness.report import sample;"
        "report.write(sample.record(), pathlib.Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert (tmp_path / "index.html").read_text("utf-8") == report.render(sample.record())


def test_an_empty_record_has_a_page() -> None:
    record = sample.record()
    empty = sealed(replace(record, chapters=(), repos=(), pipelines=(), commits=(), jobs=(), predictions=()))
    page = Page(report.render(replace(empty, run=replace(empty.run, data=None))))
    assert "No scenarios were run." in page.text
    assert "No pipeline has made anything." in page.text


def test_a_big_record_is_cut_and_says_by_how_much() -> None:
    record = _big()
    text = report.render(record)
    page = Page(text)
    assert f"The newest 500 of {len(record.commits)} are shown" in page.text
    assert "The first 500 are shown; 100 more are in" in page.text
    assert "older commit sets are not drawn" in page.text
    assert "older jobs are not drawn" in page.text
    assert len(text) < 5_000_000


def test_the_twin_says_what_the_page_concludes(tmp_path: Path) -> None:
    record = _failing()
    assert report.write(record, tmp_path / "new") == tmp_path / "new" / "index.html"
    twin = json.loads((tmp_path / "new" / "report.json").read_text())
    assert (twin["outcome"], twin["record_hash"]) == ("failed", record.hash)
    assert twin["chapters"][0]["failed_checks"] == ["files"]
    (fresh,) = [verdict for verdict in twin["verdicts"] if verdict["name"] == "fresh"]
    assert (fresh["state"], fresh["problems"][0]["kind"]) == ("warned", "stale")
    last = twin["results"][-1]
    assert last["commit"] == f"default/inference@{sample.commit_id('z')}"
    assert {(code["pipeline"], code["version"]) for code in last["code"]} == {
        ("default/inference", 2),
        ("default/model", 2),
    }
