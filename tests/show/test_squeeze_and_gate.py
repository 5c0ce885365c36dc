"""Figures of lesson 05: every one in both languages, every setting of the dial, the numbers in descriptions."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

NOISE = np.abs(np.random.default_rng(0).normal(0.0, 0.5, (56, 56)))

PICTURES = {
    "curves_and_slopes": [{"ReLU": nn.ReLU(), "SiLU": nn.SiLU()}, "v"],
    "hidden_by_channels": [(3, 32, 64), {"plain": [0, 2, 4], "floor": [4, 4, 4]}, 16],
    "bright_pixel_at": [np.zeros((14, 14)), 9.8, 7],
}
NUMBERS = {
    "curves_and_slopes": ["v = -4, -1, 1, 4", "-0.269", "0.072", "3.928", "1.053"],
    "hidden_by_channels": ["3, 32, 64", "plain: 0, 2, 4", "floor: 4, 4, 4"],
    "bright_pixel_at": ["7×7", "9.8", "0.20", "9.80", "10.00", "0.07, 1.00, 1.00"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", sorted(PICTURES))
def test_figure_draws_and_says_its_numbers(figure, language):
    picture = getattr(Show(language), figure)(*PICTURES[figure])
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000
    assert len(picture.png) < 100_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    missing = [number for number in NUMBERS[figure] if number not in picture.alt]
    assert not missing, (missing, picture.alt)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_the_dial_changes_the_picture(language):
    explorer = Show(language).bright_pixel_explorer(NOISE)
    sides = [side for _, side in explorer.controls["side"].options]
    assert sides == [1, 2, 4, 7, 14, 28, 56]
    for control, settings in (
        (explorer.controls["brightness"], [0.0, 0.5, 6.0, 10.0]),
        (explorer.controls["side"], sides),
    ):
        first, images = control.value, set()
        for setting in settings:
            control.value = setting
            images.add(explorer.image.value)
            assert explorer.draw(**explorer.values()).quick_png == explorer.image.value
        assert len(images) == len(settings), f"a setting of {control.description} that changes nothing"
        control.value = first


def test_dial_offers_only_sizes_that_the_noise_has():
    explorer = Show("en").bright_pixel_explorer(NOISE[:20])
    assert [side for _, side in explorer.controls["side"].options] == [1, 2, 4, 7, 14]


def test_dial_leaves_the_noise_alone():
    noise = NOISE.copy()
    Show("en").bright_pixel_at(noise, 5.0, 14)
    np.testing.assert_array_equal(noise, NOISE)


def test_one_place_is_mean_and_maximum_at_once():
    assert "Mean 3.00, maximum 3.00, sum 6.00" in Show("en").bright_pixel_at(torch.rand(4, 4), 3.0, 1).alt


def test_slopes_are_those_of_autograd():
    alt = Show("en").curves_and_slopes({"square": lambda u: u**2}, "u").alt
    assert "values 16.000, 1.000, 1.000, 16.000, slopes -8.000, -2.000, 2.000, 8.000" in alt


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("curves_and_slopes", [{}, "v"], ["functions", "1 to 4", "got 0"]),
        ("curves_and_slopes", [{str(i): nn.ReLU() for i in range(5)}, "v"], ["functions", "1 to 4", "got 5"]),
        ("hidden_by_channels", [(8, 16), {"a": [1]}, 16], ["widths['a']", "2 values", "got 1"]),
        ("bright_pixel_at", [NOISE[0], 1.0, 4], ["noise", "(H, W)", "(56,)"]),
        ("bright_pixel_at", [-NOISE, 1.0, 4], ["noise", "negative", "(56, 56)"]),
        ("bright_pixel_at", [NOISE, 11.0, 4], ["brightness", "0 to 10", "11.0"]),
        ("bright_pixel_at", [NOISE, 1.0, 0], ["side", "1 to 56", "got 0"]),
        ("bright_pixel_at", [NOISE, 1.0, 57], ["side", "1 to 56", "got 57"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
