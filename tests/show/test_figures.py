"""Every figure draws in both languages, and its description carries its numbers."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.attention import SEBlock
from seattn_course.course.language import LANGUAGES
from seattn_course.lab.photo import CHANNELS, PHOTOGRAPHS, FilterBank
from seattn_course.show import FIGURES, Show
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import Picture


@pytest.fixture(scope="module")
def photo_block():
    torch.manual_seed(1)
    return FilterBank(), SEBlock(len(CHANNELS), reduction=2)


# Later lessons have test files of their own.
FIRST_LESSONS = ("road", "photo_gates", "by_hand", "cost")


def draw(figure: str, language: str, photo_block) -> Picture | Explorer:
    arguments = {
        "road_map": [["00", "02"]],
        "photo_to_gates": [*photo_block, "palace"],
        "gate_table": [torch.linspace(0, 1, 16).reshape(2, 8), ["a", "b"]],
        "channel_explorer": photo_block,
        "channel_before_after": [*photo_block, "flower", 3],
        "hand_steps": [],
        "hand_explorer": [],
        "absolute_relative": [(2.0, 0.5, 1.0), (0.59, 0.67, 0.41)],
        "what_and_where": [np.ones((3, 3, 3)), (0.1, 0.2, 0.3), np.full((3, 3), 0.25)],
        "parameters_by_reduction": [{64: [512, 256]}, [16, 32], {64: 36864}],
    }
    return getattr(Show(language), figure)(*arguments[figure])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", sorted(figure for figure, module in FIGURES.items() if module in FIRST_LESSONS))
def test_every_figure_draws(figure, language, photo_block):
    drawn = draw(figure, language, photo_block)
    picture = drawn.draw(**drawn.values()) if isinstance(drawn, Explorer) else drawn
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000, "wider than a notebook's column"
    assert len(picture.png) < 150_000, "a notebook has to stay under 1 MiB"
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    assert len(picture.alt) > 60


def test_description_holds_the_numbers_drawn(photo_block):
    bank, block = photo_block
    for language in LANGUAGES:
        show = Show(language)
        gates = block.gate(bank(torch.rand(1, 3, 24, 24)))[:, :, 0, 0]
        alt = show.gate_table(gates, ["x"]).alt
        assert all(f"{gate:.2f}" in alt for gate in gates[0].tolist())
        assert "0.587, 0.668, 0.413" in show.hand_steps().alt
        assert "512" in draw("parameters_by_reduction", language, photo_block).alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_the_channel_explorer(language, photo_block):
    explorer = Show(language).channel_explorer(*photo_block)
    images = set()
    for name in PHOTOGRAPHS:
        for channel in range(len(CHANNELS)):
            explorer.controls["name"].value = name
            explorer.controls["channel"].value = channel
            images.add(explorer.image.value)
            assert explorer.text.value.count("role=") == 1
    assert len(images) == len(PHOTOGRAPHS) * len(CHANNELS), "a setting that changes nothing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_sliders_of_the_hand_explorer_reach_the_ends(language):
    explorer = Show(language).hand_explorer()
    for name, slider in explorer.controls.items():
        before = explorer.values()[name]
        for end in (slider.min, slider.max):
            slider.value = end
            assert explorer.draw(**explorer.values()).quick_png == explorer.image.value
        slider.value = before
    explorer.controls["w1"].value = -2.0
    assert "0.500, 0.500, 0.500" in explorer.text.value


def test_widget_has_a_constant_text_for_readers_without_a_kernel(photo_block):
    bundle = Show("en").channel_explorer(*photo_block)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == Show("en").hand_explorer()._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("gate_table", [torch.ones(2, 3), ["a"], ["b"]], ["gates", "(1, 1)", "(2, 3)"]),
        ("channel_before_after", ["flower", 8], ["channel", "0 to 7", "8"]),
        ("photo_to_gates", ["tower"], ["name", "'palace'", "'tower'"]),
        ("parameters_by_reduction", [{64: [1]}, [4, 8], {64: 2}], ["parameters[64]", "2 counts", "got 1"]),
        ("what_and_where", [np.ones((3, 2, 2)), (1, 2), np.ones((2, 2))], ["channel_gates", "(3,)", "(2,)"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words, photo_block):
    if figure in ("channel_before_after", "photo_to_gates"):
        arguments = [*photo_block, *arguments]
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_unknown_figure_and_short_description():
    with pytest.raises(AttributeError, match="no figure 'gat_table'"):
        Show("en").gat_table  # noqa: B018 - the access is what is tested
    from seattn_course.show.picture import blank

    with pytest.raises(ValueError, match="alt must describe"):
        Picture(blank(1, 1), "a plot", "en")
