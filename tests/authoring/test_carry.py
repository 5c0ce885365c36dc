"""Code goes from one language to the other; comments and docstrings stay."""

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seattn_course.authoring.carry import CarryError, carry, changed_side
from seattn_course.authoring.code_cells import code_tree, first_difference, words
from seattn_course.authoring.twin_record import recorded, remember

ENGLISH = '''from seattn_course.en import t
# The gate of one channel,
# from its logit.
def gate(u, scale=1.0):
    """One number in (0, 1).

    Closed at 0.
    """
    z = u * scale  # (N, C)
    if scale > 1:
        # only here
        z = z - 1
    return sigmoid(z)


print(t(en="gate", tr="kapı"), gate(0.5))  # one number'''
TURKISH = '''from seattn_course.tr import t
# Bir kanalın kapısı.
def gate(u, scale=1.0):
    """(0, 1) aralığında tek sayı: ş, ğ."""
    z = u * scale  # (N, C): yığın, kanal
    if scale > 1:
        # yalnız burada; iki
        # satırlık açıklama
        z = z - 1
    return sigmoid(z)


print(t(en="gate", tr="kapı"), gate(0.5))  # tek sayı'''

EDITED = ENGLISH.replace("0.5", "0.6")


def pair(english: str = ENGLISH, turkish: str = TURKISH) -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """Two accepted cells."""
    cells = nbformat.v4.new_code_cell(english), nbformat.v4.new_code_cell(turkish)
    remember(*cells)
    return cells


def carried(english_after: str, english: str = ENGLISH, turkish: str = TURKISH) -> str:
    """The Turkish source after the English one was edited and carried."""
    source, target = pair(english, turkish)
    source.source = english_after
    assert changed_side(source, target) == "en"
    carry(source, "en", target)
    assert changed_side(source, target) is None
    assert first_difference(code_tree(source.source, "en"), code_tree(target.source, "tr")) is None
    return target.source


def test_one_changed_line_keeps_its_comment():
    assert carried(ENGLISH.replace("u * scale", "u / scale")) == TURKISH.replace("u * scale", "u / scale")


def test_new_lines_and_deleted_lines_between_comments():
    after = ENGLISH.replace("    return sigmoid(z)", "    z = z.float()\n    return sigmoid(z)")
    after = after.replace("        z = z - 1", "        z = z - 2")
    expected = TURKISH.replace("    return sigmoid(z)", "    z = z.float()\n    return sigmoid(z)")
    assert carried(after) == expected.replace("        z = z - 1", "        z = z - 2")


def test_from_turkish_to_english():
    source, target = pair()
    target.source = target.source.replace("gate(0.5)", "gate(0.25)")
    assert changed_side(source, target) == "tr"
    carry(target, "tr", source)
    assert source.source == ENGLISH.replace("gate(0.5)", "gate(0.25)")


def test_a_comment_that_moves_with_its_line_finds_its_counterpart():
    english = "a = 1  # first\nb = 2  # second"
    turkish = "a = 1  # birinci\nb = 2  # ikinci"
    assert carried("b = 2  # second\na = 1  # first", english, turkish) == "b = 2  # ikinci\na = 1  # birinci"


def test_code_that_is_indented_takes_its_comments_along():
    english = 'def f():\n    """One\n    two."""\n    # why\n    return 1'
    turkish = 'def f():\n    """Bir\n    iki."""\n    # neden\n    # niçin\n    return 1'
    indented = "class A:\n" + "\n".join(f"    {line}" for line in english.split("\n"))
    expected = "class A:\n" + "\n".join(f"    {line}" for line in turkish.split("\n"))
    assert carried(indented, english, turkish) == expected
    assert carried(english, indented, expected) == turkish


def test_tags_and_reasons_are_carried():
    english, turkish = pair()
    english.metadata.update(tags=["nbval-ignore-output"], reason="A clock.")
    assert changed_side(english, turkish) == "en"
    carry(english, "en", turkish)
    assert (turkish.metadata.tags, turkish.metadata.reason) == (["nbval-ignore-output"], "A clock.")
    del turkish.metadata["tags"]
    carry(turkish, changed_side(english, turkish), english)
    assert "tags" not in english.metadata
    assert english.source == ENGLISH


def test_tags_of_prose_are_carried_and_its_words_are_not():
    english, turkish = nbformat.v4.new_markdown_cell("One."), nbformat.v4.new_markdown_cell("Bir.")
    remember(english, turkish)
    turkish.metadata["tags"] = ["solution-only"]
    turkish.source = "Bir, iki."
    carry(turkish, changed_side(english, turkish), english)
    assert english.metadata.tags == ["solution-only"]
    assert english.source == "One."
    assert recorded(english).words != recorded(pair()[0]).words


