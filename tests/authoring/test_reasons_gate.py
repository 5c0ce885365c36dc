"""The gate "reasons": tags that loosen a comparison are explained, and nothing loosens it out of sight."""

import nbformat
import pytest

from seattn_course.authoring.reasons import NEED_A_REASON, problems


def messages(source: str = "x", **metadata) -> list[str]:
    return list(problems(nbformat.from_dict(nbformat.v4.new_code_cell(source, metadata=metadata))))


@pytest.mark.parametrize("tag", NEED_A_REASON)
def test_a_tag_needs_a_sentence(tag):
    assert messages(tags=[tag], reason="A clock shows another time.") == []
    for reason in ("", "time", 3):
        [message] = messages(tags=[tag], reason=reason)
        assert message.startswith(f"is tagged {tag} and gives no reason")


def test_a_reason_without_a_tag_is_left_over():
    [message] = messages(tags=["answer"], reason="A clock shows another time.")
    assert "gives a reason, but has none of the tags" in message


@pytest.mark.parametrize("comment", ["# NBVAL_IGNORE_OUTPUT", "#NBVAL_SKIP", "  # PYTEST_VALIDATE_IGNORE_OUTPUT"])
def test_a_comment_that_steers_nbval_is_refused(comment):
    [message] = messages(f"if x:\n{comment}\n    y")
    assert "steers nbval out of sight" in message


@pytest.mark.parametrize("tag", ["skip-execution", "nbval-raises-exception"])
def test_other_tags_that_loosen_are_refused(tag):
    [message] = messages(tags=[tag])
    assert message.startswith(f"the tag {tag} is not used here")
