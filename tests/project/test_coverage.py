"""coverage.toml: every module, erratum and claim of the course has its lesson and cell, and these exist."""

import tomllib
from pathlib import Path

import pytest

from seattn_course import attention, models, residual
from seattn_course.authoring.tree import CourseTree, Lesson
from seattn_course.course.claims import read_ledger
from seattn_course.course.language import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
COVERAGE = tomllib.loads((ROOT / "coverage.toml").read_text(encoding="utf-8"))
# What the lessons build. Other public names serve them: factories, options, the networks for published totals.
BUILT = {
    *("SEBlock", "SEBlockLinear", "ConvBNAct", "ConvSEBlock", "SEv2", "SESafe", "SEStable", "SEAvgMax", "SEGated"),
    *("SEPlusPlus", "SEPlusPlusV2", "SpatialAttention", "ECA", "CBAM", "CoordinateAttention", "IdentityAttention"),
    *("BasicBlock", "PreActBlock", "WideBlock", "ResNeXtBlock", "Bottleneck", "SEResBlockPostAct"),
    *("SEResBlockPreAct", "make_stage", "SEResNetTiny"),
    *(f"ResidualAttentionP{number}" for number in range(1, 5)),
}
PLACES = COVERAGE["modules"] | {number: entry["shown"] for number, entry in COVERAGE["errata"].items()}


def cells_of(stem: str, language: str) -> dict[str, str]:
    """The type of each cell, by name."""
    notebook = CourseTree(ROOT).notebook(Lesson(ROOT, "notebooks", language, stem))
    return {cell.metadata["name"]: cell.cell_type for cell in notebook.cells} if notebook else {}


@pytest.mark.parametrize("name", PLACES)
def test_what_is_covered_is_there(name):
    assert PLACES[name]
    for place in PLACES[name]:
        stem, cell = place.split("/")
        for language in LANGUAGES:
            assert cells_of(stem, language).get(cell) == "code", f"{name}: {place} in {language}"


def test_every_module_that_a_lesson_builds_is_listed():
    public = {*attention.__all__, *residual.__all__, *models.__all__}
    assert public >= BUILT
    assert set(COVERAGE["modules"]) == BUILT


def test_every_erratum_is_listed():
    assert sorted(COVERAGE["errata"]) == [f"E{number:02}" for number in range(1, 23)]


def test_every_claim_has_a_verdict():
    ledger = read_ledger(root=ROOT)
    assert {verdict.claim for verdict in ledger.verdicts} == set(ledger.claims)
