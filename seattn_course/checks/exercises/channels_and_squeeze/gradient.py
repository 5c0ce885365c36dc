"""channels_and_squeeze.gradient: how much each value of x moves one squeezed number."""

from typing import Any
from unittest.mock import patch

import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed, same
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def squeeze_gradient(x, n, c):
    gradient = torch.zeros_like(x)
    gradient[n, c] = 1 / (x.shape[2] * x.shape[3])
    return gradient


def _cases(generator):
    def maps(*shape, **kwargs):
        return torch.randn(*shape, generator=generator, **kwargs)

    return [
        Case((maps(3, 4, 2, 5), 1, 2), note="not_square"),
        Case((maps(3, 3, 4, 3), 2, 0)),
        Case((maps(1, 2, 3, 3), 0, 1), note="one_image"),
        Case((maps(2, 3, 2, 2, dtype=torch.float64), 0, 2), note="double"),
    ]


def _one(generator):
    return [Case((torch.randn(2, 3, 4, 5, generator=generator), 1, 2))]


class ByHand(CaseProbe):
    """Whether the answer still works where autograd records nothing and answers nobody."""

    def __init__(self, cases):
        super().__init__("by_hand", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        def refused(*args, **kwargs):
            raise RuntimeError("autograd")

        def without_autograd(*args, **kwargs):
            # torch.func has its own way around inference mode, and ends in torch.autograd.grad
            with torch.inference_mode(), patch.multiple(torch.autograd, grad=refused, backward=refused):
                return bench.subject(*args, **kwargs)

        with_it, without_it = observed(bench.call(case, bench.subject)), observed(bench.call(case, without_autograd))
        return "by hand" if same(with_it, without_it) else "autograd"

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return own_finding("autograd", bench, case) if found == "autograd" else None


EXERCISE = Exercise(
    id="channels_and_squeeze.gradient",
    kind="function",
    name="squeeze_gradient",
    reference=squeeze_gradient,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one), ByHand(_one)),
)


def _spread(x, value, where):
    gradient = torch.zeros_like(x)
    gradient[where] = value
    return gradient


@EXERCISE.wrong("everywhere")
def _everywhere(x, n, c):
    return torch.full_like(x, 1 / (x.shape[2] * x.shape[3]))


@EXERCISE.wrong("every_image")
def _every_image(x, n, c):
    return _spread(x, 1 / (x.shape[2] * x.shape[3]), (slice(None), c))


@EXERCISE.wrong("every_channel")
def _every_channel(x, n, c):
    return _spread(x, 1 / (x.shape[2] * x.shape[3]), (n,))


@EXERCISE.wrong("ones")
def _ones(x, n, c):
    return _spread(x, 1.0, (n, c))


@EXERCISE.wrong("values_kept")
def _values_kept(x, n, c):
    return _spread(x, x[n, c] / (x.shape[2] * x.shape[3]), (n, c))


@EXERCISE.wrong("over_all_values")
def _over_all_values(x, n, c):
    return _spread(x, 1 / x.numel(), (n, c))


@EXERCISE.wrong("one_axis")
def _one_axis(x, n, c):
    return _spread(x, 1 / x.shape[2], (n, c))


@EXERCISE.wrong("wrong_axes")
def _wrong_axes(x, n, c):
    return _spread(x, 1 / (x.shape[0] * x.shape[1]), (n, c))


@EXERCISE.wrong("indices_exchanged")
def _indices_exchanged(x, n, c):
    return _spread(x, 1 / (x.shape[2] * x.shape[3]), (c % x.shape[0], n % x.shape[1]))


@EXERCISE.wrong("map_only")
def _map_only(x, n, c):
    return torch.full_like(x[n, c], 1 / (x.shape[2] * x.shape[3]))


@EXERCISE.wrong("one_place")
def _one_place(x, n, c):
    return _spread(x, 1 / (x.shape[2] * x.shape[3]), (n, c, 0, 0))


@EXERCISE.wrong("default_dtype")
def _default_dtype(x, n, c):
    gradient = torch.zeros(x.shape)
    gradient[n, c] = 1 / (x.shape[2] * x.shape[3])
    return gradient


@EXERCISE.wrong("in_place")
def _in_place(x, n, c):
    x.zero_()
    x[n, c] = 1 / (x.shape[2] * x.shape[3])
    return x


@EXERCISE.wrong("the_number")
def _the_number(x, n, c):
    return 1 / (x.shape[2] * x.shape[3])


@EXERCISE.wrong("by_autograd")
def _by_autograd(x, n, c):
    x = x.clone().requires_grad_()
    x.mean(dim=(2, 3))[n, c].backward()
    return x.grad


@EXERCISE.accepted
def with_a_mask(x, n, c):
    N, C, H, W = x.shape
    its_own = (torch.arange(N) == n)[:, None] & (torch.arange(C) == c)
    return its_own[:, :, None, None].to(x) * torch.full_like(x, 1 / (H * W))


@EXERCISE.accepted
def by_numel(x, n, c):
    gradient = x * 0
    gradient[n, c] += 1 / x[n, c].numel()
    return gradient
