"""se_plus_plus.skip_pool: find the bug: a squeeze that is switched off must not be computed."""

from typing import Any

import torch
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Refusals, Values


def squeeze(x, use_avg=True, use_max=True):
    if not (use_avg or use_max):
        raise ValueError(f"use_avg or use_max must be True, got {use_avg} and {use_max}")
    if not use_max:
        return x.mean(dim=(2, 3), keepdim=True)  # (N, C, H, W) -> (N, C, 1, 1)
    if not use_avg:
        return x.amax(dim=(2, 3), keepdim=True)
    return x.mean(dim=(2, 3), keepdim=True) + x.amax(dim=(2, 3), keepdim=True)


def _map(generator, *shape):
    return torch.randn(shape, generator=generator) - 0.5


def _cases(generator):
    masked = _map(generator, 2, 3, 4, 5)
    masked[:, 1, 0] = -torch.inf  # places that a mask has taken out
    return [
        Case((_map(generator, 2, 3, 4, 5),)),
        Case((_map(generator, 2, 3, 4, 5), True, False)),
        Case((_map(generator, 2, 3, 4, 5), False, True)),
        Case((_map(generator, 1, 3, 4, 4),), {"use_max": False}, note="one_image"),
        Case((-1 - _map(generator, 2, 3, 4, 5).abs(),), {"use_avg": False}),
        Case((masked,), {"use_avg": False}),
    ]


def _one(generator):
    return [Case((_map(generator, 2, 3, 4, 5),), {"use_max": False})]


def _each(generator):
    x = _map(generator, 2, 3, 4, 5)
    return [Case((x,)), Case((x,), {"use_max": False}), Case((x,), {"use_avg": False})]


def _none(generator):
    return [Case((_map(generator, 2, 3, 4, 5), False, False))]


def _shared(view, tensor):
    return view.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr()


class _Readings(TorchDispatchMode):
    """Counts the operations that read a whole map and return something smaller; views read nothing."""

    def __init__(self, size: int):
        super().__init__()
        self.size = size
        self.count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        outputs = [out for out in (result if isinstance(result, (tuple, list)) else [result])
                   if isinstance(out, torch.Tensor)]  # fmt: skip
        whole = args and isinstance(args[0], torch.Tensor) and args[0].numel() == self.size
        if whole and outputs and all(out.numel() < self.size and not _shared(out, args[0]) for out in outputs):
            self.count += 1
        return result


