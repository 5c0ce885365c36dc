"""Three-way merges of notebooks: whatever changed on either side is in the result."""

from hypothesis import given
from hypothesis import strategies as st

from seattn_course.course.merging import merge, read, source, written

NAMES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)
WORDS = st.sampled_from(["", "w1", "w2", "w3"])


def cell(name: str | None, text: str) -> dict:
    return {"cell_type": "code", "metadata": {"name": name} if name else {}, "source": text, "outputs": []}


@st.composite
def versions(draw) -> tuple[dict, dict, dict]:
    """Base, mine, new: each with some of six named cells, mine with cells of the learner's own."""
    base = [cell(name, f"{name} base") for name in draw(NAMES)]
    mine = [cell(name, f"{name} {draw(WORDS) or 'base'}") for name in draw(NAMES)]
    for place in draw(st.lists(st.integers(0, 6), max_size=2)):
        mine.insert(place, cell(draw(st.sampled_from([None, "a", "b"])), f"own {draw(WORDS)}"))
    new = [cell(name, f"{name} {draw(st.sampled_from(['base', 'w1', 'new']))}") for name in draw(NAMES)]
    return tuple({"cells": cells, "nbformat": 4} for cells in (base, mine, new))


@given(versions())
def test_nothing_that_either_side_wrote_is_missing(three):
    base, mine, new = three
    merged = merge(base, mine, new, "note")
    known = {source(one) for one in base["cells"]}
    result = [source(one) for one in merged.notebook["cells"]]
    for text in {source(one) for one in mine["cells"]} - known:
        assert text in result
    for text in {source(one) for one in new["cells"]} - known:
        assert any(text in one for one in result), text


@given(versions())
def test_merging_again_changes_nothing(three):
    base, mine, new = three
    once = merge(base, mine, new, "note").notebook
    again = merge(new, once, new, "note").notebook
    assert [source(one) for one in again["cells"]] == [source(one) for one in once["cells"]]


@given(versions())
def test_without_work_of_the_learners_it_is_the_new_one(three):
    base, _, new = three
    merged = merge(base, base, new, "note")
    assert merged.notebook == new
    assert not merged.kept


def test_what_is_no_notebook_is_none():
    for content in (b"", b"[]", b"{}", b'{"cells": [1]}', b'{"cells": [{"source": 3}]}', b"\xff"):
        assert read(content) is None
    whole = {"cells": [cell("a", "ı = 1")], "nbformat": 4}
    assert read(written(whole)) == whole
