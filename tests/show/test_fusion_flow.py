"""Figures of lesson 11: data flows read off the blocks, every setting of the dial and of the guide."""

import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from seattn_course.course.language import LANGUAGES
from seattn_course.show import Show

FORMULAS = {
    "P1": lambda b, x: x + b.attn(b.f(x)),
    "P2": lambda b, x: b.attn(x + b.f(x)),
    "P3": lambda b, x: x + b.f(b.attn(x)),
    "P4": lambda b, x: b.attn_skip(x) + b.attn(b.f(x)),
}


class Dial(nn.Module):
    def __init__(self, g):
        super().__init__()
        self.g = g

    def gate(self, x):
        return self.g

    def forward(self, x):
        return self.g * x


class Block(nn.Module):
    def __init__(self, pattern, gate=1.0, gate_skip=1.0, channels=8):
        super().__init__()
        self.pattern = pattern
        self.f = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        self.attn = Dial(gate)
        self.attn_skip = Dial(gate_skip)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(FORMULAS[self.pattern](self, x))


X = 20 * torch.rand(1, 1, 8, 12, generator=torch.Generator().manual_seed(0)).double()  # far above BN's epsilon


def parts(pattern, gate, gate_skip, training):
    torch.manual_seed(0)
    block = Block(pattern, gate, gate_skip, channels=1).double()
    block.f[1].momentum = 1.0
    block.f(X)
    total = FORMULAS[pattern](block.train(training), X)
    nn.init.zeros_(block.f[1].weight)
    identity = FORMULAS[pattern](block, X)
    return block, identity[0, 0].detach(), (total - identity)[0, 0].detach()


def measured(value=0.25):
    return {
        pattern: dict.fromkeys(("dead", "closed", "noise_own", "noise_others"), value + shift / 100)
        for shift, pattern in enumerate(FORMULAS)
    }


def looks_drawn(picture):
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000, "wider than a notebook's column"
    assert len(picture.png) < 100_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"


@pytest.mark.parametrize("language", LANGUAGES)
def test_flows_are_read_off_the_blocks(language):
    picture = Show(language).pattern_flows({pattern: Block(pattern) for pattern in FORMULAS})
    looks_drawn(picture)
    routes = ("x → F → A → + → ReLU → y", "x → F → + → A → ReLU → y", "x → A → F → + → ReLU → y", "A_s")
    assert all(route in picture.alt for route in routes), picture.alt
    exchanged = Show(language).pattern_flows({"P1": Block("P2")})  # the title does not decide
    assert routes[1] in exchanged.alt
    assert routes[0] not in exchanged.alt


@pytest.mark.parametrize(("pattern", "untouched"), [("P1", True), ("P2", False), ("P3", True), ("P4", False)])
def test_flows_say_whether_x_stays_untouched(pattern, untouched):
    alt = Show("en").pattern_flows({"a": Block(pattern)}).alt
    assert ("x reaches y untouched by A" in alt) == untouched
    assert ("A touches x" in alt) != untouched


def test_flows_leave_the_block_alone():
    block = Block("P1").double()
    before = {name: tensor.clone() for name, tensor in block.state_dict().items()}
    Show("en").pattern_flows({"a": block})
    assert all(torch.equal(tensor, before[name]) for name, tensor in block.state_dict().items())
    assert next(block.parameters()).dtype == torch.float64


KEPT = [
    ("P1", {"gate": 0.2}, "identity path keeps 1.00, the branch 0.20"),
    ("P2", {"gate": 0.2}, "identity path keeps 0.20, the branch 0.20"),
    ("P3", {"gate": 0.2}, "identity path keeps 1.00, the branch 1.00"),
    ("P3", {"gate": 0.2, "training": False}, "identity path keeps 1.00, the branch 0.20"),
    ("P4", {"gate": 0.8, "gate_skip": 0.3}, "identity path keeps 0.30, the branch 0.80"),
    ("P2", {"gate": 0.0}, "identity path keeps 0.00, the branch 0.00"),
]


@pytest.mark.parametrize(("pattern", "setting", "words"), KEPT)
def test_dial_says_what_each_path_keeps(pattern, setting, words):
    picture = Show("en").pattern_at(parts, pattern, **setting)
    looks_drawn(picture)
    assert words in picture.alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pattern_and_mode_of_the_dial_draws(language):
    explorer = Show(language).pattern_explorer(parts)
    explorer.controls["gate"].value = 0.4
    images = {}
    for pattern, training in itertools.product(FORMULAS, (True, False)):
        explorer.controls["pattern"].value = pattern
        explorer.controls["training"].value = training
        assert explorer.draw(**explorer.values()).quick_png == explorer.image.value
        assert pattern in explorer.text.value
        images[pattern, training] = explorer.image.value
    assert len({image for (_, training), image in images.items() if training}) == len(FORMULAS)
    assert images["P3", True] != images["P3", False]
    before = explorer.image.value
    assert not explorer.controls["gate_skip"].disabled  # P4 is the last one shown
    explorer.controls["gate_skip"].value = 0.5
    assert explorer.image.value != before
    explorer.controls["pattern"].value = "P1"
    assert explorer.controls["gate_skip"].disabled


def test_dial_ends_at_both_ends_of_the_slider():
    explorer = Show("tr").pattern_explorer(parts)
    slider = explorer.controls["gate"]
    for value in (slider.min, slider.max):
        slider.value = value
        assert f"{value:.2f}" in explorer.text.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_leads_to_a_leaf_of_the_guide(language):
    explorer = Show(language).guide_explorer(measured())
    leaves = {}
    for answers in itertools.product(("yes", "no"), repeat=3):
        for name, answer in zip(("skip", "filter", "paths"), answers):
            explorer.controls[name].value = answer
        off = {name for name, control in explorer.controls.items() if control.disabled}
        assert off == {"paths" if answers[0] == "yes" else "filter"}
        leaves[answers] = explorer.draw(**explorer.values()).alt.split(": ")[1].split(".")[0]
    found = {answers: leaf for answers, leaf in leaves.items() if leaf in FORMULAS}
    assert found == leaves
    for (skip, choose, paths), leaf in leaves.items():
        wanted = ("P3" if choose == "yes" else "P1") if skip == "yes" else ("P4" if paths == "yes" else "P2")
        assert leaf == wanted
    assert set(leaves.values()) == set(FORMULAS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_guide_says_what_was_measured(language):
    picture = Show(language).guide_at(measured(0.25))
    looks_drawn(picture)
    assert all(number in picture.alt for number in ("0.25", "0.26", "0.27", "0.28"))


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("pattern_flows", [{}], ["blocks", "1 to 4", "got 0"]),
        ("pattern_flows", [{"a": nn.ReLU()}], [".f", "ReLU"]),
        ("pattern_at", [parts, "P5"], ["pattern", "P1", "P5"]),
        ("pattern_at", [parts, "P1", 1.5], ["gate", "0 to 1", "1.5"]),
        ("pattern_at", [parts, "P4", 1.0, -0.1], ["gate_skip", "0 to 1", "-0.1"]),
        ("guide_at", [{"P1": {}}], ["measured", "dead", "P1 to P4"]),
        ("guide_at", [measured(), "maybe"], ["skip", "yes", "maybe"]),
    ],
    ids=["no_block", "no_branch", "pattern", "gate", "gate_skip", "unmeasured", "answer"],
)
def test_wrong_arguments_of_the_fusion_figures_are_named(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
