"""The rules of docs/architecture.md about what may know what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("errors", "store", "workers", "pfs", "pps", "services", "server", "__main__")  # lowest first


def imports(module: Path) -> set[str]:
    """The modules of this project that ``module`` imports, those for types only included."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == "harness"}


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_verifier_knows_nothing_of_the_embedded_cluster() -> None:
    verifier = [module for module in modules("harness") if ROOT / "harness" / "pachd" not in module.parents]
    assert len(verifier) > 20
    knowing = {module for module in verifier if any(name.startswith("harness.pachd") for name in imports(module))}
    assert knowing == set()


def test_the_embedded_cluster_knows_nothing_of_the_verifier() -> None:
    strangers = {
        (module.name, name)
        for module in modules("harness/pachd")
        for name in imports(module)
        if name != "harness" and not name.startswith("harness.pachd")
    }
    assert strangers == set()


@pytest.mark.parametrize("floor", FLOORS)
def test_floors_know_only_those_below(floor: str) -> None:
    place = ROOT / "harness" / "pachd" / floor
    members = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    allowed = FLOORS[: FLOORS.index(floor) + 1]
    upwards = {
        (module.name, name)
        for module in members
        for name in imports(module)
        if name.startswith("harness.pachd.") and name.split(".")[2] not in allowed
    }
    assert upwards == set()


def test_scenarios_use_the_verifier_only() -> None:
    used = {name for module in modules("scenarios") for name in imports(module)}
    assert used
    assert not {name for name in used if name.startswith("harness.pachd")}
