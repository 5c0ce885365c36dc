"""Figures of lesson 04: every one in both languages, the slider, and the numbers in the descriptions."""

import io

import numpy as np
import pytest
from PIL import Image

from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

WEIGHTS = [24_576, 131_072, 786_432, 1_572_864]
TOTALS = {4: 35_616_808, 16: 28_071_976, 32: 26_814_504, 64: 26_185_768}
ERRORS = {4: 22.25, 16: 22.28, 32: 22.72}
PLAIN, PLAIN_ERROR = 25_557_032, 23.30
REDUCTION = [TOTALS, PLAIN, ERRORS, PLAIN_ERROR]

PICTURES = {
    "cost_per_stage": [{"weights": WEIGHTS, "time": [4.0, 3.0, 2.0, 1.0]}],
    "reduction_at": [*REDUCTION, 16],
    "operations_and_time": [{"conv": (462_422_016, 0.01), "fc": (2048, 0.0001)}],
}
NUMBERS = {
    "cost_per_stage": ["1.0, 5.2, 31.3, 62.5", "40.0, 30.0, 20.0, 10.0"],
    "reduction_at": ["28071976", "25557032", "9.84", "22.28", "23.30"],
    "operations_and_time": ["462422016", "10,000", "46", "2048", "100", "0.02"],
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
def test_every_setting_of_the_slider_has_its_own_picture(language):
    show = Show(language)
    explorer = show.reduction_explorer(*REDUCTION)
    slider = explorer.controls["reduction"]
    assert slider.value == 16
    images = set()
    for reduction in TOTALS:
        slider.value = reduction
        images.add(explorer.image.value)
        picture = show.reduction_at(*REDUCTION, reduction)
        assert picture.quick_png == explorer.image.value
        assert picture.alt in explorer.text.value
        assert (f"{ERRORS[reduction]:.2f}" in picture.alt) if reduction in ERRORS else "22." not in picture.alt
    assert len(images) == len(TOTALS)


def test_slider_begins_at_the_first_r_when_16_is_missing():
    totals = {r: total for r, total in TOTALS.items() if r != 16}
    assert Show("en").reduction_explorer(totals, PLAIN, ERRORS, PLAIN_ERROR).controls["reduction"].value == 4


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("cost_per_stage", [{}], ["costs", "1 to 4", "got 0"]),
        ("cost_per_stage", [{"a": [1, 2], "b": [1]}], ["costs['b']", "2 amounts", "[1.0]"]),
        ("cost_per_stage", [{"a": [1, -1]}], ["costs['a']", "none negative", "-1.0"]),
        ("cost_per_stage", [{"a": [0, 0]}], ["costs['a']", "not all 0"]),
        ("reduction_at", [*REDUCTION, 8], ["reduction", "4, 16, 32, 64", "got 8"]),
        ("reduction_at", [{4: 10}, 20, {}, 23.3, 4], ["totals[4]", "plain=20", "got 10"]),
        ("operations_and_time", [{"conv": (0, 1.0)}], ["parts['conv']", "above 0", "0, 1.0"]),
        ("operations_and_time", [{"conv": (5, 0.0)}], ["parts['conv']", "above 0", "5, 0.0"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
