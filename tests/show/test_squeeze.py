"""The figures of lesson 01: what a channel is, and what its mean keeps."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.course.language import LANGUAGES
from seattn_course.lab.photo import CHANNELS, FilterBank
from seattn_course.show import Show
from seattn_course.show.squeeze import BLOCKS, shuffle_blocks


def pictures(language: str) -> dict:
    show, bank = Show(language), FilterBank()
    image = torch.rand(1, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    z = torch.linspace(0.1, 0.8, len(CHANNELS))
    return {
        "channel_maps": show.channel_maps(image, bank(image)),
        "same_squeeze": show.same_squeeze((image, image.flip(3)), (z, z)),
        "shuffled_map": show.shuffled_map(bank, "palace", 1, 8),
        "mean_and_max": show.mean_and_max((4, 8), (0.0039, 0.0156), (1.0, 1.0)),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_draws(language):
    for name, picture in pictures(language).items():
        image = Image.open(io.BytesIO(picture.png))
        assert image.width <= 1000, name
        assert len(picture.png) < 150_000, name
        assert np.asarray(image.convert("L")).std() > 5, name
        assert len(picture.alt) > 60, name


def test_descriptions_hold_the_numbers_drawn():
    drawn = pictures("en")
    assert "0.004, 1.000" in drawn["mean_and_max"].alt
    assert drawn["same_squeeze"].alt.count("0.800") == 2


@pytest.mark.parametrize("block", BLOCKS)
def test_shuffling_keeps_every_value(block):
    channel = np.arange(64 * 96, dtype=float).reshape(64, 96)
    shuffled = shuffle_blocks(channel, block)
    assert sorted(shuffled.ravel()) == sorted(channel.ravel())
    assert np.array_equal(shuffled, channel) == (block == 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_the_explorer(language):
    explorer = Show(language).squeeze_explorer(FilterBank())
    seen = set()
    for channel in (0, len(CHANNELS) - 1):
        explorer.controls["channel"].value = channel
        for block in BLOCKS:
            explorer.controls["block"].value = block
            seen.add(explorer.image.value)
    explorer.controls["name"].value = "flower"
    seen.add(explorer.image.value)
    assert len(seen) == 2 * len(BLOCKS) + 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda show: show.channel_maps(torch.ones(3, 8, 8), torch.ones(1, 8, 8, 8)), ["image", "(3, 8, 8)"]),
        (lambda show: show.same_squeeze((), ()), ["images", "squeezes", "(8,)"]),
        (lambda show: show.shuffled_map(FilterBank(), "palace", 8, 1), ["channel", "0 to 7", "8"]),
        (lambda show: show.shuffled_map(FilterBank(), "palace", 0, 5), ["block", "0, 32, 8, 1", "5"]),
        (lambda show: show.mean_and_max((1, 2), (1.0,), (1.0, 2.0)), ["means", "2, 1 and 2"]),
    ],
)
def test_wrong_arguments_are_named(call, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        call(Show("en"))
    assert all(word in str(caught.value) for word in words), str(caught.value)
