"""Figures of lesson 09: diagrams that follow the module, curves by depth; both languages, numbers in the words."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from torch import nn

from seattn_course import attention, residual
from seattn_course.course.language import LANGUAGES
from seattn_course.lab.dataflow import dataflow
from seattn_course.show import Show
from seattn_course.show.block_layout import layout

HOSTS = {
    "basic": residual.BasicBlock(64, 64),
    "pre": residual.PreActBlock(64, 128, 2),
    "wide": residual.WideBlock(64, 64, dropout=0.3),
    "bottleneck": residual.Bottleneck(64, 256),
    "resnext": residual.ResNeXtBlock(64, 256),
    "se": residual.SEResBlockPostAct(64, 64),
    "P2": residual.ResidualAttentionP2(64, "se"),
    "P3": residual.ResidualAttentionP3(64, "eca"),
    "P4": residual.ResidualAttentionP4(64, "se", "cbam", cout=128, stride=2),
}
DEEP = np.geomspace(1e-9, 1.0, 5)
CURVES = {"left": {"a": [DEEP, DEEP, 4 * DEEP], "b": np.ones((3, 5))}, "right": {"a": np.full((3, 5), 0.5)}}
PICTURES = {
    "block_diagram": [residual.Bottleneck(64, 256, 2, attention="se")],
    "block_diagrams": [HOSTS],
    "by_depth": [CURVES],
}
NUMBERS = {
    "block_diagram": ["83,472", "67.4 M", "3×3 64→64 /2", "1×1 64→256 /2", "SEBlock"],
    "block_diagrams": ["73,984", "231.2 M", "3×3 128→128 g=32", "Dropout", "SEStable", "ECA", "CBAM", "SiLU"],
    "by_depth": ["1.0e-09", "3.2e-05", "1.0e+00", "5.0e-01", " 3 ", " 5 "],
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


@pytest.mark.parametrize("name", sorted(HOSTS))
def test_layout_places_every_node_once_and_no_two_on_one_spot(name):
    graph = dataflow(HOSTS[name], (1, 64, 8, 8))
    plan = layout(graph)
    assert set(plan.places) == set(range(len(graph.nodes)))
    assert len(set(plan.places.values())) == len(graph.nodes)
    for way in plan.ways:
        rows = [plan.places[node][1] for node in (way.start, *way.through, way.end)]
        assert all(below - above >= 1 for above, below in itertools.pairwise(rows)), "boxes would overlap"


def test_ways_at_the_same_height_have_lanes_of_their_own():
    graph = dataflow(attention.SEPlusPlusV2(8), (1, 8, 4, 4))
    plan = layout(graph)
    spans = {way.lane: [] for way in plan.ways}
    for way in plan.ways:
        spans[way.lane].append((plan.places[way.start][1], plan.places[way.end][1]))
    assert len(spans) == 2
    for lane in spans.values():
        lane.sort()
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(lane))


def test_a_layer_whose_result_nobody_takes_is_not_drawn():
    class Loose(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.loose = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 7, 1)

        def forward(self, x):
            self.loose(x)
            return self.used(x)

    alt = Show("en").block_diagram(Loose(), (1, 4, 8, 8)).alt
    assert "1×1 4→4" in alt
    assert "4→7" not in alt


def test_the_diagram_follows_the_module():
    show = Show("en")
    basic, preact = (show.block_diagram(HOSTS[name]).alt for name in ("basic", "pre"))
    assert "BN → + → ReLU." in basic
    assert "from x  64×56×56 to +: nothing in between, the identity." in basic
    assert "3×3 128→128 → +." in preact
    assert "from ReLU to +: 1×1 64→128 /2." in preact


MAKERS = {
    "basic": residual.BasicBlock,
    "wide": lambda cin, cout, stride, attention: residual.WideBlock(cin, cout // 2, stride, attention),
}


def test_every_setting_of_the_explorer_draws_its_own_picture():
    explorer = Show("en").block_explorer(MAKERS, couts=(64, 128), attentions=(None, "se"))
    images = set()
    for block, cout, stride, name in itertools.product(MAKERS, (64, 128), (1, 2), (None, "se")):
        for control, value in {"block": block, "cout": cout, "stride": stride, "attention": name}.items():
            explorer.controls[control].value = value
        alt = explorer.text.value
        assert ("SEBlock" in alt) == (name == "se")
        assert ("the identity" in alt) == (cout == 64 and stride == 1)
        images.add(explorer.image.value)
    assert len(images) == 8 * len(MAKERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_explorer_and_static_twin_draw_the_same(language):
    show = Show(language)
    explorer = show.block_explorer(MAKERS)
    explorer.controls["stride"].value = 2
    picture = show.block_at(MAKERS, "basic", stride=2)
    assert picture.quick_png == explorer.image.value
    assert picture.alt in explorer.text.value


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("block_diagrams", [{}], ["blocks", "1 to 9", "got 0"]),
        ("block_at", [MAKERS, "deep"], ["block", "basic, wide", "got 'deep'"]),
        ("by_depth", [CURVES, "loss"], ["quantity", "gradient, signal", "got 'loss'"]),
        ("by_depth", [{}], ["panels", "1 to 3", "got 0"]),
        ("by_depth", [{"p": {"a": [[1.0]], "b": [[1.0, 2.0]]}}], ["panels", "(seeds, blocks)", "(1, 2)"]),
        ("by_depth", [{"p": {"a": [[1.0, 0.0]]}}], ["panels['p']['a']", "above 0", "got 0"]),
    ],
)
def test_wrong_arguments_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
