"""What a notebook imports: check, strict_check, hint, solution, progress in either language."""

import importlib
import json
import re
import subprocess
import sys

import pytest

from seattn_course.checks import help as help_module
from seattn_course.checks.exercise import exercise_ids, load
from seattn_course.checks.outcome import messages
from seattn_course.course import progress
from seattn_course.course.language import LANGUAGES
from seattn_course.course.notebook import CheckFailed, Notebook

RIGHT, WRONG = 0.5, 0.9


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv(progress.ENVIRONMENT, str(tmp_path))


@pytest.fixture(params=LANGUAGES)
def notebook(request):
    return Notebook(request.param)


def test_both_languages_offer_the_same_names():
    modules = [importlib.import_module(f"seattn_course.{language}") for language in LANGUAGES]
    assert modules[0].__all__ == modules[1].__all__
    for module in modules:
        for name in module.__all__:
            assert hasattr(module, name)
        assert module.t(en="gate", tr="kapı") == {"en": "gate", "tr": "kapı"}[module.__name__[-2:]]


def test_importing_the_names_loads_no_torch():
    code = "import sys, seattn_course.en; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_a_result_speaks_the_notebooks_language(notebook):
    result = notebook.check("se_by_hand.hidden", WRONG)
    sentence = messages(notebook.language).text("se_by_hand.hidden.wrong.sign_lost")
    assert sentence in repr(result)
    assert f'lang="{notebook.language}"' in result._repr_html_()


def test_help_is_suggested_after_three_failures_in_a_row(notebook):
    suggestion = messages(notebook.language).text("engine.help.suggestion", id="se_by_hand.hidden")
    texts = [repr(notebook.check("se_by_hand.hidden", WRONG)) for _ in range(4)]
    assert [suggestion in text for text in texts] == [False, False, True, True]
    assert suggestion not in repr(notebook.check("se_by_hand.hidden", RIGHT))
    assert suggestion not in repr(notebook.check("se_by_hand.hidden", WRONG))


def test_unfilled_answers_are_not_recorded(notebook):
    assert notebook.check("se_by_hand.hidden", ...).outcome == "not_attempted"
    assert progress.read().exercises == {}


def test_strict_checks_raise_and_record_nothing(notebook):
    assert notebook.strict_check("se_by_hand.hidden", RIGHT).passed
    for answer in (WRONG, ...):
        with pytest.raises(CheckFailed) as error:
            notebook.strict_check("se_by_hand.hidden", answer)
        assert not error.value.result.passed
        assert str(error.value) == repr(error.value.result)
    assert progress.read().exercises == {}


@pytest.mark.parametrize("name", ["check", "strict_check", "hint", "solution"])
def test_an_unknown_id_is_explained_in_the_notebooks_language(notebook, name):
    arguments = (RIGHT,) if "check" in name else ()
    words = messages(notebook.language)
    near = words.text("engine.unknown_id_near", id="se_by_hand.hiden", near="se_by_hand.hidden").rstrip("?")
    with pytest.raises(ValueError, match=re.escape(near)):
        getattr(notebook, name)("se_by_hand.hiden", *arguments)
    with pytest.raises(ValueError, match=re.escape(words.text("engine.unknown_id", id="zz"))):
        getattr(notebook, name)("zz", *arguments)


def test_hints_go_deeper_with_each_call_and_then_end(notebook):
    words = messages(notebook.language)
    hints = [notebook.hint("se_by_hand.hidden") for _ in range(5)]
    assert [hint.level for hint in hints] == [1, 2, 3, 4, 4]
    for hint in hints[:3]:
        assert words.text(f"se_by_hand.hidden.hint{hint.level}") in repr(hint)
        assert hint._repr_html_()
    assert repr(hints[3]) == words.text("engine.help.no_more", id="se_by_hand.hidden")
    assert notebook.hint("se_by_hand.rounding").level == 1, "each exercise has its own count"
    assert progress.read().of("se_by_hand.hidden")["hints"] == 3


def test_the_solution_is_the_solved_cell_in_the_notebooks_language(notebook, tmp_path, monkeypatch):
    cells = [
        {"metadata": {"name": "other"}, "source": ["nothing"]},
        {
            "metadata": {"name": "answer-half-prediction"},
            "source": [
                "# BEGIN SOLUTION\n",
                f"prediction = 'b'  # {notebook.language}\n",
                "# END SOLUTION\n",
                "x = 1  # SOLUTION",
            ],
        },
    ]
    folder = tmp_path / "solutions" / notebook.language
    folder.mkdir(parents=True)
    (folder / "02_se_by_hand.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    below = tmp_path / "notebooks" / notebook.language
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    solution = notebook.solution("se_by_hand.half_prediction")
    assert solution.code == f"prediction = 'b'  # {notebook.language}\nx = 1"
    assert repr(solution) == solution.code
    assert "prediction" in solution._repr_html_()


def test_without_the_solved_notebook_the_reference_is_shown(notebook, monkeypatch):
    monkeypatch.setattr(help_module, "_solved_cell", lambda exercise_id, language: None)
    assert notebook.solution("se_by_hand.hidden").code.startswith("def hidden():")


@pytest.mark.parametrize("content", ["no json", "{}", '{"cells": [{}]}'])
def test_a_damaged_solved_notebook_is_passed_over(notebook, tmp_path, monkeypatch, content):
    folder = tmp_path / "solutions" / notebook.language
    folder.mkdir(parents=True)
    (folder / "02_se_by_hand.ipynb").write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert notebook.solution("se_by_hand.hidden").code


def test_every_exercise_has_a_solved_cell_in_both_languages(notebook):
    lessons = {"start_here", "se_by_hand", "se_block"}
    for exercise_id in exercise_ids():
        if exercise_id.split(".")[0] in lessons:
            code = help_module._solved_cell(exercise_id, notebook.language)
            assert code is not None, exercise_id
            assert "SOLUTION" not in code


def test_progress_counts_both_languages_as_one(notebook):
    Notebook("en").check("se_by_hand.hidden", RIGHT)
    Notebook("tr").check("se_by_hand.rounding", 0.587)
    Notebook("tr").check("se_by_hand.dead_hidden", [1, 1, 1])
    overview = notebook.progress()
    assert overview.counts == (2, len(exercise_ids()))
    assert "✓ hidden" in repr(overview)
    assert "✓ rounding" in repr(overview)
    assert "• dead_hidden" in repr(overview)
    html = overview._repr_html_()
    assert html.count("✓&nbsp;") == 2
    assert "<script" not in html
    assert 'role="img"' in html


def test_check_and_reference_agree_on_the_solved_values(notebook):
    for exercise_id in exercise_ids():
        exercise = load(exercise_id)
        if exercise.is_value:
            assert notebook.strict_check(exercise_id, exercise.solved()).passed