def test_equal_edits_on_both_sides_are_settled():
    english, turkish = pair()
    english.source, turkish.source = ENGLISH.replace("0.5", "0.7"), TURKISH.replace("0.5", "0.7")
    assert changed_side(english, turkish) is None


def test_formatting_is_no_change():
    english, turkish = pair("f(1, 2)", "f(1, 2)")
    english.source = "f(\n    1,\n    2,\n)"
    assert changed_side(english, turkish) is None


@pytest.mark.parametrize(
    ("english_after", "turkish_after", "message"),
    [
        (EDITED, TURKISH.replace("0.5", "0.7"), "English line 16 is `0.6`, Turkish line 13 is `0.7`; both lang"),
        (EDITED.replace("one number", "a number"), TURKISH, "line 16: the comment or docstring 'a number' was"),
        (EDITED.replace("Closed at 0.", "Open at 1."), TURKISH, "line 5: the comment or docstring 'One number in"),
        (ENGLISH + "\nx = 1  # new", TURKISH, "line 17: the comment or docstring 'new' was added"),
        (EDITED.replace("  # (N, C)", ""), TURKISH, "in the other language they are on line(s) 5"),
        (EDITED, TURKISH.replace("  # tek sayı", ""), "do not correspond one to one"),
        (ENGLISH.replace("gate(0.5)", "gate(0.5"), TURKISH, "the code does not parse, line"),
    ],
)
def test_where_a_person_must_decide(english_after, turkish_after, message):
    english, turkish = pair()
    english.source, turkish.source = english_after, turkish_after
    before = dict(english), dict(turkish)
    with pytest.raises(CarryError) as error:
        carry(english, changed_side(english, turkish), turkish)
    assert message in str(error.value)
    assert (dict(english), dict(turkish)) == before


def test_never_accepted_pairs_are_not_carried():
    english, turkish = nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_code_cell("x = 2")
    with pytest.raises(CarryError, match="line 1 is `1`, Turkish line 1 is `2`, and the pair was never accepted"):
        changed_side(english, turkish)


def test_another_cell_type_is_not_carried():
    english, turkish = pair("x = 1", "x = 1")
    turkish.cell_type = "markdown"
    with pytest.raises(CarryError, match="a code cell in English, a markdown cell in Turkish"):
        changed_side(english, turkish)


def test_twin_comments_with_two_translations_do_not_change_places():
    english, turkish = "a = 1  # same\nb = 2  # same\nc = 3  # end", "a = 1  # bir\nb = 2  # iki\nc = 3  # son"
    source, target = pair(english, turkish)
    source.source = "c = 3  # end\na = 1  # same\nb = 2  # same"
    with pytest.raises(CarryError, match="line 2: comments changed places"):
        carry(source, "en", target)


STATEMENTS = ["x = 1", "y = x * 2", "print(f'{x:.2f}')", "for i in range(3):\n    y = i", "z = [\n    1,\n]"]


@st.composite
def edited_pairs(draw) -> tuple[str, str, str]:
    """English and Turkish before, English after an edit of code alone."""
    english, turkish, after = [], [], []
    for number, statement in enumerate(draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=6))):
        words_at = draw(st.sampled_from(["none", "trailing", "own line"]))
        edits = [statement, statement.replace("x", "gate"), f"new = {number}\n{statement}"]
        changed = draw(st.sampled_from(edits))
        if words_at == "own line":
            for lines, texts in ((english, ["one"]), (turkish, ["bir", "iki"]), (after, ["one"])):
                lines += [f"# {text} {number}" for text in texts]
        sides = (english, statement, "why"), (turkish, statement, "neden"), (after, changed, "why")
        for lines, code, text in sides:
            *before, last = code.split("\n")
            lines += [*before, f"{last}  # {text} {number}" if words_at == "trailing" else last]
    return "\n".join(english), "\n".join(turkish), "\n".join(after)


@settings(deadline=None)
@given(edited_pairs())
def test_any_edit_of_code_alone_is_carried_and_keeps_every_comment(sources):
    english, turkish, after = sources
    if first_difference(code_tree(english, "en"), code_tree(after, "en")) is None:
        return
    result = carried(after, english, turkish)
    assert [one.text for one in words(result)] == [one.text for one in words(turkish)]
