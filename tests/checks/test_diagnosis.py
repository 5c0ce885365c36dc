"""Diagnosis: known mistakes in other words are still named; mistakes nobody foresaw are not named falsely."""

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.engine import examine
from seattn_course.checks.exercise import Exercise, load
from seattn_course.checks.probes.value import Number


def block(forward, bias=False, reduction=16):
    """An SE block in a learner's words: ``forward(x, down, up)`` with two Linear layers."""

    class Mine(nn.Module):
        def __init__(self, channels, r=reduction):
            super().__init__()
            hidden = max(1, channels // r)
            self.second = nn.Linear(hidden, channels, bias=bias)
            self.first = nn.Linear(channels, hidden, bias=bias)

        def forward(self, x):
            return forward(x, self.first, self.second)

    return with_reduction(Mine)


def with_reduction(cls):
    class Named(cls):
        def __init__(self, channels, reduction=16):
            super().__init__(channels, reduction)

    return Named


def four(s):
    return s.reshape(*s.shape, 1, 1)


def softmax(x, a, b):
    return x * four(F.softmax(b(F.relu(a(x.mean((2, 3))))), 1))


def right(x, a, b):
    return x * four(torch.sigmoid(b(F.relu(a(x.mean((2, 3)))))))


def no_relu(x, a, b):
    return x * four(torch.sigmoid(b(a(x.mean(3).mean(2)))))


def maximum(x, a, b):
    return x * four(torch.sigmoid(b(a(x.flatten(2).max(2).values).relu())))


def residual(x, a, b):
    return x + x * four(torch.sigmoid(b(a(x.mean((2, 3))).clamp(min=0))))


def inverted(x, a, b):
    return x * four(torch.sigmoid(-b(F.relu(a(x.mean((2, 3)))))))


def per_pixel(x, a, b):
    return x * torch.sigmoid(b(F.relu(a(x.movedim(1, -1))))).movedim(-1, 1)


def over_batch(x, a, b):
    z = x.transpose(0, 1).flatten(1).mean(1)
    return x * torch.sigmoid(b(F.relu(a(z))))[:, None, None]


def detached(x, a, b):
    with torch.no_grad():
        z = x.mean((2, 3))
    return x * four(torch.sigmoid(b(F.relu(a(z)))))


def in_place(x, a, b):
    s = four(torch.sigmoid(b(F.relu(a(x.mean((2, 3)))))))
    x *= s
    return x


def summed(x, a, b):
    return x * four(torch.sigmoid(b(F.relu(a(torch.einsum("nchw->nc", x))))))


def tanh_gates(z, W1, W2):
    h = W1.dot(z)
    h = h * (h > 0)
    u = W2.dot(h)
    return (np.exp(u) - np.exp(-u)) / (np.exp(u) + np.exp(-u))


def softmax_gates(z, W1, W2):
    u = W2.dot(np.clip(W1.dot(z), 0, None))
    e = np.exp(u - u.max())
    return e / sum(e)


def rms_ratios(blocks, x, over):
    def rms(v):
        return v.square().mean().sqrt()

    first, ratios = x, []
    for block in copy.deepcopy(blocks).train():
        y = block(x).detach()
        ratios.append((rms(y) / rms(over(x, first))).item())
        x = y
    return ratios


def silent_in_the_mean(block, x):
    twin = copy.deepcopy(block)
    twin.zero_grad()
    twin(x).mean().backward()
    return [name for name, p in twin.named_parameters() if p.grad is not None and not p.grad.any()]


SPELLINGS = [
    ("se_block.linear", "softmax", block(softmax)),
    ("se_block.linear", "no_relu", block(no_relu)),
    ("se_block.linear", "max_pooled", block(maximum)),
    ("se_block.linear", "residual", block(residual)),
    ("se_block.linear", "inverted", block(inverted)),
    ("se_block.linear", "not_pooled", block(per_pixel)),
    ("se_block.linear", "pooled_over_batch", block(over_batch)),
    ("se_block.linear", "detached", block(detached)),
    ("se_block.linear", "in_place", block(in_place)),
    ("se_block.linear", "summed", block(summed)),
    ("se_block.linear", "bias", block(right, bias=True)),
    # The same mistakes with Linear layers, where the course's wrong answers have convolutions.
    ("se_block.conv", "softmax", block(softmax, bias=True)),
    ("se_block.conv", "no_relu", block(no_relu, bias=True)),
    ("se_block.conv", "max_pooled", block(maximum, bias=True)),
    ("se_block.conv", "residual", block(residual, bias=True)),
    ("se_block.conv", "pool_forgotten", block(per_pixel, bias=True)),
    ("se_block.conv", "no_bias", block(right)),
    ("se_by_hand.gates", "tanh", tanh_gates),
    ("se_by_hand.gates", "softmax", softmax_gates),
    ("se_block.count", "true_division", lambda channels, reduction=16, bias=False: 2 * channels**2 / reduction),
    ("se_block.count", "one_layer", lambda channels, reduction=16, bias=False:
        max(1, channels // reduction) * (channels + bias) + bias * channels),
    ("se_block.softmax_bug", "tanh_shifted", lambda u: torch.sigmoid(2 * u)),
    ("se_block.softmax_bug", "clipped", lambda u: torch.minimum(torch.relu(u), torch.ones_like(u))),
    ("se_block.small_channels", "always_one", lambda channels, reduction, min_hidden=0: _one(channels, reduction)),
    ("se_by_hand.hidden", "gate", 0.62246),
    ("se_by_hand.hidden", "averaged", 0.167),
    ("se_by_hand.dead_hidden", "sum_negative", [2.0, -7.0, -0.1]),
    ("se_by_hand.dead_hidden", "no_negative", torch.tensor([3.0, 2.0, 0.0])),
    ("se_by_hand.choose_w2", "h_forgotten", [2.3, -2.9, 0.1]),
    ("se_by_hand.choose_w2", "gates_given", [0.91, 0.09, 0.47]),
    ("se_block.mean_gate", "reduced", 0.0625),
    # divided in float32, where the course's wrong answers divide Python's floats
    ("stability.measure", "to_the_previous", lambda blocks, x: rms_ratios(blocks, x, lambda last, first: last)),
    ("stability.measure", "input_too", lambda blocks, x: [1.0, *rms_ratios(blocks, x, lambda last, first: first)]),
    ("stability.half_power", "variance_taken", 0.0),
    ("stability.silent", "weights_ignored", lambda block, x, weights: silent_in_the_mean(block, x)),
]  # fmt: skip


def _one(channels, reduction):
    if channels < 1 or reduction < 1:
        raise ValueError("at least 1")
    return max(1, channels // reduction)


@pytest.mark.parametrize(
    ("exercise_id", "key", "answer"), SPELLINGS, ids=[f"{i}:{key}" for i, key, _ in SPELLINGS]
)
def test_a_known_mistake_in_other_words_is_named(exercise_id, key, answer):
    result = examine(load(exercise_id), answer)
    assert result.key == f"{exercise_id}.wrong.{key}", result.text("en")


UNFORESEEN = [
    ("se_block.linear", block(lambda x, a, b: x * four(torch.sigmoid(b(F.gelu(a(x.mean((2, 3))))))))),
    ("se_block.linear", block(lambda x, a, b: x * four(torch.sigmoid(b(F.relu(a(x.std((2, 3)))))))) ),
    ("se_by_hand.gates", lambda z, W1, W2: 1 / (1 + 2.0 ** (-W2 @ np.maximum(W1 @ z, 0)))),
    ("se_block.count", lambda channels, reduction=16, bias=False: 7),
    ("se_by_hand.hidden", 123.4),
    ("se_block.mean_gate", -1.0),
]  # fmt: skip


@pytest.mark.parametrize(("exercise_id", "answer"), UNFORESEEN)
def test_an_unforeseen_mistake_gets_the_probes_own_words(exercise_id, answer):
    result = examine(load(exercise_id), answer)
    assert result.outcome == "wrong"
    assert result.key.startswith("engine."), result.text("en")


def test_known_answers_are_looked_at_once_for_an_exercise_and_anew_for_another_list_of_them():
    looked = []

    class Counting(Number):
        def observe(self, bench):
            looked.append(bench.subject)
            return super().observe(bench)

    exercise = Exercise("se_by_hand.hidden", "number", lambda: 0.5, (Counting(1e-6, 1e-3),))
    exercise.wrong_values(hidden_sum=0.7, relu_forgotten=-0.5)
    for answer in (0.1, 0.2, 0.7):
        result = examine(exercise, answer)
    assert result.key == "se_by_hand.hidden.wrong.hidden_sum"
    assert looked.count(-0.5) == 1
    assert looked.count(0.2) == 1
    exercise.wrong_values(other=0.2)
    assert examine(exercise, 0.2).key == "se_by_hand.hidden.wrong.other"
