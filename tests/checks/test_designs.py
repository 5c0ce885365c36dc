"""Designs of the capstone that are no known mistake: honest ones pass, the others are told what is wrong."""

import pytest
import torch
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.checks.engine import examine
from seattn_course.checks.exercise import load
from seattn_course.checks.inventions import Squeezed, Unasked
from seattn_course.course.language import LANGUAGES

CLAIMS = {"same_everywhere": True, "ignores_order": True, "ignores_scale": False}
EXERCISE = "capstone.invent_and_refute"


class WithoutGradient(Squeezed):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


class ForEight(Squeezed):
    def __init__(self, channels):
        super().__init__(8)


class Competing(Squeezed):
    def gate(self, x):
        return super().gate(x).softmax(1)


class Dropped(Squeezed):
    """Noise while training, and none in inference."""

    def gate(self, x):
        return nn.functional.dropout(super().gate(x), 0.5, self.training)


class Normed(Squeezed):
    """Batch norm in the gate: in inference each image is on its own."""

    def __init__(self, channels):
        super().__init__(channels)
        self.norm = nn.BatchNorm1d(3)

    def gate(self, x):
        hidden = torch.relu(self.norm(self.down(self.squeeze(x))))
        return torch.sigmoid(self.up(hidden))[:, :, None, None]


class NormedUnasked(Normed):
    def __init__(self, channels):
        super().__init__(channels)
        self.z = nn.Parameter(torch.ones(1, channels))
        self.squeeze = lambda x: self.z


@pytest.mark.parametrize(
    ("attention", "control"), [(Competing, Unasked), (Dropped, Unasked), (Normed, NormedUnasked)]
)
def test_an_honest_design_passes(attention, control):
    assert examine(load(EXERCISE), lambda channels: (attention(channels), control(channels), CLAIMS)).passed


@pytest.mark.parametrize(
    ("attention", "key"),
    [
        (WithoutGradient, f"{EXERCISE}.says.attention_cut"),
        (ForEight, "engine.raised.exception"),
        (SEBlock, "engine.contract.course"),
    ],
)
def test_what_is_wrong_is_said(attention, key):
    result = examine(load(EXERCISE), lambda channels: (attention(channels), Unasked(channels), CLAIMS))
    assert result.key == key
    assert len({result.text(language) for language in LANGUAGES}) == len(LANGUAGES)


def test_each_sentence_of_a_design_is_there_for_both_modules():
    from seattn_course.checks.outcome import messages

    for language in LANGUAGES:
        catalogue = messages(language)
        for word in ("shape", "double", "device", "in_place", "not_finite", "random", "added", "range", "samples",
                     "frozen", "idle", "cut"):  # fmt: skip
            for part in ("attention", "control"):
                assert catalogue.text(f"{EXERCISE}.says.{part}_{word}", call="", first="", second="")
