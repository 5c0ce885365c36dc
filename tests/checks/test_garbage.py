"""Whatever is handed to check: it is never accepted, never escapes, and leaves everything as it was."""

import random
import sys
import threading
import time

import numpy as np
import pytest
import torch
from torch import nn

from seattn_course.attention import SEBlock as CoursesBlock
from seattn_course.checks.engine import examine
from seattn_course.checks.exercise import load
from seattn_course.course.language import LANGUAGES

SHORT = 0.3


class Block(nn.Module):
    """A right answer to se_block.linear, to be spoilt."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.down = nn.Linear(channels, hidden, bias=False)
        self.up = nn.Linear(hidden, channels, bias=False)

    def forward(self, x):
        s = torch.sigmoid(self.up(torch.relu(self.down(x.mean((2, 3))))))
        return x * s[:, :, None, None]


def spoilt(before=None, after=None, in_init=None):
    class Spoilt(Block):
        def __init__(self, channels, reduction=16):
            if in_init:
                in_init()
            super().__init__(channels, reduction)

        def forward(self, x):
            if before:
                before(x)
            y = super().forward(x)
            return after(y) if after else y

    return Spoilt


def fail(*_):
    raise RuntimeError("my own mistake")


def loop(*_):
    while True:
        time.sleep(0.01)


def swallow_once(*_):
    try:
        time.sleep(10)
    except:  # noqa: E722 - a learner's bare except must not swallow the deadline for good
        time.sleep(10)


def set_dtype(*_):
    torch.set_default_dtype(torch.float64)


def unprintable():
    class SilentError(Exception):
        def __str__(self):
            raise ValueError

    raise SilentError


class WithoutForward(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()


class WrongArity(Block):
    def __init__(self, channels):
        super().__init__(channels)


class CallsTheCourse(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.block = CoursesBlock(channels, reduction)

    def forward(self, x):
        return self.block(x)


class InheritsFromTheCourse(CoursesBlock):
    pass


def hard_coded(x):
    return torch.full_like(x, 0.25) if x.shape[0] == 2 else x


CLASSES = {
    "none": None,
    "instance": Block(6, 2),
    "tuple": (Block, Block),
    "text": "Block",
    "nan": float("nan"),
    "tensor": torch.zeros(2, 6, 3, 5),
    "five_axes": torch.zeros(2, 6, 3, 5, 1),
    "function": hard_coded,
    "lambda": lambda channels, reduction=16: Block(channels, reduction),
    "plain_class": type("Plain", (), {}),
    "without_forward": WithoutForward,
    "wrong_arity": WrongArity,
    "fails_in_init": spoilt(in_init=fail),
    "fails_in_forward": spoilt(before=fail),
    "unprintable_error": spoilt(in_init=unprintable),
    "sleeps": spoilt(before=lambda x: time.sleep(10)),
    "sleeps_in_init": spoilt(in_init=lambda: time.sleep(10)),
    "loops": spoilt(before=loop),
    "swallows_the_deadline": spoilt(before=swallow_once),
    "asks": spoilt(before=lambda x: input("which one? ")),
    "reads_stdin": spoilt(before=lambda x: int(sys.stdin.readline())),
    "exits": spoilt(before=lambda x: sys.exit(0)),
    "recurses": spoilt(before=lambda x: fail_deeply(0)),
    "gives_nan": spoilt(after=lambda y: y * float("nan")),
    "gives_inf": spoilt(after=lambda y: y / 0),
    "gives_text": spoilt(after=lambda y: "y"),
    "gives_tuple": spoilt(after=lambda y: (y, y)),
    "gives_none": spoilt(after=lambda y: None),
    "gives_five_axes": spoilt(after=lambda y: y[..., None]),
    "gives_numpy": spoilt(after=lambda y: y.detach().numpy()),
    "works_in_place": spoilt(before=lambda x: x.mul_(2)),
    "seeds": spoilt(before=lambda x: torch.manual_seed(0)),
    "seeds_numpy": spoilt(before=lambda x: np.random.seed(0)),
    "seeds_python": spoilt(before=lambda x: random.seed(0)),
    "stops_gradients": spoilt(before=lambda x: torch.set_grad_enabled(False)),
    "changes_dtype": spoilt(before=set_dtype),
    "changes_threads": spoilt(before=lambda x: torch.set_num_threads(torch.get_num_threads() + 1)),
    "changes_device": spoilt(before=lambda x: torch.set_default_device("meta")),
    "hard_coded": spoilt(after=hard_coded),
    "course": CoursesBlock,
    "calls_the_course": CallsTheCourse,
    "inherits_from_the_course": InheritsFromTheCourse,
    "reference": load("se_block.linear").reference,
}


def fail_deeply(depth):
    return fail_deeply(depth + 1)


FUNCTIONS = {
    "none": None,
    "result": np.array([0.6, 0.7, 0.4]),
    "text": "gates",
    "module_class": Block,
    "no_arguments": lambda: np.zeros(3),
    "too_few": lambda z, W1: z,
    "gives_none": lambda z, W1, W2: None,
    "gives_text": lambda z, W1, W2: "0.6",
    "gives_itself": lambda z, W1, W2: examine,
    "gives_scalar": lambda z, W1, W2: 0.5,
    "gives_nan": lambda z, W1, W2: z * np.nan,
    "gives_object_array": lambda z, W1, W2: np.array([None, "a"], dtype=object),
    "hard_coded": lambda z, W1, W2: np.array([0.586618, 0.668188, 0.413382]),
    "sleeps": lambda z, W1, W2: time.sleep(10),
    "exits": lambda z, W1, W2: sys.exit("bye"),
    "asks": lambda z, W1, W2: input(),
    "fails": lambda z, W1, W2: z + "a",
    "changes_numpy_errors": lambda z, W1, W2: np.seterr(all="raise") and z,
    "reference": load("se_by_hand.gates").reference,
    "calls_the_reference": lambda z, W1, W2: load("se_by_hand.gates").reference(z, W1, W2),
}


class BadFloat(float):
    def __float__(self):
        raise RuntimeError("no")

    def __deepcopy__(self, memo):
        raise RuntimeError("no")


VALUES = [
    "0.5", "", float("nan"), float("inf"), True, object(), [], {}, (0.5, 0.5), np.zeros((2, 2, 2, 2, 2)), 1j,
    torch.zeros(5), lambda: 0.5, Block, 10**400, BadFloat(3), np.array(["a"]), [[1], [2, 3]], {"N": None},
]  # fmt: skip


def state_of_the_world():
    return (
        torch.get_rng_state().sum().item(),
        torch.initial_seed(),
        np.random.get_state()[1].sum(),
        np.random.get_state()[2],
        random.getstate(),
        torch.is_grad_enabled(),
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.get_num_threads(),
        tuple(np.geterr().items()),
        sys.stdout,
        sys.stdin,
        sys.getprofile(),
    )


def refused(exercise_id, answer, capsys, seconds=SHORT):
    """The result of a check that must not pass and must leave no trace."""
    before = state_of_the_world()
    start = time.monotonic()
    result = examine(load(exercise_id), answer, seconds=seconds)
    assert time.monotonic() - start < 8
    assert state_of_the_world() == before
    assert capsys.readouterr() == ("", "")
    assert result.outcome in ("wrong", "error", "not_attempted"), result.text("en")
    for language in LANGUAGES:
        assert result.text(language)
        assert result.html(language)
    return result


@pytest.mark.parametrize("name", CLASSES)
def test_garbage_for_a_class(name, capsys):
    refused("se_block.linear", CLASSES[name], capsys)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_garbage_for_a_function(name, capsys):
    refused("se_by_hand.gates", FUNCTIONS[name], capsys)


@pytest.mark.parametrize("exercise_id", [
    "se_by_hand.hidden", "se_by_hand.rounding", "se_by_hand.dead_hidden", "se_by_hand.half_prediction",
    "start_here.axes",
])  # fmt: skip
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_garbage_for_a_value(exercise_id, value, capsys):
    refused(exercise_id, value, capsys)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("instance", "engine.contract.class.instance"),
        ("function", "engine.contract.class.function"),
        ("text", "engine.contract.class.value"),
        ("plain_class", "engine.contract.class.class"),
        ("without_forward", "engine.raised.no_forward"),
        ("wrong_arity", "engine.raised.arity"),
        ("fails_in_init", "engine.raised.exception"),
        ("sleeps", "engine.raised.deadline"),
        ("loops", "engine.raised.deadline"),
        ("swallows_the_deadline", "engine.raised.deadline"),
        ("asks", "engine.raised.input"),
        ("exits", "engine.raised.exit"),
        ("gives_tuple", "engine.values.type"),
        ("gives_none", "se_block.linear.wrong.not_returned"),
        ("gives_nan", "engine.values.not_finite"),
        ("seeds", "se_block.linear.wrong.reseeds"),
        ("seeds_numpy", "engine.robustness.globals"),
        ("seeds_python", "engine.robustness.globals"),
        ("stops_gradients", "engine.gradients.none"),
        ("changes_dtype", "engine.robustness.globals"),
        ("changes_threads", "engine.robustness.globals"),
        ("course", "engine.contract.course"),
        ("calls_the_course", "engine.contract.course"),
        ("inherits_from_the_course", "engine.contract.course"),
        ("reference", "engine.contract.course"),
    ],
)
def test_garbage_is_named(name, key, capsys):
    assert refused("se_block.linear", CLASSES[name], capsys).key == key


def test_calling_the_reference_from_inside_is_recognised(capsys):
    result = refused("se_by_hand.gates", FUNCTIONS["calls_the_reference"], capsys)
    assert result.key == "engine.contract.course"


def test_print_floods_are_caught_and_cut(capsys):
    def flood(x):
        for _ in range(20_000):
            print("a line nobody reads")

    result = examine(load("se_block.linear"), spoilt(before=flood))
    assert capsys.readouterr() == ("", "")
    assert result.passed
    assert 500 < len(result.printed) < 1100
    assert result.printed.endswith("…")


def test_what_the_learner_prints_is_shown():
    def show(x):
        print("shape", tuple(x.shape))
        print("on stderr", file=sys.stderr)

    result = examine(load("se_block.linear"), spoilt(before=show))
    assert result.printed == "shape (2, 6, 3, 5)\non stderr\n"
    assert "Your code printed:\n    shape (2, 6, 3, 5)" in result.text("en")


def test_outside_the_main_thread_the_deadline_holds_too():
    outcome = {}

    def work():
        start = time.monotonic()
        outcome["result"] = examine(load("se_block.linear"), spoilt(before=loop), seconds=SHORT)
        outcome["seconds"] = time.monotonic() - start

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert outcome["result"].key == "engine.raised.deadline"
    assert outcome["seconds"] < 8


def test_someone_elses_timer_survives():
    signal = pytest.importorskip("signal")
    fired = []
    before = signal.signal(signal.SIGALRM, lambda *_: fired.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 30)
        examine(load("se_block.mean_gate"), 0.3)
        examine(load("se_by_hand.gates"), lambda z, W1, W2: z)
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        assert 0 < left <= 30
        assert fired == []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_stop_button_works():
    def interrupt(z, W1, W2):
        raise KeyboardInterrupt

    before = state_of_the_world()
    with pytest.raises(KeyboardInterrupt):
        examine(load("se_by_hand.gates"), interrupt)
    assert state_of_the_world() == before


def test_the_learners_objects_are_not_changed():
    array = np.array([1.0, -0.1, 0.2])
    mapping = {"N": 8, "C": 3}
    block = Block(6, 2)
    weights = {name: tensor.clone() for name, tensor in block.state_dict().items()}
    examine(load("se_by_hand.dead_hidden"), array)
    examine(load("start_here.axes"), mapping)
    examine(load("se_block.linear"), block)
    assert array.tolist() == [1.0, -0.1, 0.2]
    assert mapping == {"N": 8, "C": 3}
    assert all(torch.equal(weights[name], tensor) for name, tensor in block.state_dict().items())
