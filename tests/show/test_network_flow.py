"""Figures of lesson 10: in both languages, with the numbers of the network in their words."""

import io

import numpy as np
import pytest
from PIL import Image
from torch import nn

from seattn_course import models
from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

NUMBERS = {
    "shape_flow": ["3×32×32", "32×32×32", "64×16×16", "128×8×8", "fc 10"],
    "parameter_tree": ["702,986", "6,112", "18,852", "58,308", "74,564", "10,624", "1,290"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", sorted(NUMBERS))
def test_figure_draws_and_says_its_numbers(figure, language):
    net = models.SEResNetTiny()
    picture = getattr(Show(language), figure)(net)
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000
    assert len(picture.png) < 100_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    missing = [number for number in NUMBERS[figure] if number not in picture.alt]
    assert not missing, (missing, picture.alt)
    assert net.training, "the network was left alone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_the_flow_draws_another_picture(language):
    explorer = Show(language).shape_flow_explorer(models.SEResNetTiny)
    told = set()
    for size in explorer.controls["size"].options:
        for base in explorer.controls["base"].options:
            explorer.controls["size"].value, explorer.controls["base"].value = size, base
            told.add(explorer.text.value)
            assert f"3×{size}×{size}" in explorer.text.value
    assert len(told) == len(explorer.controls["size"].options) * len(explorer.controls["base"].options)


@pytest.mark.parametrize("preact", [False, True])
def test_the_kinds_of_a_tree_add_up_to_the_total(preact):
    from seattn_course.show.network_flow import _kinds

    net = models.SEResNetTiny(preact=preact)
    assert sum(_kinds(net).values()) == models.count_params(net)
    assert _kinds(net)["se"] == 6112
    assert _kinds(models.SEResNetTiny(attention=None))["se"] == 0


def test_depth_one_shows_the_direct_children_only():
    alt = Show("en").parameter_tree(models.SEResNetTiny(), depth=1).alt
    assert "stage3:" in alt
    assert "stage3.0" not in alt


@pytest.mark.parametrize("figure", sorted(NUMBERS))
def test_what_is_no_network_is_refused(figure):
    with pytest.raises(TypeError, match="network"):
        getattr(Show("en"), figure)("net")


def test_a_network_without_parameters_has_no_tree():
    with pytest.raises(ValueError, match="network must have parameters, got Sequential with none"):
        Show("en").parameter_tree(nn.Sequential(nn.ReLU()))
