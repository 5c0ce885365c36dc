"""The engine: closed on failure, quick, and as glad of a learner's module as of the course's."""

import importlib.util
import statistics

import numpy as np
import pytest
import torch
from torch import nn

from seattn_course.checks import exercise as exercise_module
from seattn_course.checks import guard
from seattn_course.checks.engine import examine
from seattn_course.checks.exercise import Case, Exercise, UnknownExerciseError, exercise_ids, load, stem
from seattn_course.checks.guard import Guard, Raised, Settings
from seattn_course.checks.outcome import Result
from seattn_course.checks.probes import contract
from seattn_course.checks.probes.base import Probe
from seattn_course.checks.probes.value import Number
from seattn_course.course.language import LANGUAGES


def as_a_learner_would(exercise):
    """The exercise's file under another module name: its answers look as if a learner had written them."""
    lesson, name = exercise.id.split(".")
    path = exercise_module.FOLDER / lesson / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"learner_{lesson}_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EXERCISE


def test_right_answers_of_a_learner_are_not_taken_for_the_courses_own(exercise, monkeypatch):
    learners = as_a_learner_would(exercise)
    # An exercise file may take its base class from another one, where a learner has one of their own.
    rooms = tuple(room for room in guard.COURSE_ROOMS if room != "seattn_course.checks.exercises")
    rooms += (f"seattn_course.checks.exercises.{exercise.id}",)
    for module in (guard, contract):
        monkeypatch.setattr(module, "COURSE_ROOMS", rooms)
    for name, answer in ({"reference": learners.solved()} | learners.accepted_answers).items():
        result = examine(exercise, answer)
        assert result.passed, f"{name}: {result.text('en')}"


def test_a_check_is_quick(exercise, seconds):
    # Wrong answers take longer than right ones, as they are compared with the known mistakes.
    assert statistics.median(seconds) < 0.3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answer", [..., "stub", "half a stub"])
def test_unfilled_exercises_are_not_attempted(exercise, language, answer):
    if answer == "stub":

        def answer(*args, **kwargs):
            raise NotImplementedError("write your answer here")

        class Stub(nn.Module):
            def __init__(self, *args, **kwargs):
                super().__init__()
                raise NotImplementedError("write your answer here")

        answer = {"class": Stub, "function": answer}.get(exercise.kind)
    elif answer == "half a stub":

        def answer(*args, **kwargs):
            h = ...
            return h * 2

        class Half(nn.Module):
            def __init__(self, *args, **kwargs):
                super().__init__()

            def forward(self, *args):
                raise NotImplementedError

        answer = {"class": Half, "function": answer}.get(exercise.kind)
    result = examine(exercise, answer)
    assert result.outcome == "not_attempted"
    assert result.text(language)


def test_a_c_functions_not_implemented_is_an_error_and_no_stub():
    def to_cpu(z, W1, W2):
        return torch.zeros(3, device="meta").to("cpu").numpy()

    assert examine(load("se_by_hand.gates"), to_cpu).outcome == "error"


class Broken(Probe):
    name = "broken"

    def __init__(self, observe=None, judge=None):
        self._observe, self._judge = observe, judge

    def observe(self, bench):
        return self._observe(bench) if self._observe else []

    def judge(self, bench, expected, found):
        return self._judge(expected, found) if self._judge else None


def one_number(*probes):
    return Exercise("se_by_hand.hidden", "number", lambda: 0.5, (Number(1e-6, 1e-3), *probes))


@pytest.mark.parametrize(
    "probe",
    [
        Broken(observe=lambda bench: 1 / 0),
        Broken(judge=lambda expected, found: 1 / 0),
        Broken(judge=lambda expected, found: found == []),
    ],
    ids=["observation fails", "judgement fails", "reference objected to"],
)
def test_the_checker_fails_closed(probe):
    assert examine(one_number(), 0.5).passed
    result = examine(one_number(probe), 0.5)
    assert result.outcome == "checker_bug"
    assert not result.passed
    assert "not of your answer" in result.text("en")


def test_a_reference_that_does_not_pass_is_the_checkers_fault():
    exercise = Exercise("se_by_hand.hidden", "number", lambda: "half", (Number(1e-6, 1e-3),))
    assert examine(exercise, "half").outcome == "checker_bug"


def test_passing_takes_every_declared_probe():
    class Forgetful(tuple):
        """Loses its last probe when it is walked through."""

        def __iter__(self):
            walks.append(1)
            members = list(tuple.__iter__(self))
            return iter(members[:-1] if len(walks) == 1 else members)

    exercise = one_number(Broken())
    walks = []
    exercise.probes = Forgetful(exercise.probes)
    assert examine(exercise, 0.5).outcome == "checker_bug"


@pytest.mark.parametrize(
    ("wanted", "close"),
    [
        ("se_block.linaer", "se_block.linear"),
        ("linear", "se_block.linear"),
        ("se_byhand.gates", "se_by_hand.gates"),
    ],
)
def test_an_unknown_id_names_those_nearby(wanted, close):
    with pytest.raises(UnknownExerciseError, match="no exercise") as error:
        load(wanted)
    assert close in error.value.close


@pytest.mark.parametrize("wanted", ["", "zzz", None, 3, ("se_block", "linear")])
def test_an_unknown_id_of_any_kind_is_a_clear_error(wanted):
    with pytest.raises(UnknownExerciseError):
        load(wanted)


