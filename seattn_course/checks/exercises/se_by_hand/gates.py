"""se_by_hand.gates: the excitation in NumPy, s = sigmoid(W2 · ReLU(W1 · z))."""

import numpy as np

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.arrays import random_array
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def gates(z, W1, W2):
    u = W2 @ np.maximum(W1 @ z, 0)  # (C,)
    return 1 / (1 + np.exp(-u))  # (C,)


def _call(generator, channels, hidden, note=None):
    sizes = ((channels,), (hidden, channels), (channels, hidden))
    return Case(tuple(random_array(generator, *size) for size in sizes), note=note)


def _cases(generator):
    return [
        _call(generator, 5, 3, "wide_hidden"),
        _call(generator, 4, 2),
        _call(generator, 6, 4),
    ]


def _one(generator):
    return [_call(generator, 5, 3)]


EXERCISE = Exercise(
    id="se_by_hand.gates",
    kind="function",
    name="gates",
    reference=gates,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
)


def _sigmoid(u):
    return 1 / (1 + np.exp(-u))


@EXERCISE.wrong("no_relu")
def _no_relu(z, W1, W2):
    return _sigmoid(W2 @ (W1 @ z))


@EXERCISE.wrong("relu_late")
def _relu_late(z, W1, W2):
    return _sigmoid(np.maximum(W2 @ (W1 @ z), 0))


@EXERCISE.wrong("relu_on_squeeze")
def _relu_on_squeeze(z, W1, W2):
    return _sigmoid(W2 @ (W1 @ np.maximum(z, 0)))


@EXERCISE.wrong("relu_on_products")
def _relu_on_products(z, W1, W2):
    return _sigmoid(W2 @ np.maximum(W1 * z, 0).sum(axis=1))


@EXERCISE.wrong("relu_twice")
def _relu_twice(z, W1, W2):
    return _sigmoid(np.maximum(W2 @ np.maximum(W1 @ z, 0), 0))


@EXERCISE.wrong("logits")
def _logits(z, W1, W2):
    return W2 @ np.maximum(W1 @ z, 0)


@EXERCISE.wrong("softmax")
def _softmax(z, W1, W2):
    e = np.exp(W2 @ np.maximum(W1 @ z, 0))
    return e / e.sum()


@EXERCISE.wrong("sign")
def _sign(z, W1, W2):
    return 1 / (1 + np.exp(W2 @ np.maximum(W1 @ z, 0)))


@EXERCISE.wrong("sigmoid_twice")
def _sigmoid_twice(z, W1, W2):
    return _sigmoid(W2 @ _sigmoid(W1 @ z))


@EXERCISE.wrong("absolute")
def _absolute(z, W1, W2):
    return _sigmoid(W2 @ np.abs(W1 @ z))


@EXERCISE.wrong("tanh")
def _tanh(z, W1, W2):
    return np.tanh(W2 @ np.maximum(W1 @ z, 0))


@EXERCISE.wrong("scaled")
def _scaled(z, W1, W2):
    return z * _sigmoid(W2 @ np.maximum(W1 @ z, 0))


@EXERCISE.wrong("matrices_swapped")
def _matrices_swapped(z, W1, W2):
    return _sigmoid(W1.T @ np.maximum(W2.T @ z, 0))


@EXERCISE.wrong("elementwise")
def _elementwise(z, W1, W2):
    return _sigmoid(W2 * np.maximum(W1 * z, 0).sum(1))


@EXERCISE.wrong("first_elementwise")
def _first_elementwise(z, W1, W2):
    return _sigmoid(W2 @ np.maximum(W1 * z, 0))


@EXERCISE.wrong("second_elementwise")
def _second_elementwise(z, W1, W2):
    return _sigmoid(W2 * np.maximum(W1 @ z, 0))


@EXERCISE.wrong("python_max")
def _python_max(z, W1, W2):
    return _sigmoid(W2 @ max(0.0, W1 @ z))


@EXERCISE.wrong("brackets_missing")
def _brackets_missing(z, W1, W2):
    return 1 / 1 + np.exp(-W2 @ np.maximum(W1 @ z, 0))


@EXERCISE.wrong("relu_gate")
def _relu_gate(z, W1, W2):
    return np.maximum(W2 @ np.maximum(W1 @ z, 0), 0)


@EXERCISE.wrong("column")
def _column(z, W1, W2):
    return _sigmoid(W2 @ np.maximum(W1 @ z[:, None], 0))


@EXERCISE.wrong("in_place")
def _in_place(z, W1, W2):
    h = W1 @ z
    h[h < 0] = 0
    z[:] = W2 @ h
    return _sigmoid(z.copy())


@EXERCISE.wrong("as_list")
def _as_list(z, W1, W2):
    hidden = [max(0.0, sum(w * value for w, value in zip(row, z))) for row in W1]
    return [float(_sigmoid(sum(w * h for w, h in zip(row, hidden)))) for row in W2]


@EXERCISE.wrong("rounded")
def _rounded(z, W1, W2):
    return _sigmoid(W2 @ np.maximum(W1 @ z, 0)).round(3)


@EXERCISE.accepted
def with_loops(z, W1, W2):
    hidden = [max(0.0, sum(w * value for w, value in zip(row, z))) for row in W1]
    return np.array([1 / (1 + np.exp(-sum(w * h for w, h in zip(row, hidden)))) for row in W2])


@EXERCISE.accepted
def with_tanh_identity(z, W1, W2):
    h = np.einsum("hc,c->h", W1, z)
    return (1 + np.tanh(np.dot(W2, h * (h > 0)) / 2)) / 2
