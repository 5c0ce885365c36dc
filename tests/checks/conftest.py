"""Results that several tests look at are computed once."""

import time
from functools import cache

import pytest

from seattn_course.checks.engine import examine
from seattn_course.checks.exercise import exercise_ids, load

EXERCISES = exercise_ids()


@cache
def _results_of_wrong_answers(exercise_id):
    exercise = load(exercise_id)
    examine(exercise, exercise.solved(), recognise_course=False)  # torch loads some of its parts at first use
    results, seconds = {}, []
    for wrong in exercise.wrong_answers:
        start = time.process_time()
        results[wrong.key] = examine(exercise, wrong.answer, recognise_course=False)
        seconds.append(time.process_time() - start)
    return results, seconds


@pytest.fixture(params=EXERCISES)
def exercise(request):
    """Each exercise of the course in turn."""
    return load(request.param)


@pytest.fixture
def results(exercise):
    """The results of the exercise's wrong answers, by key."""
    return _results_of_wrong_answers(exercise.id)[0]


@pytest.fixture
def seconds(exercise):
    """The processor seconds that checking each of the exercise's wrong answers took."""
    return _results_of_wrong_answers(exercise.id)[1]
