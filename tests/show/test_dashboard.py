"""The dashboard: who meets the demands, both languages, numbers in the description, the widget's every end."""

import io

import numpy as np
import pytest
from PIL import Image

from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show
from seattn_course.show.dashboard import LARGEST, meets

MODULES = {
    "spatial": {"keybar": 62.0, "marker": 100.0, "parameters": 98, "macs": 100352, "latency": 1.1, "read": 51.2},
    "CBAM": {"keybar": 86.8, "marker": 95.7, "parameters": 610, "macs": 101376, "latency": 1.21, "read": 84.9},
    "none": {"keybar": 56.0, "marker": 57.0, "parameters": 0, "macs": 0, "latency": 1.0, "read": 33.3},
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dashboard_draws_and_says_its_numbers(language):
    picture = Show(language).dashboard_at(MODULES, keybar=80)
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000
    assert len(picture.png) < 100_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    mark = "," if language == "tr" else "."
    for number in (f"62{mark}0", f"95{mark}7", "610", "100352", f"1{mark}21", "33", "80"):
        assert number in picture.alt


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({}, ["spatial", "CBAM", "none"]),
        ({"keybar": 80}, ["CBAM"]),
        ({"marker": 90, "parameters": 100}, ["spatial"]),
        ({"latency": 1.0}, ["none"]),
        ({"keybar": 80, "parameters": 0}, []),
    ],
    ids=["nothing", "keybar", "place, small", "fast", "too much"],
)
def test_those_are_left_that_meet_all_demands(asked, left):
    demands = {"keybar": 0, "marker": 0, "parameters": LARGEST, "latency": 10} | asked
    assert [name for name, values in MODULES.items() if meets(values, demands)] == left
    said = Show("en").dashboard_at(MODULES, **asked).alt
    assert f"These meet it: {', '.join(left) or 'none'}." in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_dashboards_widget_draws_for_every_end_of_its_sliders(language):
    widget = Show(language).dashboard_explorer(MODULES)
    for name, control in widget.controls.items():
        ends = control.options if name == "parameters" else (control.min, control.max)
        for value in ends:
            control.value = value
            assert bytes(widget.image.value[:4]) == b"\x89PNG"
            assert widget.draw(**widget.values()).alt in widget.text.value


def test_no_accuracy_can_be_asked_for_that_no_module_reaches():
    controls = Show("en").dashboard_explorer(MODULES).controls
    assert (controls["keybar"].max, controls["marker"].max) == (85, 100)


def test_a_module_without_a_measure_is_refused():
    with pytest.raises(ValueError, match=r"modules\['half'\] must hold keybar, .* got keybar"):
        Show("en").dashboard_at({"half": {"keybar": 50.0}})
