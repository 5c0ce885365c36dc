"""se_plus_plus.own_gate: a gate function of one's own, with the properties a gate should have."""

import math
from typing import Any

import torch
from torch.nn import functional as F

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Form

FAR, FAR_SLOPE = 8.0, 1e-3  # the sigmoid's slope there is 0.00034
WIDE = 0.95  # what a gate must reach at u = 100


def own_gate(u):
    return 0.5 + 0.5 * u / (2 + u.abs())


def _cases(generator):
    return [
        Case((torch.randn(2, 5, 1, 1, generator=generator),)),
        Case((torch.randn(1, 3, generator=generator),), note="one_image"),
        Case((torch.randn(4, 1, 1, 1, generator=generator, dtype=torch.float64),), note="double"),
    ]


def _one(generator):
    return [Case((torch.randn(2, 5, 1, 1, generator=generator),))]


class GateProperties(CaseProbe):
    """One word for each property that does not hold; any gate without such a word is right."""

    def __init__(self, cases):
        super().__init__("properties", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        return bench.guard.call(lambda: self.broken(bench.subject, bench.generator()))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return own_finding(found[0], bench, case) if found else None

    @staticmethod
    def broken(gate, generator) -> list[str]:
        u = torch.linspace(-30, 30, 601, dtype=torch.float64)
        s = gate(u).detach()
        huge = gate(torch.tensor([-1e20, 1e20])).detach()
        away = gate(torch.tensor([1e2, 1e3, 1e6, 1e12, 1e20], dtype=torch.float64)).detach()
        below = gate(torch.tensor([-1e2, -1e3, -1e6, -1e12, -1e20], dtype=torch.float64)).detach()
        alone = torch.randn(6, generator=generator, dtype=torch.float64)
        moved = alone.clone()
        moved[0] += 3.0
        near, slopes = torch.tensor([-0.01, 0.01, -FAR, FAR], dtype=torch.float64).requires_grad_(), None
        value = gate(near)
        if value.requires_grad:
            (slopes,) = torch.autograd.grad(value.sum(), near)
        holds = {
            "range": bool(((s >= 0) & (s <= 1)).all()),
            "elementwise": torch.allclose(gate(alone)[1:], gate(moved)[1:]),
            "half": abs(float(gate(torch.zeros(1, dtype=torch.float64))) - 0.5) < 1e-6,
            "falling": bool((s.diff() >= 0).all()),
            "increasing": bool((s.diff() > 0).all()),
            "symmetric": torch.allclose(s + s.flip(0), torch.ones_like(s), atol=1e-6),
            "gradient": slopes is not None,
            "steep": slopes is not None and bool((slopes[:2] < 0.26).all()),
            "flat": slopes is not None and bool((slopes[:2] > 0.24).all()),
            "far": slopes is not None and bool((slopes[2:] >= FAR_SLOPE).all()),
            "wide": float(gate(torch.full((1,), 100.0, dtype=torch.float64))) > WIDE,
            "huge": bool(torch.isfinite(huge).all()) and float(huge[0]) < 1 - WIDE and float(huge[1]) > WIDE,
            "outside": bool(((huge >= 0) & (huge <= 1)).all() and ((away <= 1) & (below >= 0)).all()),
            "turning": bool((away.diff() >= 0).all() and (below.diff() <= 0).all()),
        }
        return [name for name, kept in holds.items() if not kept]


EXERCISE = Exercise(
    id="se_plus_plus.own_gate",
    kind="function",
    name="own_gate",
    reference=own_gate,
    probes=(Contract(_one), Form(_cases), InputLeftAlone(_cases), GateProperties(_one)),
)


@EXERCISE.wrong("sigmoid")
def _sigmoid(u):
    return torch.sigmoid(u)


@EXERCISE.wrong("hard_sigmoid")
def _hard_sigmoid(u):
    return F.hardsigmoid(u)


@EXERCISE.wrong("flat_sigmoid")
def _flat_sigmoid(u):
    return torch.sigmoid(u / 4)


@EXERCISE.wrong("tanh")
def _tanh(u):
    return torch.tanh(u)


@EXERCISE.wrong("softsign")
def _softsign(u):
    return F.softsign(u)


@EXERCISE.wrong("softsign_too_steep")
def _softsign_too_steep(u):
    return 0.5 + 0.5 * u / (1 + u.abs())


@EXERCISE.wrong("abs_forgotten")
def _abs_forgotten(u):
    return 0.5 + 0.5 * u / (2 + u)


@EXERCISE.wrong("square_overflows")
def _square_overflows(u):
    return 0.5 + 0.25 * u / torch.sqrt(1 + u * u / 4)


@EXERCISE.wrong("leaky")
def _leaky(u):
    return torch.where(u.abs() < 2, 0.5 + u / 4, (u > 0).to(u) + 0.001 * (u - 2 * u.sign()))


@EXERCISE.wrong("leaves_far_out")
def _leaves_far_out(u):
    bend = u.abs() - 1.5
    return torch.where(bend < 0, 0.5 + 0.25 * u, 0.5 + u.sign() * (0.375 + 0.001 * bend))


@EXERCISE.wrong("falls_back_far_out")
def _falls_back_far_out(u):
    return torch.where(u.abs() < 200, own_gate(u), 0.5 + 0.47 * u.sign())


@EXERCISE.wrong("softmax")
def _softmax(u):
    return torch.softmax(u, dim=0)


@EXERCISE.wrong("constant")
def _constant(u):
    return 0 * u + 0.5


@EXERCISE.wrong("closing")
def _closing(u):
    return 0.5 - 0.5 * u / (2 + u.abs())


@EXERCISE.wrong("never_opens")
def _never_opens(u):
    return 0.5 + 0.25 * u / (1 + u.abs())


@EXERCISE.wrong("single_precision")
def _single_precision(u):
    return own_gate(u.float())


@EXERCISE.wrong("flattened")
def _flattened(u):
    return own_gate(u).flatten(1)


@EXERCISE.wrong("python_number")
def _python_number(u):
    return [0.5 + 0.5 * value / (2 + abs(value)) for value in u.flatten().tolist()]


@EXERCISE.wrong("detached")
def _detached(u):
    return own_gate(u.detach())


@EXERCISE.wrong("in_place")
def _in_place(u):
    return u.data.div_(2 + u.abs()).mul(0.5).add(0.5) + 0 * u


@EXERCISE.accepted
def arc_tangent(u):
    return 0.5 + torch.atan(math.pi * u / 4) / math.pi


@EXERCISE.accepted
def square_root(u):
    return 0.5 + 0.5 * (u / 2) / torch.hypot(torch.ones_like(u), u / 2)


@EXERCISE.accepted
def laplace(u):
    return torch.where(u > 0, 1 - 0.5 * torch.exp(-u / 2), 0.5 * torch.exp(u / 2))


@EXERCISE.accepted
def two_branches(u):
    positive = 1 - 1 / (2 + u.clamp(min=0))
    return torch.where(u >= 0, positive, 1 / (2 - u.clamp(max=0)))