def test_ids_and_lessons_agree():
    for exercise_id in exercise_ids():
        assert load(exercise_id).id == exercise_id
    assert stem("se_block") == "03_se_block"
    assert [stem(i.split(".")[0]) for i in exercise_ids()] == sorted(stem(i.split(".")[0]) for i in exercise_ids())


def test_every_exercise_file_is_listed_in_its_lesson():
    files = {f"{path.parent.name}.{path.stem}" for path in exercise_module.FOLDER.glob("*/*.py")}
    assert {name for name in files if not name.endswith("__init__")} == set(exercise_ids())


@pytest.mark.parametrize("kwargs", [{"kind": "story"}, {"probes": ()}, {"probes": (Broken(), Broken())}])
def test_a_wrong_declaration_is_refused(kwargs):
    with pytest.raises(ValueError, match="must be"):
        Exercise(**({"id": "a.b", "kind": "number", "reference": lambda: 1, "probes": (Broken(),)} | kwargs))


def test_an_unknown_outcome_is_refused():
    with pytest.raises(ValueError, match="outcome"):
        Result("se_block.linear", "maybe", "engine.not_attempted")


def test_only_the_learners_own_frames_are_shown():
    class Mine(nn.Module):
        def __init__(self, channels, reduction=16):
            super().__init__()
            self.fc = nn.Linear(channels + 1, channels)

        def forward(self, x):
            return self.scaled(x)

        def scaled(self, x):
            return x * self.fc(x.mean((2, 3)))

    result = examine(load("se_block.linear"), Mine)
    assert result.outcome == "error"
    assert [frame[1] for frame in result.frames] == ["forward", "scaled"]
    assert result.frames[-1][2] == "return x * self.fc(x.mean((2, 3)))"
    for language in LANGUAGES:
        for text in (result.text(language), result.html(language)):
            assert "site-packages" not in text
            assert "Traceback" not in text
            assert "/" not in text.replace("</", "").replace("/>", "")


def test_html_is_escaped_and_has_no_script():
    class Sly(nn.Module):
        def __init__(self, channels, reduction=16):
            super().__init__()
            raise ValueError("<script>alert(1)</script>")

    text = examine(load("se_block.linear"), Sly).html("en")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_largest_difference_and_its_place_are_named():
    def off_by_a_little(z, W1, W2):
        s = 1 / (1 + np.exp(-W2 @ np.maximum(W1 @ z, 0)))
        s[1] += 0.125
        return s

    result = examine(load("se_by_hand.gates"), off_by_a_little)
    assert result.key == "engine.values.differ"
    assert result.parameters["difference"] == "0.125"
    assert result.parameters["where"] == "[1]"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_entry_of_a_dictionary_that_differs_is_named(language):
    def se_macs(channels, height, width, reduction=16):
        hidden = max(1, channels // reduction)
        return {"fc": 2 * channels * hidden, "pool": 7, "scale": channels * height * width}

    told = examine(load("se_in_networks.macs_bug"), se_macs).explanation(language)
    assert '`se_macs(128, 56, 56)["pool"]`' in told


def test_an_ever_changing_learner_cannot_pass_by_chance():
    class Lazy(nn.Module):
        def __init__(self, channels, reduction=16):
            super().__init__()
            hidden = max(1, channels // reduction)
            self.down = nn.LazyLinear(hidden, bias=False)
            self.up = nn.LazyLinear(channels, bias=False)

        def forward(self, x):
            return x * torch.sigmoid(self.up(torch.relu(self.down(x.mean((2, 3))))))[:, :, None, None]

    assert examine(load("se_block.linear"), Lazy).passed, "lazy layers are layers"


def test_a_guard_reports_what_a_call_changed():
    with Guard() as open_guard:
        open_guard.call(torch.set_grad_enabled, (False,))
        assert open_guard.settings_changed == ("grad",)
        assert torch.is_grad_enabled()
        assert isinstance(open_guard.call(lambda: 1 / 0), Raised)
        assert open_guard.settings_changed == ()


def _with_dtype():
    torch.set_default_dtype(torch.float64)


@pytest.mark.parametrize(
    "setting",
    [
        lambda: torch.set_default_device("meta"),
        _with_dtype,
        lambda: torch.set_grad_enabled(False),
        lambda: torch.use_deterministic_algorithms(True),
        lambda: np.seterr(all="raise"),
    ],
    ids=["device", "dtype", "grad", "deterministic", "numpy errors"],
)
def test_a_check_does_not_depend_on_the_notebooks_settings(setting):
    before = Settings()
    try:
        setting()
        chosen = vars(Settings())
        assert chosen != vars(before)
        for exercise_id in ("se_block.linear", "se_block.conv", "se_by_hand.gates", "start_here.seeds"):
            exercise = load(exercise_id)
            assert examine(exercise, exercise.reference, recognise_course=False).passed
        assert vars(Settings()) == chosen
    finally:
        before.restore()


def test_a_check_works_in_inference_mode():
    exercise = load("se_block.linear")
    with torch.inference_mode():
        assert examine(exercise, exercise.reference, recognise_course=False).passed
        assert torch.is_inference_mode_enabled()


def test_cases_with_equal_configuration_share_a_state():
    assert Case(config=(6, 2)).build_key == Case(args=(1,), config=(6, 2)).build_key
    assert Case(config=(6,), config_kwargs={"reduction": 2}).build_key != Case(config=(6,)).build_key
