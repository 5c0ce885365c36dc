"""Figures of lesson 08: every one in both languages, every control, and the numbers in the descriptions."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.attention import ECA, CoordinateAttention, SEBlock, SpatialAttention, eca_kernel
from seattn_course.course.language import LANGUAGES
from seattn_course.lab.ablation import Results
from seattn_course.lab.configuration import Configuration, Outcome
from seattn_course.show import Show

SMALL = np.array([[[1.0, 1.0], [1.0, 5.0]], [[0.0, 0.0], [0.0, 4.0]]])  # (2, 2, 2)
GATES = {"channel": [[[0.25]], [[0.75]]], "place": [[[0.1, 0.1], [0.1, 0.9]]], "each": np.full((2, 2, 2), 0.5)}
CHANGES = {"channel": np.array([0.1, 0.0, 0.2]).reshape(3, 1, 1), "place": np.eye(4)[None]}
WIDTHS = [64, 127, 128, 129, 256]
UP, DOWN = [3, 3, 5, 5, 5], [3, 3, 3, 5, 5]
PICTURES = [np.random.default_rng(index).random((3, 8, 12)) for index in range(3)]
MASKS = {
    "channel": [np.full((4, 1, 1), 0.1 * (index + 1)) * np.arange(1, 5).reshape(4, 1, 1) for index in range(3)],
    "place": [np.linspace(0.1 * index, 1, 24).reshape(1, 4, 6) for index in range(3)],
}


def results(*accuracies: dict[str, list[float]]) -> Results:
    """Finished ablations with these shares of right answers, by model; one a dict."""
    made = []
    for by_model in accuracies:
        seeds = tuple(range(len(next(iter(by_model.values())))))
        models = {model: Configuration() for model in by_model}
        outcomes = {
            (model, seed): Outcome(accuracy=values[seed], loss=(), training_accuracy=(), seconds=0.0, parameters=1)
            for model, values in by_model.items()
            for seed in seeds
        }
        made.append(Results(models, seeds, outcomes))
    return made


CHANNELS, PLACES, OTHERS = results(
    {"SE": [0.9, 1.0], "spatial": [0.56, 0.6]},
    {"SE": [0.55, 0.57], "spatial": [1.0, 0.99]},
    {"ECA": [0.5, 0.5]},
)

ARGUMENTS = {
    "hand_gates": [SMALL, GATES],
    "reach": [CHANGES, (2, 1, 1)],
    "kernel_staircase": [WIDTHS, {"up": UP, "down": DOWN}],
    "masks_at": [PICTURES, MASKS, 1],
    "dissociation": [{"a": CHANNELS, "b": PLACES}, 56.25],
}
NUMBERS = {
    "hand_gates": ["0.25 (4); 0.75 (4)", "0.10 (3), 0.90 (1); 0.10 (3), 0.90 (1)", "0.50 (4)"],
    "reach": ["48", "32", "12", "16", "4"],
    "kernel_staircase": ["C ≥ 128", "C ≥ 129", "= 128"],
    "masks_at": ["0.50", "0.10", "1.00"],
    "dissociation": ["SE 95.0", "58.0", "SE 56.0", "99.5", "56.25"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", sorted(ARGUMENTS))
def test_figure_draws_and_says_its_numbers(figure, language):
    picture = getattr(Show(language), figure)(*ARGUMENTS[figure])
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000, "wider than a notebook's column"
    assert len(picture.png) < 150_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    missing = [number for number in NUMBERS[figure] if number not in picture.alt]
    assert not missing, (missing, picture.alt)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_and_every_channel_draws_another_mask(language):
    explorer = Show(language).masks_explorer(PICTURES, MASKS)
    images = set()
    for _, index in explorer.controls["index"].options:
        for _, channel in explorer.controls["channel"].options:
            explorer.controls["index"].value, explorer.controls["channel"].value = index, channel
            assert explorer.draw(index=index, channel=channel).quick_png == explorer.image.value
            images.add(explorer.image.value)
    assert len(explorer.controls["channel"].options) == 5, "four channels and their mean"
    assert len(images) == 15


def test_a_gate_for_all_channels_is_that_of_each():
    show = Show("en")
    only_places = {"place": MASKS["place"]}
    assert show.masks_at(PICTURES, only_places, 0, 0).png == show.masks_at(PICTURES, only_places, 0, -1).png


def test_reach_of_the_packages_modules():
    """All channels and places for SE; k channels for ECA; a window; a cross."""
    torch.manual_seed(0)
    x = torch.randn(1, 6, 9, 9, dtype=torch.float64)
    changed = x.clone()
    changed[0, 2, 3, 5] += 3
    blocks = {"SE": SEBlock(6, 1), "ECA": ECA(6), "window": SpatialAttention(), "cross": CoordinateAttention(6)}
    changes = {}
    for name, block in blocks.items():
        block = block.double().eval()
        changes[name] = (block.gate(changed) - block.gate(x))[0].detach()
    alt = Show("en").reach(changes, (2, 3, 5)).alt
    for name, words in {
        "SE": "486 of 486 gates, in 6 channels and at 81 places",
        "ECA": "243 of 486 gates, in 3 channels and at 81 places",
        "window": "294 of 486 gates, in 6 channels and at 49 places",
        "cross": "102 of 486 gates, in 6 channels and at 17 places",
    }.items():
        assert f"{name}: {words}" in alt, alt


def test_staircase_of_the_packages_rule():
    widths = range(1, 4097)
    alt = Show("en").kernel_staircase(widths, {"k": [eca_kernel(C) for C in widths]}).alt
    assert "k = 3: C ≥ 1, k = 5: C ≥ 128, k = 7: C ≥ 2048" in alt
    assert "differ at C = –" in alt


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("hand_gates", [SMALL[0], GATES], ["x", "(C, H, W)", "(2, 2)"]),
        ("hand_gates", [SMALL, {"a": np.ones((3, 1, 1))}], ["gates['a']", "(2, 2, 2)", "(3, 1, 1)"]),
        ("reach", [{}, (0, 0, 0)], ["changes", "three axes", "[]"]),
        ("reach", [{"a": np.ones(3)}, (0, 0, 0)], ["changes", "three axes", "(3,)"]),
        ("reach", [CHANGES, (3, 0, 0)], ["place", "(3, 4, 4)", "(3, 0, 0)"]),
        ("kernel_staircase", [WIDTHS, {}], ["kernels", "1 or 2", "got 0"]),
        ("kernel_staircase", [WIDTHS, {"up": [3]}], ["kernels['up']", "5 values", "got 1"]),
        ("masks_at", [PICTURES, MASKS, 3], ["index", "0 to 2", "3"]),
        ("masks_at", [PICTURES, MASKS, 0, 4], ["channel", "0 to 3", "4"]),
        ("masks_at", [PICTURES, {}], ["gates", "1 to 6", "got 0"]),
        ("masks_at", [PICTURES, {"a": MASKS["place"][:2]}], ["gates['a']", "3 arrays", "got 2"]),
        ("masks_at", [PICTURES, {"a": [np.ones(3)] * 3}], ["gates['a']", "three axes", "(3,)"]),
        ("dissociation", [{"a": CHANNELS, "b": OTHERS}, 56.0], ["results['b']", "SE", "ECA"]),
        ("dissociation", [{"a": CHANNELS}, 156.0], ["guesser", "0 to 100", "156.0"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
