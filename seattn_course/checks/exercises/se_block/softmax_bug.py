"""se_block.softmax_bug: gates that do not compete."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def channel_gates(u):
    return torch.sigmoid(u)


def _cases(generator):
    return [
        Case((2 * torch.randn(3, 5, 1, 1, generator=generator),)),
        Case((torch.randn(1, 4, 1, 1, generator=generator),), note="one_image"),
        Case((torch.tensor([-120.0, -20, 0, 3, 120]).reshape(1, 5, 1, 1),), note="large"),
        Case((torch.randn(2, 3, 1, 1, generator=generator, dtype=torch.float64),), note="double"),
    ]


def _one(generator):
    return [Case((torch.randn(2, 6, 1, 1, generator=generator),))]


EXERCISE = Exercise(
    id="se_block.softmax_bug",
    kind="function",
    name="channel_gates",
    reference=channel_gates,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one), Gradients(_one)),
)


@EXERCISE.wrong("softmax")
def _softmax(u):
    return torch.softmax(u, dim=1)


@EXERCISE.wrong("softmax_over_batch")
def _softmax_over_batch(u):
    return torch.softmax(u, dim=0)


@EXERCISE.wrong("softmax_over_space")
def _softmax_over_space(u):
    return torch.softmax(u, dim=2)


@EXERCISE.wrong("softmax_times_channels")
def _softmax_times_channels(u):
    return u.shape[1] * torch.softmax(u, dim=1)


@EXERCISE.wrong("softmax_over_largest")
def _softmax_over_largest(u):
    s = torch.softmax(u, dim=1)
    return s / s.amax(1, keepdim=True)


@EXERCISE.wrong("sigmoid_of_softmax")
def _sigmoid_of_softmax(u):
    return torch.sigmoid(torch.softmax(u, dim=1))


@EXERCISE.wrong("log_sigmoid")
def _log_sigmoid(u):
    return F.logsigmoid(u)


@EXERCISE.wrong("relu")
def _relu(u):
    return torch.relu(u)


@EXERCISE.wrong("tanh")
def _tanh(u):
    return torch.tanh(u)


@EXERCISE.wrong("tanh_shifted")
def _tanh_shifted(u):
    return (torch.tanh(u) + 1) / 2


@EXERCISE.wrong("hard_sigmoid")
def _hard_sigmoid(u):
    return F.hardsigmoid(u)


@EXERCISE.wrong("clipped")
def _clipped(u):
    return u.clamp(0, 1)


@EXERCISE.wrong("inverted")
def _inverted(u):
    return torch.sigmoid(-u)


@EXERCISE.wrong("overflowing")
def _overflowing(u):
    return torch.exp(u) / (1 + torch.exp(u))


@EXERCISE.wrong("axes_lost")
def _axes_lost(u):
    return torch.sigmoid(u).flatten(1)


@EXERCISE.wrong("in_place")
def _in_place(u):
    return u.sigmoid_()


@EXERCISE.wrong("detached")
def _detached(u):
    return torch.sigmoid(u.detach())


# Handed over as it is: the class nn.Sigmoid, not yet a module.
EXERCISE.wrong("sigmoid_class")(nn.Sigmoid)


@EXERCISE.accepted
def by_formula(u):
    return 1 / (1 + torch.exp(-u))


@EXERCISE.accepted
def by_tanh(u):
    return 0.5 * (1 + torch.tanh(u / 2))


@EXERCISE.accepted
def softmax_against_zero(u):
    return torch.stack([u, torch.zeros_like(u)]).softmax(0)[0]


EXERCISE.accepted_values(module=nn.Sigmoid())