class OnlyWhatIsAsked(CaseProbe):
    """How often the map is read: once for each squeeze that is switched on."""

    def __init__(self, cases):
        super().__init__("readings", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = fresh_arguments(case)

        def counted(x, *rest, **kwargs):
            with _Readings(x.numel()) as mode:
                bench.subject(x, *rest, **kwargs)
            return mode.count

        return bench.call(case, counted, args)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        # Fewer is no fault: a loop over channels reads parts of the map.
        return own_finding("readings", bench, case, expected=expected, found=found) if found > expected else None


EXERCISE = Exercise(
    id="se_plus_plus.skip_pool",
    kind="function",
    name="squeeze",
    reference=squeeze,
    probes=(
        Contract(_one),
        Values(_cases),
        OnlyWhatIsAsked(_each),
        Refusals(_none),
        InputLeftAlone(_each),
        Gradients(_each),
    ),
)


def _mean(x):
    return x.mean((2, 3), keepdim=True)


def _max(x):
    return x.amax((2, 3), keepdim=True)


def _refuse(use_avg, use_max):
    if not (use_avg or use_max):
        raise ValueError("no squeeze")


@EXERCISE.wrong("times_zero")
def _times_zero(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    return use_avg * _mean(x) + use_max * _max(x)


@EXERCISE.wrong("still_the_bug")
def _still_the_bug(x, use_avg=True, use_max=True):
    return use_avg * _mean(x) + use_max * _max(x)


@EXERCISE.wrong("computed_and_ignored")
def _computed_and_ignored(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    avg, largest = _mean(x), _max(x)
    return avg + largest if use_avg and use_max else avg if use_avg else largest


@EXERCISE.wrong("mean_always")
def _mean_always(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    return _mean(x) + _max(x) if use_max else _mean(x)


@EXERCISE.wrong("first_one_wins")
def _first_one_wins(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    return _mean(x) if use_avg else _max(x)


@EXERCISE.wrong("swapped")
def _swapped(x, use_avg=True, use_max=True):
    return squeeze(x, use_max, use_avg)


@EXERCISE.wrong("averaged")
def _averaged(x, use_avg=True, use_max=True):
    z = squeeze(x, use_avg, use_max)
    return z / 2 if use_avg and use_max else z


@EXERCISE.wrong("axes_lost")
def _axes_lost(x, use_avg=True, use_max=True):
    return squeeze(x, use_avg, use_max).flatten(1)


@EXERCISE.wrong("over_the_batch")
def _over_the_batch(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    parts = [x.mean((0, 2, 3), keepdim=True)] * use_avg + [x.amax((0, 2, 3), keepdim=True)] * use_max
    return sum(parts).expand(x.shape[0], -1, 1, 1).clone()


@EXERCISE.wrong("from_zero")
def _from_zero(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    z = torch.zeros(*x.shape[:2], 1, 1, dtype=x.dtype)
    if use_max:
        z = torch.maximum(z, _max(x))
    return z + _mean(x) if use_avg else z


@EXERCISE.wrong("nothing_refused")
def _nothing_refused(x, use_avg=True, use_max=True):
    if not use_max:
        return _mean(x)
    return _mean(x) + _max(x) if use_avg else _max(x)


@EXERCISE.wrong("zeros_for_none")
def _zeros_for_none(x, use_avg=True, use_max=True):
    if not (use_avg or use_max):
        return torch.zeros(*x.shape[:2], 1, 1)
    return squeeze(x, use_avg, use_max)


@EXERCISE.wrong("asserted")
def _asserted(x, use_avg=True, use_max=True):
    assert use_avg or use_max
    return squeeze(x, use_avg, use_max)


@EXERCISE.wrong("both_returned")
def _both_returned(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    return (_mean(x) if use_avg else None, _max(x) if use_max else None)


@EXERCISE.wrong("in_place")
def _in_place(x, use_avg=True, use_max=True):
    _refuse(use_avg, use_max)
    z = _max(x) if use_max else 0
    return z + x.div_(x[0, 0].numel()).sum((2, 3), keepdim=True) if use_avg else z


@EXERCISE.wrong("detached")
def _detached(x, use_avg=True, use_max=True):
    return squeeze(x.detach(), use_avg, use_max)


@EXERCISE.accepted
def with_a_list(x, use_avg=True, use_max=True):
    parts = []
    if use_avg:
        parts.append(F.adaptive_avg_pool2d(x, 1))
    if use_max:
        parts.append(F.adaptive_max_pool2d(x, 1))
    if not parts:
        raise ValueError(f"got {use_avg=} and {use_max=}")
    return sum(parts)


@EXERCISE.accepted
def by_flattening(x, use_avg=True, use_max=True):
    n, c = x.shape[:2]
    flat = x.reshape(n, c, -1)
    match use_avg, use_max:
        case True, True:
            z = flat.max(dim=2).values + flat.sum(2) / flat.shape[2]
        case True, False:
            z = flat.mean(2)
        case False, True:
            z, _ = flat.max(dim=-1)
        case _:
            raise ValueError("one of the two, please")
    return z.reshape(n, c, 1, 1)


@EXERCISE.accepted
def channel_by_channel(x, use_avg=True, use_max=True):
    if (use_avg, use_max) == (False, False):
        raise ValueError((use_avg, use_max))
    rows = []
    for image in x:
        row = [sum(([m.mean()] if use_avg else []) + ([m.max()] if use_max else [])) for m in image]
        rows.append(torch.stack(row))
    return torch.stack(rows)[:, :, None, None]


@EXERCISE.accepted
def axis_by_axis(x, use_avg=True, use_max=True):
    if not use_avg and not use_max:
        raise ValueError("nothing to compute")
    z = 0
    if use_avg:
        z = z + x.mean(3, keepdim=True).mean(2, keepdim=True)
    if use_max:
        z = z + x.amax(3, keepdim=True).amax(2, keepdim=True)
    return z
