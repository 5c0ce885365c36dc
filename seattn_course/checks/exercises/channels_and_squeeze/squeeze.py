"""channels_and_squeeze.squeeze: global average pooling, (N, C, H, W) -> (N, C)."""

import torch
from torch.nn import functional as F

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def squeeze(x):
    return x.mean(dim=(2, 3))


def _cases(generator):
    def maps(*shape, **kwargs):
        return torch.randn(*shape, generator=generator, **kwargs)

    return [
        Case((maps(2, 3, 5, 7),), note="not_square"),
        Case((maps(1, 4, 3, 3),), note="one_image"),
        Case((maps(3, 2, 1, 1),)),
        Case((maps(2, 3, 4, 6).transpose(2, 3),)),
        Case((maps(2, 2, 3, 4, dtype=torch.float64),), note="double"),
    ]


def _one(generator):
    return [Case((torch.randn(2, 3, 4, 5, generator=generator),))]


EXERCISE = Exercise(
    id="channels_and_squeeze.squeeze",
    kind="function",
    name="squeeze",
    reference=squeeze,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one), Gradients(_one)),
)


@EXERCISE.wrong("over_batch")
def _over_batch(x):
    return x.mean(dim=(0, 2, 3)).expand(x.shape[0], -1)


@EXERCISE.wrong("batch_gone")
def _batch_gone(x):
    return x.mean(dim=(0, 2, 3))


@EXERCISE.wrong("over_channels")
def _over_channels(x):
    return x.mean(dim=1)


@EXERCISE.wrong("counted_without_batch")
def _counted_without_batch(x):
    return x.mean(dim=(1, 2))


@EXERCISE.wrong("over_everything")
def _over_everything(x):
    return x.mean()


@EXERCISE.wrong("one_axis")
def _one_axis(x):
    return x.mean(dim=3)


@EXERCISE.wrong("axes_kept")
def _axes_kept(x):
    return x.mean(dim=(2, 3), keepdim=True)


@EXERCISE.wrong("squeezed_away")
def _squeezed_away(x):
    return F.adaptive_avg_pool2d(x, 1).squeeze()


@EXERCISE.wrong("square_only")
def _square_only(x):
    return F.avg_pool2d(x, x.shape[3]).flatten(1)


@EXERCISE.wrong("sum")
def _sum(x):
    return x.sum(dim=(2, 3))


@EXERCISE.wrong("maximum")
def _maximum(x):
    return x.amax(dim=(2, 3))


@EXERCISE.wrong("divided_by_side")
def _divided_by_side(x):
    return x.sum(dim=(2, 3)) / x.shape[2] ** 2


@EXERCISE.wrong("absolute")
def _absolute(x):
    return x.abs().mean(dim=(2, 3))


@EXERCISE.wrong("median")
def _median(x):
    return x.flatten(2).median(dim=2).values


@EXERCISE.wrong("viewed")
def _viewed(x):
    return x.view(x.shape[0], x.shape[1], -1).mean(dim=2)


@EXERCISE.wrong("detached")
def _detached(x):
    return x.detach().mean(dim=(2, 3))


@EXERCISE.wrong("in_place")
def _in_place(x):
    with torch.no_grad():
        x -= 0.5
    return x.mean(dim=(2, 3)) + 0.5


@EXERCISE.accepted
def by_pooling(x):
    return F.adaptive_avg_pool2d(x, 1).flatten(1)


@EXERCISE.accepted
def by_einsum(x):
    return torch.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3])


@EXERCISE.accepted
def in_two_steps(x):
    return x.mean(-1).mean(-1)
