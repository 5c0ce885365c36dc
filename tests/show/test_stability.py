"""Figures of lesson 12: every one in both languages, every control, and the numbers in the descriptions."""

import io

import numpy as np
import pytest
from PIL import Image

from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

HALVED = 0.25 ** np.arange(6)
RUNS = np.stack([HALVED, 1.2 * HALVED, 0.8 * HALVED])  # (seeds, depth + 1)
LOSSES = np.linspace([2.3, 2.2], [0.5, 0.7], 12).T  # (seeds, steps)

PICTURES = {
    "measured_by_depth": [{"P1": RUNS, "P2": RUNS**2}, {"P1": HALVED}, "variance"],
    "stack_start_at": ["P2", "fresh", True],
    "losses_by_start": [{"usual": {"P1": LOSSES, "P2": LOSSES + 1}, "identity": {"P1": LOSSES / 2}}],
}
NUMBERS = {
    "measured_by_depth": ["0.25 (0.25)", "0.0039 (0.0039)", "0.064"],
    "stack_start_at": ["P2", "0.52 (0.52)", "8e-06"],
    "losses_by_start": ["P1 1.28", "P2 2.28", "P1 0.64"],
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


def test_a_floor_cuts_the_axis():
    pictures = [Show("en").measured_by_depth({"P2": RUNS}, {}, "memory", floor=floor) for floor in (None, 0.01)]
    assert pictures[0].png != pictures[1].png
    assert pictures[0].alt == pictures[1].alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_changes_the_picture(language):
    explorer = Show(language).stack_start_explorer()
    for control in explorer.controls.values():
        first, images = control.value, set()
        options = control.options.values() if isinstance(control.options, dict) else control.options
        settings = [option[1] if isinstance(option, tuple) else option for option in options]
        for setting in settings:
            control.value = setting
            images.add(explorer.image.value)
            assert explorer.draw(**explorer.values()).quick_png == explorer.image.value
        assert len(images) == len(settings), f"a setting of {control.description} that changes nothing"
        control.value = first


@pytest.mark.parametrize("pattern", ["P1", "P2", "P3", "P4"])
@pytest.mark.parametrize("start", ["fresh", "bias", "double", "alpha=1"])
def test_every_pattern_and_start_draws(pattern, start):
    zero_init = pattern in ("P2", "P4")
    alt = Show("en").stack_start_at(pattern, start, zero_init).alt
    assert f"16 blocks of {pattern}" in alt
    assert f"γ = {0 if zero_init else 1}" in alt


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("measured_by_depth", [{"a": RUNS}, {}, "size"], ["quantity", "variance", "'size'"]),
        ("measured_by_depth", [{}, {}, "rms"], ["measured", "1 to 4", "got 0"]),
        ("measured_by_depth", [{"a": [1.0]}, {}, "rms"], ["measured['a']", "at least one block", "(1, 1)"]),
        ("measured_by_depth", [{"a": RUNS}, {"a": [1.0]}, "rms"], ["laws['a']", "(6,)", "(1,)"]),
        ("stack_start_at", ["P1", "gamma", True], ["start", "double", "'gamma'"]),
        ("stack_start_at", ["P9", "fresh", True], ["pattern", "'P1'", "'P9'"]),
        ("losses_by_start", [{"a": {str(i): LOSSES for i in range(5)}}], ["curves['a']", "at most 4", "got 5"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
