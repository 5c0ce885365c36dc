"""Figures of lesson 06: every one in both languages, every setting of the switchboard, numbers in the words."""

import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.attention import SEPlusPlus
from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

MAPS = torch.rand(1, 8, 5, 7, generator=torch.Generator().manual_seed(0))
SPOT = np.zeros((8, 8))
SPOT[2, 5] = 6.0


def rewire(**switches):
    torch.manual_seed(0)
    return SEPlusPlus(8, reduction=2, **switches)


PICTURES = {
    "switchboard_at": [MAPS, rewire],
    "squeezes_of_maps": [{"spot": SPOT, "flat": np.full((8, 8), 3.0)}],
    "meeting_points": [{"sum": 0.5, "average": 0.25, "after": 1.0}],
}
NUMBERS = {
    "switchboard_at": [f"{value:.2f}" for value in MAPS.mean((2, 3)).flatten().tolist()],
    "squeezes_of_maps": ["0.09", "6.00", "6.09", "3.00"],
    "meeting_points": ["50.0", "25.0", "100.0"],
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
def test_every_setting_of_the_switchboard_draws_another_picture(language):
    explorer = Show(language).switchboard_explorer({"one": MAPS, "two": 3 * MAPS}, rewire)
    gates = {name: control for name, control in explorer.controls.items() if name != "picture"}
    images = set()
    for use_avg, use_max, gate in itertools.product((True, False), (True, False), gates["gate"].options):
        for name, value in (("use_avg", use_avg), ("use_max", use_max), ("gate", gate)):
            explorer.controls[name].value = value
        images.add(explorer.image.value)
        assert explorer.draw(**explorer.values()).quick_png == explorer.image.value
        alt = explorer.text.value
        assert ("use_avg or use_max must be True" in alt) == (not (use_avg or use_max)), alt
    assert len(images) == 7, "six settings differ, and the block refuses the two without a squeeze alike"
    explorer.controls["use_avg"].value = True
    before = explorer.image.value
    explorer.controls["picture"].value = "two"
    assert explorer.image.value != before


def test_switchboard_says_the_gates_and_how_far_they_moved():
    gates = [rewire(**switches).gate(MAPS).flatten() for switches in ({}, {"use_max": False})]
    alt = Show("en").switchboard_at(MAPS, rewire, use_max=False).alt
    assert all(f"{value:.2f}" in alt for value in gates[1].tolist())
    assert f"is {(gates[1] - gates[0]).abs().max():.2f}" in alt


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("switchboard_at", [MAPS[0], rewire], ["maps", "(1, 8, H, W)", "(8, 5, 7)"]),
        ("switchboard_at", [MAPS[:, :3], rewire], ["maps", "(1, 8, H, W)", "(1, 3, 5, 7)"]),
        ("squeezes_of_maps", [{}], ["maps", "1 to 4", "got 0"]),
        ("squeezes_of_maps", [{"a": [1.0, 2.0]}], ["maps['a']", "(H, W)", "(2,)"]),
        ("meeting_points", [{"sum": 0.5}], ["shares", "sum, average, after", "got sum"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
