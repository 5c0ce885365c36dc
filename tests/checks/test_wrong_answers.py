"""Every known wrong answer is rejected and named; every accepted answer passes, whatever the seed."""

from collections import Counter

import pytest

from seattn_course.authoring import mutants
from seattn_course.authoring.wrong_answers import QUICKLY, Row, judge_accepted, judge_mutants, table
from seattn_course.checks.engine import Expectations, examine
from seattn_course.checks.exercise import exercise_ids, load
from seattn_course.checks.outcome import messages
from seattn_course.course.language import LANGUAGES


def test_every_exercise_knows_enough_answers(exercise):
    keys = [wrong.key for wrong in exercise.wrong_answers]
    assert len(keys) >= 8
    assert len(exercise.accepted_answers) >= 2
    assert max(Counter(keys).values()) == 1, "each key is one mistake"


def test_the_course_knows_three_hundred_wrong_answers():
    assert sum(len(load(exercise_id).wrong_answers) for exercise_id in exercise_ids()) >= 300


def test_wrong_answers_are_rejected_with_their_own_sentence(exercise, results):
    for key, result in results.items():
        assert result.outcome == "wrong", f"{key}: {result.outcome}"
        assert result.key == f"{exercise.id}.wrong.{key}"
        for language in LANGUAGES:
            sentence = messages(language).text(result.key)
            assert sentence in result.text(language)
            assert result.html(language).startswith(f'<div lang="{language}"')


def test_without_diagnosis_the_probe_explains_itself_in_both_languages(exercise):
    expectations = Expectations(exercise, 0)
    for wrong in exercise.wrong_answers:
        result = examine(exercise, wrong.answer, expectations=expectations, **QUICKLY)
        assert result.outcome in ("wrong", "error")
        assert result.probe in [probe.name for probe in exercise.probes]
        texts = {result.text(language) for language in LANGUAGES}
        assert len(texts) == len(LANGUAGES), "each language has a text of its own"
        assert not any("{" in result.explanation(language) for language in LANGUAGES), result.key


def test_accepted_answers_pass_under_fifty_seeds(exercise):
    row = Row(exercise)
    judge_accepted(row, range(50))
    assert row.not_accepted == []


def test_messages_of_one_exercise_are_all_different(exercise):
    for language in LANGUAGES:
        catalogue = messages(language)
        texts = Counter(catalogue.text(f"{exercise.id}.wrong.{wrong.key}") for wrong in exercise.wrong_answers)
        assert not [text for text, times in texts.items() if times > 1]


def test_every_probe_rejects_what_no_earlier_probe_does(exercise, results):
    # A result names the first probe that objected, so each probe has to be named by some wrong answer.
    needed = {result.probe for result in results.values()}
    assert [probe.name for probe in exercise.probes if probe.name not in needed] == []


def test_every_mutant_is_rejected_or_declared_equivalent(exercise):
    row = Row(exercise)
    judge_mutants(row)
    assert row.mutants >= 2
    assert row.survivors == []
    assert row.stale == [], "declared equivalent, but no such mutant survives"
    assert all(exercise.equivalent_mutants.values()), "an equivalent mutant has a reason"


def test_mutants_cover_the_kinds_of_slips():
    texts = [mutant.text for mutant in mutants.mutants(load("se_block.linear"))]
    for slip in (
        "x.mean((2, 3))` → `z = x.sum((2, 3))",  # a swapped call
        "x.mean((2, 3))` → `z = x.mean((2, 4))",  # an axis
        "channels // reduction)` → `hidden = max(1, channels / reduction)",  # an operator
        "reduction=16` → `self, channels, reduction=17",  # a default
        "`super().__init__()` removed",
        "nn.ReLU()` → `self.act = nn.Identity()",
    ):
        assert any(slip in text for text in texts), slip


def test_a_survivor_is_reported(monkeypatch):
    exercise = load("se_block.count")
    monkeypatch.setattr(exercise, "probes", exercise.probes[:1])  # contract only: values are not looked at
    row = Row(exercise)
    judge_mutants(row)
    assert row.survivors
    assert any("mutant survives" in fault for fault in row.faults)


def test_table_has_a_line_for_each_exercise_and_a_sum():
    rows = [Row(load("se_block.count")), Row(load("se_block.mean_gate"))]
    lines = table(rows).splitlines()
    assert len(lines) == 5
    assert "**2 exercises**" in lines[-1]
    wrong = sum(len(row.exercise.wrong_answers) for row in rows)
    assert lines[-1].split("|")[2].strip() == f"**{wrong}**"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exercise_has_title_closing_words_and_three_hints(exercise, language):
    catalogue = messages(language)
    texts = [catalogue.text(f"{exercise.id}.{name}") for name in ("title", "done", "hint1", "hint2", "hint3")]
    assert all(texts)
    assert len(set(texts)) == 5
