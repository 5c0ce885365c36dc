"""Figures of few seeds: both languages, numbers in the descriptions, widgets for every option."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from seattn_course.course.language import LANGUAGES
from seattn_course.lab.statistics import seeds_needed
from seattn_course.show import Show

DIFFERENCES = [3.0, 1.0, 4.0, 1.5, 9.0, -2.0, 6.0]
PICTURES = {
    "sign_flips_at": [DIFFERENCES, 5],
    "chance_at": [7, 0],
    "power_at": [1.0, 0.5, 7],
}
NUMBERS = {
    "sign_flips_at": ["32", "+3.7", "0.0625"],
    "chance_at": ["7", "10", "0.024", "0.165"],
    "power_at": ["1.0", "0.5", str(seeds_needed(1.0, 0.5)), str(seeds_needed(1.0, 0.5, alpha=0.05 / 7))],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", sorted(PICTURES))
def test_figure_of_few_seeds_draws_and_says_its_numbers(figure, language):
    picture = getattr(Show(language), figure)(*PICTURES[figure])
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000
    assert len(picture.png) < 100_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    missing = [number for number in NUMBERS[figure] if number not in picture.alt]
    assert not missing, (missing, picture.alt)


def test_winners_by_chance_are_those_whose_t_test_is_significant():
    noise = np.random.default_rng(3).normal(size=(20, 10))
    winners = int((stats.ttest_1samp(noise, 0, axis=1).pvalue < 0.05).sum())
    assert f"in blue: {winners}." in Show("en").chance_at(20, 3).alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_widgets_draw_for_every_end_of_their_sliders(language):
    show = Show(language)
    widgets = [show.sign_flips_explorer(DIFFERENCES), show.chance_explorer(), show.power_explorer(sd=0.5)]
    for widget in widgets:
        for control in widget.controls.values():
            for value in (control.min, control.max):
                control.value = value
                assert bytes(widget.image.value[:4]) == b"\x89PNG"
                assert widget.draw(**widget.values()).alt in widget.text.value


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("sign_flips_at", [DIFFERENCES, 8], ["count", "7", "8"]),
        ("sign_flips_at", [DIFFERENCES, 1], ["count", "1"]),
        ("chance_at", [21], ["comparisons", "20", "21"]),
        ("chance_at", [3, -1], ["draw", "-1"]),
        ("power_at", [1.0, 0.5, 0], ["comparisons", "0"]),
    ],
    ids=["many", "one", "comparisons", "draw", "none"],
)
def test_wrong_arguments_of_the_figures_of_few_seeds(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
