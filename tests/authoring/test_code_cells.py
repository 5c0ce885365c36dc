"""A code cell's two parts: what runs, and what only people read."""

import hashlib

import pytest

from seattn_course.authoring.code_cells import code_tree, first_difference, markers, words, written_out

# Syntax whose tree or tokens differ between versions of Python, and the hash of its written form in all of them.
EVERY_SYNTAX = '''
from seattn_course.en import t, check
@dec(a=1)
class A(B, metaclass=C):
    """Doc."""
    x: int = 3
    def f(self, a, /, b=2, *args, c: float = .5, **kw) -> "T":
        \'\'\'Other
        doc\'\'\'
        return f"{a!r:>{b}} {c:.3f} {b=} {{}} {'x' + 'y'}" "tail" f"{m.pi:.2f}"
async def g():
    async with a as b, c: yield [i async for i in x if i]
match p:
    case {"a": [1, *_], **rest} | Point(x=0) if q: ...
    case _: pass
x[1:2, ..., ::3] = -1e-3 + 2j; y: list[int]  # two at once
z = b"q" if (n := 10) > 5 else not {1, *s}
print(f"{x:{'>' if a else '<'}10}", f'{d["k"]}', f"", f"a{''}b", None)
'''
EVERY_SYNTAX_HASH = "3a34994d261cf24a"


def equal(english: str, turkish: str) -> bool:
    return first_difference(code_tree(english, "en"), code_tree(turkish, "tr")) is None


def test_the_written_form_is_the_same_in_every_python():
    written = written_out(code_tree(EVERY_SYNTAX, "en"))
    assert hashlib.sha256(written.encode()).hexdigest()[:16] == EVERY_SYNTAX_HASH


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        ("from seattn_course.en import t", "from seattn_course.tr import t"),
        ('def f():\n    """One."""\n    return 1', 'def f():\n    """Bir."""\n\n    return (1)'),
        ("x = 1  # one", "# bir\nx = 1"),
        ('class A:\n    """Only words."""', 'class A:\n    """Yalnız söz."""'),
        ("%timeit f(1)", "%timeit f(1)"),
        ("print(f'{x:.3f}' 'a')", 'print(f"{x:.3f}a")'),
        ("x = 'a'", 'x = "a"'),
    ],
)
def test_what_may_differ_between_the_twins(english, turkish):
    assert equal(english, turkish)


@pytest.mark.parametrize(
    ("english", "turkish", "codes"),
    [
        ("x = 0.5", "x = 0.6", ("0.5", "0.6")),
        ("x = 1", "x = 1.0", ("1", "1.0")),
        ("x = True", "x = 1", ("True", "1")),
        ("f(None)", "f()", ("f(None)", "f()")),
        ("y = a * x", "y = a + x", ("a * x", "a + x")),
        ("y = a < x", "y = a <= x", ("a < x", "a <= x")),
        ("gate = 1", "kapi = 1", ("gate", "kapi")),
        ("t(en='gate', tr='kapı')", "t(en='gate', tr='kapi')", ("'kapı'", "'kapi'")),
        ("f(x, bias=True)", "f(x)", ("f(x, bias=True)", "f(x)")),
        ("print(f'{x:.3f}')", "print(f'{x:.4f}')", (".3f", ".4f")),
        ("print(f'{x}')", "print(f'{y}')", ("x", "y")),
        ("print(f'{x!r}')", "print(f'{x}')", ("{x!r}", "{x}")),
        ("from seattn_course.en import t", "from seattn_course.en import t", ("", "")),
        ("from seattn_course.en import t", "from seattn_course.tr import check", ("t", "check")),
        ("x = 1\ny = 2", "x = 1", ("y = 2", "(nothing)")),
        ("x = 1", "x = 1\ny = 2", ("(nothing)", "y = 2")),
        ('def f():\n    """A."""\n    return 1', "def f():\n    return 1", ("(docstring)", "return 1")),
        ("global_name = 1\ndef f(): global a", "global_name = 1\ndef f(): global b", ("a", "b")),
        ("'''a'''", "'''b'''", ("'a'", "'b'")),
    ],
)
def test_what_may_not_differ(english, turkish, codes):
    difference = first_difference(code_tree(english, "en"), code_tree(turkish, "tr"))
    assert difference is not None
    for expected, code in zip(codes, difference.codes):
        assert expected in code


def test_the_difference_says_the_line_on_each_side():
    difference = first_difference(code_tree("a = 1\nb = 2", "en"), code_tree("# söz\na = 1\n\nb = 3", "tr"))
    assert difference.lines == (2, 4)


def test_words_are_found_with_kind_and_place():
    source = (
        "# two lines\n# of one comment\nx = 1  # trailing: ş\n\n# alone\ndef f():\n"
        '    """Kapı: ğ\n    iki satır."""  # after\n    # BEGIN SOLUTION\n    return "# no comment"  # noqa: E501'
    )
    found = words(source)
    assert [(one.kind, one.text) for one in found] == [
        ("block", "two lines of one comment"),
        ("trailing", "trailing: ş"),
        ("block", "alone"),
        ("docstring", "Kapı: ğ iki satır."),
        ("trailing", "after"),
    ]
    lines = source.split("\n")
    for one in found:
        if one.start[0] == one.end[0]:
            assert lines[one.start[0] - 1][one.start[1] : one.end[1]] == one.raw
    assert found[3].end == (8, len('    iki satır."""'))


def test_markers_stand_between_statements():
    source = "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\ny = 2  # SOLUTION"
    assert markers(source) == [(1, "BEGIN SOLUTION"), (2, "END SOLUTION"), (2, "SOLUTION")]
    assert words(source) == []


def test_code_that_does_not_parse_says_so():
    with pytest.raises(SyntaxError):
        code_tree("x = (", "en")
