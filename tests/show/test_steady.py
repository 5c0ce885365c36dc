"""A widget's axes keep their places while the labels fit, and get new ones where they do not."""

import pytest
from matplotlib.figure import Figure

from seattn_course.show.picture import Picture, blank
from seattn_course.show.steady import Layout, draw, steady


def bars(height: float, label: str = "height", width: float = 3) -> Figure:
    figure = blank(width, 2)
    axes = figure.subplots()
    axes.bar([0], [height])
    axes.set_ylabel(label)
    return figure


def drawn(figure: Figure, layout: Layout) -> list[float]:
    with steady(layout):
        draw(figure)
    return list(figure.axes[0].get_position().bounds)


def test_the_second_figure_takes_the_places_of_the_first():
    layout = Layout()
    first = drawn(bars(9), layout)
    assert drawn(bars(8), layout) == first
    assert layout.places[0].bounds == tuple(first)


@pytest.mark.parametrize(
    "other", [bars(9, "two\nlines"), bars(12_345_678), bars(9, width=5)], ids=["label", "ticks", "size"]
)
def test_a_label_that_would_be_cut_gets_a_new_layout(other):
    layout = Layout()
    first = drawn(bars(9), layout)
    again = drawn(other, layout)
    assert again != first
    assert layout.places[0].bounds == pytest.approx(tuple(again))
    label = other.axes[0].yaxis.label.get_window_extent()
    assert label.x0 >= -1


def test_a_picture_on_its_own_is_laid_out_anew():
    layout = Layout()
    drawn(bars(9), layout)
    figure = bars(9, "two\nlines")
    Picture(figure, "A bar of height 9 with a label", "en")
    assert figure.axes[0].get_position().bounds != layout.places[0].bounds
