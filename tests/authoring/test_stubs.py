"""Stubs: what becomes of a solution's answer cell, and which cells are refused."""

import ast

import pytest

from seattn_course.authoring.stubs import MESSAGES, is_unfilled, make_stub

METHOD = '''class SEBlock(nn.Module):
    """Gate of each channel."""

    def __init__(self, channels):
        super().__init__()
        # BEGIN SOLUTION
        self.fc1 = nn.Linear(channels, 4)
        self.fc2 = nn.Linear(4, channels)
        # END SOLUTION

    def forward(self, x):
        z = x.mean((2, 3))  # (N, C)  # SOLUTION
        return x * self.gate(z)  # SOLUTION
'''


@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_region_becomes_one_raise_and_a_line_keeps_its_left_side(language):
    stub = make_stub(METHOD, language)
    assert stub.source == f'''class SEBlock(nn.Module):
    """Gate of each channel."""

    def __init__(self, channels):
        super().__init__()
        raise NotImplementedError("{MESSAGES[language]}")

    def forward(self, x):
        z = ...  # (N, C)
        return ...'''
    assert stub.removed[0].strip().startswith("self.fc1 = nn.Linear(channels, 4)\n")
    assert stub.removed[1:] == ("x.mean((2, 3))", "x * self.gate(z)")
    ast.parse(stub.source)


@pytest.mark.parametrize(
    ("line", "stub"),
    [
        ("h = 2 + 3  # SOLUTION", "h = ..."),
        ("h: float = 0.7  # SOLUTION", "h: float = ..."),
        ("a, b = 1, 2  # SOLUTION", "a, b = ..."),
        ("kapı = 'çığ' + 'ş'  # SOLUTION", "kapı = ..."),
        ("h = max(\n    1,\n    2,\n)  # SOLUTION\nprint(h)", "h = ...\nprint(h)"),
        ("text = '# SOLUTION'\nh = 3  # SOLUTION", "text = '# SOLUTION'\nh = ..."),
    ],
)
def test_lines_marked_solution(line, stub):
    assert make_stub(line, "en").source == stub


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f():\n    # BEGIN SOLUTION\n    return 1", "line 2: BEGIN SOLUTION without END"),
        ("def f():\n    return 1\n    # END SOLUTION", "line 3: END SOLUTION without BEGIN"),
        ("def f():\n    # BEGIN SOLUTION\n    # BEGIN SOLUTION\n    # END SOLUTION", "line 3: BEGIN"),
        ("def f():\n    # BEGIN SOLUTION\n    # only words\n    # END SOLUTION", "line 2: nothing between"),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "outside a function"),
        ("class A:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION", "outside a function"),
        ("def f():\n    # BEGIN SOLUTIONS\n    return 1\n    # END SOLUTION", "line 2: '# BEGIN SOLUTIONS' is"),
        ("x = 1  # BEGIN SOLUTION\n# END SOLUTION", "line 1"),
        ("def f():\n    # SOLUTION\n    return 1", "line 2: '# SOLUTION' is no marker"),
        ("x += 1  # SOLUTION", "line 1: SOLUTION marks an assignment or a return"),
        ("print(1)  # SOLUTION", "line 1: SOLUTION marks an assignment or a return"),
        ("def f(:\n    # BEGIN SOLUTION\n    pass\n    # END SOLUTION", "no Python"),
        ("x = (1  # SOLUTION", "no Python"),
        ("if x:\n    # BEGIN SOLUTION\n    y = 1\n    # END SOLUTION\n  z = 2", "no Python"),
    ],
)
def test_a_cell_that_cannot_be_turned_is_refused_with_its_line(source, message):
    with pytest.raises(ValueError, match=message):
        make_stub(source, "en")


@pytest.mark.parametrize(
    ("source", "unfilled"),
    [
        ('def f():\n    raise NotImplementedError("x")', True),
        ("def f():\n    raise NotImplementedError", True),
        ("h = ...", True),
        ("def f():\n    return ...", True),
        ("def f(x):\n    return x * 2", False),
        ("def f(x):\n    return x[..., 0]", False),
        ("def f(x:", False),
        ('def f(x:\n    raise NotImplementedError("x")', True),
    ],
)
def test_whether_a_learner_has_filled_a_cell_in(source, unfilled):
    assert is_unfilled(source) is unfilled
