"""se_by_hand.derivative: how every gate reacts to every squeezed value."""

import numpy as np

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.arrays import random_array
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def gate_slope(z, W1, W2):
    before = W1 @ z  # (h,)
    s = 1 / (1 + np.exp(-W2 @ np.maximum(before, 0)))  # (C,)
    alive = (before > 0).astype(float)  # (h,)
    return (s * (1 - s))[:, None] * (W2 @ (alive[:, None] * W1))  # (C, C)


def _call(generator, channels, hidden, note=None):
    # Of each pair of hidden units, W1 and -W1, one is off: a forgotten ReLU shows for every seed.
    half = random_array(generator, (hidden + 1) // 2, channels)
    W1 = np.concatenate([half, -half])[:hidden]
    return Case((random_array(generator, channels), W1, random_array(generator, channels, hidden)), note=note)


def _cases(generator):
    return [_call(generator, 5, 4, "wide_hidden"), _call(generator, 3, 2), _call(generator, 4, 6)]


def _one(generator):
    return [_call(generator, 5, 4)]


EXERCISE = Exercise(
    id="se_by_hand.derivative",
    kind="function",
    name="gate_slope",
    reference=gate_slope,
    # A central difference is right too; with a good step it agrees to about 1e-9.
    probes=(Contract(_one), Values(_cases, tolerance=(1e-5, 1e-7)), InputLeftAlone(_one)),
    equivalent_mutants={
        "`s = 1 / (1 + np.exp(-W2 @ np.maximum(before, 0)))` → "
        "`s = 1 / (1 + np.exp(W2 @ np.maximum(before, 0)))`": "1 - s instead of s; only s(1 - s) enters the slope",
        "`alive = (before > 0).astype(float)` → `alive = (before >= 0).astype(float)`": (
            "at exactly 0 the ReLU has no derivative; the exercise never goes there"
        ),
    },
)


def _sigmoid(u):
    return 1 / (1 + np.exp(-u))


def _parts(z, W1, W2):
    before = W1 @ z
    return before, _sigmoid(W2 @ np.maximum(before, 0)), (before > 0).astype(float)


@EXERCISE.wrong("transposed")
def _transposed(z, W1, W2):
    return gate_slope(z, W1, W2).T


@EXERCISE.wrong("mask_missing")
def _mask_missing(z, W1, W2):
    _, s, _ = _parts(z, W1, W2)
    return (s * (1 - s))[:, None] * (W2 @ W1)


@EXERCISE.wrong("gates_without_relu")
def _gates_without_relu(z, W1, W2):
    _, _, alive = _parts(z, W1, W2)
    s = _sigmoid(W2 @ W1 @ z)
    return (s * (1 - s))[:, None] * (W2 @ (alive[:, None] * W1))


@EXERCISE.wrong("all_or_nothing")
def _all_or_nothing(z, W1, W2):
    _, s, alive = _parts(z, W1, W2)
    return (s * (1 - s))[:, None] * (W2 @ W1) * alive.all()


@EXERCISE.wrong("largest_slope")
def _largest_slope(z, W1, W2):
    _, _, alive = _parts(z, W1, W2)
    return 0.25 * (W2 @ (alive[:, None] * W1))


@EXERCISE.wrong("relu_missing")
def _relu_missing(z, W1, W2):
    s = _sigmoid(W2 @ W1 @ z)
    return (s * (1 - s))[:, None] * (W2 @ W1)


@EXERCISE.wrong("sigmoid_slope_missing")
def _sigmoid_slope_missing(z, W1, W2):
    _, _, alive = _parts(z, W1, W2)
    return W2 @ (alive[:, None] * W1)


@EXERCISE.wrong("gate_instead_of_slope")
def _gate_instead_of_slope(z, W1, W2):
    _, s, alive = _parts(z, W1, W2)
    return s[:, None] * (W2 @ (alive[:, None] * W1))


@EXERCISE.wrong("slope_on_columns")
def _slope_on_columns(z, W1, W2):
    _, s, alive = _parts(z, W1, W2)
    return (s * (1 - s)) * (W2 @ (alive[:, None] * W1))


@EXERCISE.wrong("hidden_instead_of_mask")
def _hidden_instead_of_mask(z, W1, W2):
    before, s, _ = _parts(z, W1, W2)
    return (s * (1 - s))[:, None] * (W2 @ (np.maximum(before, 0)[:, None] * W1))


@EXERCISE.wrong("sign_instead_of_mask")
def _sign_instead_of_mask(z, W1, W2):
    before, s, _ = _parts(z, W1, W2)
    return (s * (1 - s))[:, None] * (W2 @ (np.sign(before)[:, None] * W1))


@EXERCISE.wrong("diagonal_only")
def _diagonal_only(z, W1, W2):
    return np.diag(np.diag(gate_slope(z, W1, W2)))


@EXERCISE.wrong("diagonal_as_vector")
def _diagonal_as_vector(z, W1, W2):
    return np.diag(gate_slope(z, W1, W2)).copy()


@EXERCISE.wrong("slope_by_hidden")
def _slope_by_hidden(z, W1, W2):
    _, s, alive = _parts(z, W1, W2)
    return (s * (1 - s))[:, None] * W2 * alive


@EXERCISE.wrong("one_unit_formula")
def _one_unit_formula(z, W1, W2):
    _, s, _ = _parts(z, W1, W2)
    return s[:, None] * (1 - s[:, None]) * W2 * W1


@EXERCISE.wrong("one_gate_formula")
def _one_gate_formula(z, W1, W2):
    _, s, _ = _parts(z, W1, W2)
    return s * (1 - s) * W2 * W1


@EXERCISE.wrong("one_entry_formula")
def _one_entry_formula(z, W1, W2):
    _, s, _ = _parts(z, W1, W2)
    return s[0] * (1 - s[0]) * W2[0] * W1[0]


@EXERCISE.wrong("times_z")
def _times_z(z, W1, W2):
    return gate_slope(z, W1, W2) * z


@EXERCISE.wrong("coarse_step")
def _coarse_step(z, W1, W2):
    return _differences(z, W1, W2, 0.1)


@EXERCISE.wrong("list_of_rows")
def _list_of_rows(z, W1, W2):
    return list(gate_slope(z, W1, W2))


@EXERCISE.wrong("in_place")
def _in_place(z, W1, W2):
    _, s, alive = _parts(z, W1, W2)
    W1 *= alive[:, None]
    return (s * (1 - s))[:, None] * (W2 @ W1)


def _differences(z, W1, W2, step):
    columns = []
    for j in range(len(z)):
        up, down = z.copy(), z.copy()
        up[j] += step
        down[j] -= step
        columns.append((_parts(up, W1, W2)[1] - _parts(down, W1, W2)[1]) / (2 * step))
    return np.stack(columns, axis=1)


@EXERCISE.accepted
def by_small_steps(z, W1, W2):
    return _differences(z, W1, W2, 1e-6)


@EXERCISE.accepted
def by_loops(z, W1, W2):
    h = W1 @ z
    s = _sigmoid(W2 @ np.where(h > 0, h, 0))
    slopes = np.zeros((len(z), len(z)))
    for i in range(len(z)):
        for j in range(len(z)):
            slopes[i, j] = s[i] * (1 - s[i]) * sum(W2[i, k] * W1[k, j] for k in range(len(h)) if h[k] > 0)
    return slopes


@EXERCISE.accepted
def by_diagonal_matrices(z, W1, W2):
    before, s, alive = _parts(z, W1, W2)
    return np.diag(s - s**2) @ W2 @ np.diag(alive) @ W1
