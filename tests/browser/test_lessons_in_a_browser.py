"""Every lesson in JupyterLab: Run All reaches the end, and every control of every widget changes its figure."""

import itertools

import pytest

from seattn_course.authoring.browser import CLOSE_ALL, RUN_ALL, explorers, moved_figure, open_notebook

pytestmark = pytest.mark.browser

WHOLE_LESSON = 12_000  # pixels; a longer lesson is cut


def test_run_all_reaches_the_end_and_the_widgets_move(lab_page, lesson, keep_picture):
    language, stem = lesson
    page = lab_page(language)
    open_notebook(page, f"notebooks/{language}/{stem}.ipynb")
    result = page.evaluate(RUN_ALL)
    assert result["cells"] > 0
    assert (result["errors"], result["idle"]) == ([], 0), result
    keep_picture(page, f"{language}-{stem}", WHOLE_LESSON)
    for figure, controls in explorers(page):
        assert controls
        for control in controls:
            turn_on(figure, control, controls)
            last, first = moved_figure(figure, control, 1), moved_figure(figure, control, 0)
            assert last != first, f"{control.kind} does not change its figure"
            moved_figure(figure, control, 1)
    page.evaluate(CLOSE_ALL)


def turn_on(figure, control, controls) -> None:
    """A control may be off beside some values of the others: those go to their ends, one by one, until it is."""
    for end, other in itertools.product((0, 1), controls):
        if control.enabled():
            return
        moved_figure(figure, other, end)
    raise AssertionError(f"{control.kind} is always off")
