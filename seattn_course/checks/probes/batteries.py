"""Batteries of inputs for modules that turn a feature map (N, C, H, W) into one of the same shape.

Each case is there because a mistake survives all the others: see its note in the catalogue.
"""

from collections.abc import Sequence

import torch

from seattn_course.checks.exercise import Case


def feature_map(generator: torch.Generator, *shape: int) -> torch.Tensor:
    """Random values whose mean differs between channels and images, so that the squeeze carries something."""
    noise = torch.randn(shape, generator=generator)
    return noise + 1.5 * torch.randn(*shape[:2], 1, 1, generator=generator)


def small(generator: torch.Generator) -> Sequence[Case]:
    """One case for probes that need no more: two images, more channels than the reduction, H != W."""
    return [Case((feature_map(generator, 2, 6, 3, 5),), config=(6, 2), note="not_square")]


def many_images(generator: torch.Generator) -> Sequence[Case]:
    """For gradients: among so many images every hidden unit is on for some, so that no gradient is 0 by chance."""
    return [Case((feature_map(generator, 16, 6, 2, 3),), config=(6, 2))]


def constructors(generator: torch.Generator) -> Sequence[Case]:
    """The sizes that tell ways of computing the hidden width apart: 6//2, 11//4, fewer channels, the default.

    240 channels give another width for each of the defaults 15, 16 and 17.
    """
    return [
        Case((feature_map(generator, 2, 6, 3, 5),), config=(6, 2)),
        Case((feature_map(generator, 2, 11, 3, 5),), config=(11, 4), note="not_divisible"),
        Case(
            (feature_map(generator, 2, 3, 3, 5),),
            config=(3,),
            config_kwargs={"reduction": 4},
            note="few_channels",
        ),
        Case((feature_map(generator, 2, 240, 3, 5),), config=(240,), note="default"),
    ]


def shapes(generator: torch.Generator) -> Sequence[Case]:
    """The shapes that tell ways of squeezing and scaling apart."""
    swapped = feature_map(generator, 2, 6, 5, 3).transpose(2, 3)
    return [
        Case((feature_map(generator, 2, 6, 3, 5),), config=(6, 2), note="not_square"),
        Case((feature_map(generator, 3, 6, 3, 6),), config=(6, 2), note="trap"),
        Case((feature_map(generator, 1, 6, 4, 3),), config=(6, 2), note="one_image"),
        Case((feature_map(generator, 2, 11, 1, 1),), config=(11, 4), note="one_pixel"),
        Case((swapped,), config=(6, 2), note="not_contiguous"),
    ]
