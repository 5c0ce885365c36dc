"""channels_and_squeeze.same_squeeze: other maps with the same means."""

from typing import Any

import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Form


def another(x):
    return x.flatten(2).roll(1, dims=2).reshape(x.shape)


def _cases(generator):
    def maps(*shape, **kwargs):
        return torch.randn(*shape, generator=generator, **kwargs)

    return [
        Case((maps(2, 3, 4, 5),), note="not_square"),
        Case((maps(1, 2, 3, 3),), note="one_image"),
        Case((maps(2, 2, 1, 2),)),
        Case((maps(2, 2, 4, 1),)),
        Case((maps(2, 3, 2, 2, dtype=torch.float64),), note="double"),
    ]


def _one(generator):
    return [Case((torch.randn(2, 3, 4, 5, generator=generator),))]


class SameSqueeze(CaseProbe):
    """Every image keeps the mean of each channel, and every map really becomes another."""

    def __init__(self, cases):
        super().__init__("same_squeeze", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        return observed(bench.apply(case))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        x = case.args[0]
        if not torch.isfinite(found).all():
            return own_finding("finite", bench, case)
        if not torch.allclose(x.mean(dim=(2, 3)), found.mean(dim=(2, 3)), rtol=1e-4, atol=1e-4):
            return own_finding("means", bench, case)
        if ((found - x).abs().amax(dim=(2, 3)) < 1e-3).any():
            return own_finding("maps", bench, case)
        return None


EXERCISE = Exercise(
    id="channels_and_squeeze.same_squeeze",
    kind="function",
    name="another",
    reference=another,
    probes=(Contract(_one), Form(_cases), SameSqueeze(_cases), InputLeftAlone(_one)),
)


@EXERCISE.wrong("itself")
def _itself(x):
    return x


@EXERCISE.wrong("brighter")
def _brighter(x):
    return x + 1


@EXERCISE.wrong("doubled")
def _doubled(x):
    return 2 * x


@EXERCISE.wrong("noise_added")
def _noise_added(x):
    return x + torch.randn_like(x)


@EXERCISE.wrong("channels_exchanged")
def _channels_exchanged(x):
    return x.flip(1)


@EXERCISE.wrong("images_exchanged")
def _images_exchanged(x):
    return x.flip(0) if x.shape[0] > 1 else x + x.mean(dim=(2, 3), keepdim=True) - x.flip(3)


@EXERCISE.wrong("transposed")
def _transposed(x):
    return x.transpose(2, 3)


@EXERCISE.wrong("the_means")
def _the_means(x):
    return x.mean(dim=(2, 3))


@EXERCISE.wrong("only_width")
def _only_width(x):
    return x.flip(3)


@EXERCISE.wrong("only_height")
def _only_height(x):
    return x.flip(2)


@EXERCISE.wrong("one_pixel_changed")
def _one_pixel_changed(x):
    y = x.clone()
    y[:, :, 0, 0] += 1
    return y


@EXERCISE.wrong("first_channel_only")
def _first_channel_only(x):
    y = x.clone()
    y[:, 0] = y[:, 0].flatten(1).flip(1).reshape(y[:, 0].shape)
    return y


@EXERCISE.wrong("all_places_mixed")
def _all_places_mixed(x):
    return x.flatten().roll(1).reshape(x.shape)


@EXERCISE.wrong("in_place")
def _in_place(x):
    x.copy_(x.flatten(2).flip(2).reshape(x.shape))
    return x


@EXERCISE.wrong("as_numpy")
def _as_numpy(x):
    return x.numpy()[:, :, ::-1, ::-1]


@EXERCISE.accepted
def turned_round(x):
    return x.flip((2, 3))


@EXERCISE.accepted
def flat(x):
    return x.mean(dim=(2, 3), keepdim=True).expand_as(x)


@EXERCISE.accepted
def mirrored_about_the_mean(x):
    return 2 * x.mean(dim=(2, 3), keepdim=True) - x
