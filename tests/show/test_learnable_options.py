"""Figures of lesson 07: every one in both languages, every control, and the numbers in the descriptions."""

import io

import numpy as np
import pytest
from PIL import Image

from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

RANDOM = np.random.default_rng(0)
MARKED = np.arange(60) % 3 == 0
AVG = RANDOM.normal(0.0, 0.1, 60) + 0.3 * MARKED
MAXIMUM = RANDOM.normal(1.0, 0.3, 60) + MARKED
PATHS = np.linspace([0.5, 0.5], [0.9, 0.8], 20).T  # (seeds, steps)
LOGITS = np.linspace(-4.0, 4.0, 81)

PICTURES = {
    "option_paths": [{"a": PATHS, "b": 1 - PATHS}, "w", (0.7, "seven tenths")],
    "fusion_at": [AVG, MAXIMUM, MARKED, PATHS, 0.25],
    "checklist_dots": [{"base": [0.9, 1.0], "other": [0.75, 0.5]}, True],
    "gate_histogram": [{"T = 1": [0.01, 0.5, 0.5, 0.99], "T = 2": [0.2, 0.5, 0.5, 0.8]}],
    "temperature_at": [LOGITS, 2.0],
    "temperature_error": [[1e-3, 1.0, 100.0], {"naive": [1.02e-3, 1.0, np.inf], "stable": [1e-3, 1.0, 100.0]}],
    "residual_at": [1.0, 16],
}
NUMBERS = {
    "option_paths": ["0.50", "0.80, 0.90", "0.700"],
    "fusion_at": ["0.25", "0.80 … 0.90"],
    "checklist_dots": ["0.950", "0.625", "0.50 … 0.75"],
    "gate_histogram": ["0.05", "50", "0.130", "0.205"],
    "temperature_at": ["2.00", "0.731"],
    "temperature_error": ["2", "100"],
    "residual_at": ["1.00", "2.00", "1.50", "657", "1.5e-05"],
}


def explorers(show: Show) -> dict:
    return {
        "fusion_explorer": show.fusion_explorer(
            {"one": (AVG, MAXIMUM, MARKED), "two": (MAXIMUM, AVG, MARKED)}, {"one": PATHS, "two": 1 - PATHS}
        ),
        "temperature_explorer": show.temperature_explorer(LOGITS),
        "residual_explorer": show.residual_explorer(),
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
@pytest.mark.parametrize("name", ["fusion_explorer", "temperature_explorer", "residual_explorer"])
def test_every_control_changes_the_picture(name, language):
    explorer = explorers(Show(language))[name]
    for control in explorer.controls.values():
        first = control.value
        if hasattr(control, "options"):
            settings = list(control.options)
        elif hasattr(control, "base"):
            settings = [control.base**control.min, 1.0, control.base**control.max]
        else:
            settings = [control.min, control.min + 5 * control.step, control.max]
        images = set()
        for setting in settings:
            control.value = setting
            images.add(explorer.image.value)
            assert explorer.draw(**explorer.values()).quick_png == explorer.image.value
        assert len(images) == len(settings), f"a setting of {control.description} that changes nothing"
        control.value = first


def test_separation_is_that_of_signal_detection():
    z = np.array([0.0, 2.0, 10.0, 12.0])  # two groups, 10 apart, standard deviation 1
    alt = Show("en").fusion_at(z, z, [False, False, True, True], PATHS, 0.5).alt
    assert "10.0 standard deviations" in alt


@pytest.mark.parametrize("reference", [True, False])
def test_only_a_first_row_to_compare_with_is_drawn_apart(reference):
    drawn = Show("en").checklist_dots({"a": [0.5, 0.6], "b": [0.5, 0.6]}, reference).png
    pixels = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB")).astype(int)
    blue = (pixels[..., 2] - pixels[..., 0] > 60).sum(axis=1)
    upper, lower = blue[: len(blue) // 3].sum(), blue[len(blue) // 3 :].sum()
    assert lower
    assert bool(upper) is not reference


def test_single_lines_are_not_called_seeds():
    assert "per start" in Show("en").option_paths({"a": PATHS[:1], "b": PATHS[1:]}, "T").alt
    assert "per seed" in Show("en").option_paths({"a": PATHS}, "T").alt


def test_half_a_step_of_alpha_takes_the_signal_away():
    assert "× 1e-" not in Show("en").residual_at(0.0).alt
    assert "multiply a signal by 1;" in Show("en").residual_at(0.0).alt
    assert "multiply a signal by 1.53e-05" in Show("en").residual_at(-1.0).alt


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("option_paths", [{"a": PATHS}, "beta"], ["option", "alpha", "'beta'"]),
        ("option_paths", [{"a": [0.5]}, "w"], ["paths['a']", "at least 2 steps", "(1, 1)"]),
        ("option_paths", [{str(i): PATHS for i in range(5)}, "w"], ["paths", "at most 4", "got 5"]),
        ("fusion_at", [AVG, MAXIMUM[:5], MARKED, PATHS, 0.5], ["maximum", "one shape", "(5,)"]),
        ("fusion_at", [AVG, MAXIMUM, MARKED, PATHS, 1.5], ["weight", "0 to 1", "1.5"]),
        ("fusion_explorer", [{"a": (AVG, AVG, MARKED)}, {"b": PATHS}], ["paths", "'a'", "'b'"]),
        ("checklist_dots", [{"a": [1.2]}], ["results['a']", "0 to 1", "1.2"]),
        ("gate_histogram", [{"a": [0.5, 1.5]}], ["gates['a']", "0 to 1", "1.5"]),
        ("gate_histogram", [{}], ["gates", "1 to 4", "got 0"]),
        ("temperature_at", [LOGITS, 0.0], ["T", "above 0", "0.0"]),
        ("temperature_error", [[1.0], {"a": [1.0, 2.0]}], ["recovered['a']", "(1,)", "(2,)"]),
        ("residual_at", [1.0, 0], ["depth", "at least 1", "got 0"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
