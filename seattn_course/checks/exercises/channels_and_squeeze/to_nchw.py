"""channels_and_squeeze.to_nchw: one image (H, W, C) as a batch of one, (1, C, H, W)."""

import torch

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def to_nchw(image):
    return image.permute(2, 0, 1)[None]


def _cases(generator):
    return [
        Case((torch.rand(4, 6, 3, generator=generator),), note="not_square"),
        Case((torch.rand(3, 3, 3, generator=generator),)),
        Case((torch.rand(5, 2, 8, generator=generator, dtype=torch.float64),), note="double"),
    ]


def _one(generator):
    return [Case((torch.rand(4, 6, 3, generator=generator),))]


EXERCISE = Exercise(
    id="channels_and_squeeze.to_nchw",
    kind="function",
    name="to_nchw",
    reference=to_nchw,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
)


@EXERCISE.wrong("reshaped")
def _reshaped(image):
    H, W, C = image.shape
    return image.reshape(1, C, H, W)


@EXERCISE.wrong("width_first")
def _width_first(image):
    return image.permute(2, 1, 0)[None]


@EXERCISE.wrong("no_batch")
def _no_batch(image):
    return image.permute(2, 0, 1)


@EXERCISE.wrong("channels_last")
def _channels_last(image):
    return image[None]


@EXERCISE.wrong("batch_last")
def _batch_last(image):
    return image.permute(2, 0, 1)[..., None]


@EXERCISE.wrong("batch_second")
def _batch_second(image):
    return image.permute(2, 0, 1)[:, None]


@EXERCISE.wrong("first_channel")
def _first_channel(image):
    return image.permute(2, 0, 1)[None, :1]


@EXERCISE.wrong("inverse")
def _inverse(image):
    return image.permute(1, 2, 0)[None]


@EXERCISE.wrong("colours_reversed")
def _colours_reversed(image):
    return image.permute(2, 0, 1).flip(0)[None]


@EXERCISE.wrong("upside_down")
def _upside_down(image):
    return image.permute(2, 0, 1).flip(1)[None]


@EXERCISE.wrong("mirrored")
def _mirrored(image):
    return image.permute(2, 0, 1).flip(2)[None]


@EXERCISE.wrong("scaled")
def _scaled(image):
    return image.permute(2, 0, 1)[None] / 255


@EXERCISE.wrong("in_place")
def _in_place(image):
    batch = image.permute(2, 0, 1)[None].clone()
    image.zero_()
    return batch


@EXERCISE.wrong("as_numpy")
def _as_numpy(image):
    return image.numpy().transpose(2, 0, 1)[None]


@EXERCISE.accepted
def by_movedim(image):
    return image.movedim(-1, 0).unsqueeze(0)


@EXERCISE.accepted
def by_einsum(image):
    return torch.einsum("hwc->chw", image).contiguous()[None]


@EXERCISE.accepted
def by_stacking(image):
    return torch.stack([image[..., c] for c in range(image.shape[-1])])[None]
