"""se_plus_plus_v2.inverse_softplus: the inverse of softplus, without overflow and without lost digits."""

import math

import torch
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import AnyDevice, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.values import Values


def inverse_softplus(y):
    return y + torch.log(-torch.expm1(-y))


def _one(generator):
    return [Case((torch.tensor([0.5, 1.0, 2.0]),))]


def _cases(generator):
    return [
        Case((torch.tensor([0.5, 1.0, 2.0, 7.0]),)),
        Case((torch.tensor(2.0),)),
        Case((torch.tensor([88.0, 89.0, 100.0, 1000.0]),), note="large"),
        Case((torch.tensor([1e-2, 1e-4, 1e-6, 1e-8]),)),
        Case((torch.tensor([[0.1, 3.0, 800.0], [1e-9, 20.0, 21.0]], dtype=torch.float64),), note="double"),
    ]


EXERCISE = Exercise(
    id="se_plus_plus_v2.inverse_softplus",
    kind="function",
    name="inverse_softplus",
    reference=inverse_softplus,
    probes=(
        Contract(_one),
        Values(_cases),
        InputLeftAlone(_one),
        GlobalsLeftAlone(_one),
        AnyDevice(_one),
    ),
)


@EXERCISE.wrong("original")
def _original(y):
    return torch.log(torch.exp(y) - 1 + 1e-6)


@EXERCISE.wrong("without_eps")
def _without_eps(y):
    return torch.log(torch.exp(y) - 1)


@EXERCISE.wrong("large_overflows")
def _large_overflows(y):
    return torch.log(torch.expm1(y))


@EXERCISE.wrong("small_lost")
def _small_lost(y):
    return y + torch.log(1 - torch.exp(-y))


@EXERCISE.wrong("softplus_again")
def _softplus_again(y):
    return F.softplus(y)


@EXERCISE.wrong("double_then_back")
def _double_then_back(y):
    return torch.log(torch.exp(y.double()) - 1).to(y.dtype)


@EXERCISE.wrong("expm1_in_double")
def _expm1_in_double(y):
    return torch.log(torch.expm1(y.double())).to(y.dtype)


@EXERCISE.wrong("stays_double")
def _stays_double(y):
    y = y.double()
    return y + torch.log(-torch.expm1(-y))


@EXERCISE.wrong("clamped")
def _clamped(y):
    return torch.log(torch.expm1(y.clamp(max=80.0)))


@EXERCISE.wrong("large_only")
def _large_only(y):
    return torch.where(y > 20, y, torch.log(torch.exp(y) - 1))


@EXERCISE.wrong("only_log")
def _only_log(y):
    return torch.log(y)


@EXERCISE.wrong("sign")
def _sign(y):
    return y - torch.log(-torch.expm1(-y))


@EXERCISE.wrong("sign_inside")
def _sign_inside(y):
    return y + torch.log(torch.expm1(-y))


@EXERCISE.wrong("eps_kept")
def _eps_kept(y):
    return y + torch.log(-torch.expm1(-y) + 1e-6)


@EXERCISE.wrong("identity")
def _identity(y):
    return y.clone()


@EXERCISE.wrong("one_number_only")
def _one_number_only(y):
    return torch.tensor(y.item() + math.log(-math.expm1(-y.item())), dtype=y.dtype)


@EXERCISE.wrong("in_place")
def _in_place(y):
    return y.add_(torch.log(-torch.expm1(-y)))


@EXERCISE.wrong("default_changed")
def _default_changed(y):
    torch.set_default_dtype(torch.float64)
    return y + torch.log(-torch.expm1(-y))


@EXERCISE.wrong("made_on_the_cpu")
def _made_on_the_cpu(y):
    return y + torch.log(torch.zeros(y.shape, device="cpu") - torch.expm1(-y))


@EXERCISE.accepted
def with_a_threshold(y):
    return torch.where(y > 20, y, torch.log(torch.expm1(y.clamp(max=30.0))))


@EXERCISE.accepted
def in_two_branches(y):
    small = torch.log(torch.expm1(y.clamp(max=1.0)))
    large = y + torch.log1p(-torch.exp(-y.clamp(min=1.0)))
    return torch.where(y < 1, small, large)
