"""A report card at small settings: what it measures, for modules good and useless, and what it refuses."""

import doctest
import functools
import sys

import pytest
import torch
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.lab import data, plans
from seattn_course.lab.card_command import load
from seattn_course.lab.configuration import Configuration, train
from seattn_course.lab.report_card import BASELINES, OWN, TASKS, report_card
from seattn_course.lab.training import Settings

SHORT = {"settings": Settings(steps=3), "test": 90, "progress": False}


class Useless(nn.Module):
    """A gate of one half, whatever comes."""

    def __init__(self, channels):
        super().__init__()

    def gate(self, x):
        return torch.full_like(x[:, :, :1, :1], 0.5)

    def forward(self, x):
        return x * self.gate(x)


class Silent(nn.Module):
    """Without gate(x)."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return torch.tanh(self.norm(x))


@pytest.fixture(scope="module")
def se():
    return report_card("se", seeds=2, **SHORT)


def test_all_parts_are_measured(se):
    assert (se.name, se.seeds, se.gate, se.comparable) == ("SEBlock", (0, 1), "product", False)
    for task in TASKS:
        assert list(se.results[task].models) == [OWN, *BASELINES]
        assert len(se.results[task].accuracies(OWN)) == len(se.readings[task]) == 2
        assert all(0 <= reading.decoded <= 1 for reading in se.readings[task])
        stored = plans.stored(task)
        for model in BASELINES:
            assert se.results[task].accuracies(model) == stored.accuracies(model)
    # SE at r = 8 and 64 channels: 2 * 64 * 8 weights and 8 + 64 biases; its MACs are the weights
    assert (se.cost.parameters, se.cost.macs, se.cost.channels) == (1096, 1024, 64)
    assert se.cost.block_parameters == 2 * (9 * 64 * 64 + 2 * 64)
    assert se.cost.latency > 0
    assert sorted(se.depth) == ["P1", "P2", "P3", "P4"]
    assert all(profile.gradient.shape == (2, 17) for profile in se.depth.values())
    assert se.gain == pytest.approx(0.5, abs=0.1)


def test_a_run_of_the_card_is_the_run_of_the_ablation(se):
    for task in TASKS:
        alone = train(Configuration(task, attention="se", settings=SHORT["settings"], test=SHORT["test"]), seed=1)
        assert se.results[task].outcomes[OWN, 1].numbers() == alone.numbers()


def test_a_useless_gate_decides_nothing():
    card = report_card(functools.partial(Useless), seeds=1, **SHORT)
    assert (card.name, card.gate, card.cost.parameters) == ("Useless", "product", 0)
    assert card.gain == pytest.approx(0.5)
    for task in TASKS:
        (reading,) = card.readings[task]
        assert reading.swap.changed == 0
        assert reading.decoded < 0.55


def test_a_module_without_a_gate():
    card = report_card(Silent, "quiet", seeds=1, **SHORT)
    assert (card.name, card.gate) == ("quiet", "absent")
    assert card.readings == {"keybar": (), "marker": ()}


def test_a_module_is_copied_and_left_as_it_was():
    module = SEBlock(24, 4)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    card = report_card(module, seeds=1, **SHORT)
    assert (card.name, card.cost.channels, card.cost.parameters) == ("SEBlock", 24, 318)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


@pytest.mark.parametrize(
    ("attention", "keywords", "error", "words"),
    [
        (None, {}, TypeError, ["attention", "None"]),
        (3, {}, TypeError, ["attention", "3"]),
        ("sse", {}, ValueError, ["attention", "'se'", "'sse'"]),
        (lambda channels: 3, {}, TypeError, ["attention must return a module"]),
        (SEBlock(32), {}, ValueError, ["24 channels", "32"]),
        (lambda channels: nn.Conv2d(24, 12, 1), {}, ValueError, ["(4, 24, 7, 7)", "(4, 12, 7, 7)"]),
        (lambda channels: nn.Conv2d(12, 12, 1), {}, ValueError, ["same shape", "RuntimeError"]),
        (lambda channels: nn.LogSoftmax(9), {}, ValueError, ["same shape", "IndexError"]),
        (lambda channels: nn.Threshold(9, float("nan")), {}, ValueError, ["finite"]),
        ("se", {"seeds": 0}, ValueError, ["seeds", "0"]),
        ("se", {"seeds": 11}, ValueError, ["seeds", "at most 10", "11"]),
        ("se", {"seeds": 2.0}, TypeError, ["seeds", "2.0"]),
        ("se", {"progress": 1}, TypeError, ["progress", "1"]),
    ],
    ids=["none", "number", "name", "no_module", "width", "shape", "fails", "axis", "nan", "no_seed", "many",
         "half", "flag"],
)  # fmt: skip
def test_wrong_arguments(attention, keywords, error, words):
    with pytest.raises(error) as caught:
        report_card(attention, **(SHORT | keywords))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_ctrl_c_ends_it(monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("seattn_course.lab.report_card.fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        report_card("se", seeds=1, **SHORT)


def test_an_attention_is_loaded_from_a_file(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("from torch import nn\n\nclass Mine(nn.Identity):\n    pass\n")
    assert issubclass(load(f"{file}:Mine"), nn.Identity)
    assert load("SE") == "SE"
    (tmp_path / "broken.py").write_text("import nothing_of_this_name")
    wrong = {
        "mine": "path.py:Name",
        f"{file}": "path.py:Name",
        f"{tmp_path}/other.py:Mine": "a file that exists",
        f"{file}:Yours": "'Yours'",
        f"{tmp_path}/broken.py:Mine": "ModuleNotFoundError",
    }
    for text, words in wrong.items():
        with pytest.raises(ValueError, match=words):
            load(text)


@pytest.mark.parametrize("module", [data, sys.modules["seattn_course.lab.report_card"]], ids=["data", "card"])
def test_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
