"""The one interface of the widgets: a control that changes draws anew, and what goes wrong is said."""

import io

import ipywidgets
import pytest
from matplotlib.figure import Figure
from PIL import Image

from seattn_course.show.explorer import LABEL_WIDTH, SLIDER_WIDTH, Explorer
from seattn_course.show.picture import Picture


@pytest.fixture
def explorer() -> Explorer:
    def draw(r: int, bias: bool) -> Picture:
        if r == 0:
            raise ValueError("r must be 1 to 16 & <whole>, got 0")
        figure = Figure(figsize=(2, 1))
        figure.subplots().bar([0], [r])
        return Picture(figure, f"One bar of height {r}, bias {bias}", "en")

    controls = {"r": ipywidgets.IntSlider(4, 0, 16), "bias": ipywidgets.Checkbox(True)}
    return Explorer(draw, controls, "en")


def test_a_change_draws_anew_and_says_so_to_a_screen_reader(explorer):
    before = explorer.image.value
    explorer.controls["r"].value = 8
    assert explorer.image.value != before
    assert 'aria-live="polite">One bar of height 8, bias True<' in explorer.text.value


def test_the_quick_picture_is_the_stored_one(explorer):
    picture = explorer.draw(**explorer.values())
    quick, stored = (Image.open(io.BytesIO(png)).convert("RGB") for png in (picture.quick_png, picture.png))
    assert quick.size == stored.size == (200, 100)
    assert max(abs(a - b) for a, b in zip(quick.tobytes(), stored.tobytes())) < 32
    assert stored.getpixel((0, 0)) == (255, 255, 255)  # opaque and white: readable in a dark theme


def test_a_figure_that_cannot_be_drawn_says_why(explorer):
    with pytest.raises(ValueError, match="1 to 16"):
        explorer.controls["r"].value = 0
    assert 'role="alert">ValueError: r must be 1 to 16 &amp; &lt;whole&gt;, got 0<' in explorer.text.value
    explorer.controls["r"].value = 3
    assert "alert" not in explorer.text.value


def test_all_widgets_look_the_same(explorer):
    assert {control.style.description_width for control in explorer.controls.values()} == {LABEL_WIDTH}
    assert explorer.controls["r"].layout.width == SLIDER_WIDTH
    assert explorer.controls["bias"].layout.width is None
