"""Stored report cards: current, drawn like fresh ones, refused when module or measurement changed, made anew."""

import argparse
import doctest
import functools
import json
import sys

import pytest
import torch

from seattn_course.attention import ECA
from seattn_course.lab import recompute, report_cards
from seattn_course.lab.report_card import OWN, TASKS, report_card
from seattn_course.lab.report_cards import CARDS, ConstantGate, file_of, read, stored, write
from seattn_course.lab.training import Settings
from seattn_course.show import Show

QUICK = {"settings": Settings(steps=2), "test": 60, "progress": False}


@pytest.fixture(scope="module")
def quick():
    """A card of two short runs, passed off as comparable."""
    card = report_card("eca", "ECA", seeds=2, **QUICK)
    return type(card)(**{**vars(card), "comparable": True})


@pytest.mark.parametrize("name", CARDS)
def test_stored_cards_are_current(name):
    card = stored(name)
    assert (card.name, card.seeds, card.gate, card.comparable) == (name, tuple(range(10)), "product", True)
    for task in TASKS:
        assert len(card.results[task].accuracies(OWN)) == len(card.readings[task]) == 10


@pytest.mark.parametrize("name", ["SE", "ECA", "CBAM"])
def test_a_cards_runs_are_those_of_the_stored_ablations(name):
    for results in stored(name).results.values():
        mine = results.outcomes[OWN, 3]
        if name in results.models:  # SE and CBAM stand beside it
            assert mine.accuracy == results.outcomes[name, 3].accuracy
            assert mine.parameters == results.outcomes[name, 3].parameters


def test_the_gate_swap_tells_the_useless_module_from_the_others():
    for name in ("SE", "ECA", "CBAM", "ConstantGate"):  # the cards of lesson 14, where a gate has to be used
        swaps = [reading.swap for reading in stored(name).readings["keybar"]]
        changed = sum(swap.changed for swap in swaps) / len(swaps)
        assert changed == 0 if name == "ConstantGate" else changed > 0.2


def test_a_card_survives_storing(quick, tmp_path):
    path = write(quick, "eca", tmp_path / "new" / "card.json")
    again = read(path, "ECA")
    assert (again.name, again.seeds, again.gate, again.comparable) == ("ECA", (0, 1), "product", True)
    for task in TASKS:
        assert again.results[task].accuracies(OWN) == pytest.approx(quick.results[task].accuracies(OWN))
        assert list(again.results[task].models) == list(quick.results[task].models)
        for mine, other in zip(again.readings[task], quick.readings[task]):
            assert vars(mine.swap) == pytest.approx(vars(other.swap), rel=1e-5)
            assert mine.decoded == pytest.approx(other.decoded, rel=1e-5)
    for pattern, profile in again.depth.items():
        torch.testing.assert_close(profile.gradient, quick.depth[pattern].gradient, rtol=1e-5, atol=0)
    for language in ("en", "tr"):
        mine, other = (Show(language).report_card(card) for card in (again, quick))
        assert (mine.alt, mine.body) == (other.alt, other.body)


def test_a_module_without_a_gate_is_stored_too(tmp_path):
    card = report_card("coord", seeds=1, **QUICK)
    bare = type(card)(**{**vars(card), "comparable": True, "gate": "absent", "readings": dict.fromkeys(TASKS, ())})
    again = read(write(bare, "coord", tmp_path / "card.json"), "coord")
    assert (again.gate, again.readings) == ("absent", {"keybar": (), "marker": ()})


def test_another_module_or_measurement_is_refused(quick, tmp_path, monkeypatch):
    path = write(quick, ECA, tmp_path / "card.json")
    assert read(path, ECA).name == "ECA"
    for other in ("eca", functools.partial(ECA, gamma=1), ConstantGate):
        with pytest.raises(ValueError, match="path must hold a card that is current, got another module in card"):
            read(path, other)
    monkeypatch.setattr(report_cards, "DEPTH", 8)
    with pytest.raises(ValueError, match="another stack"):
        read(path, ECA)
    monkeypatch.setattr(report_cards, "RECIPE", 99)
    with pytest.raises(ValueError, match="another recipe, stack"):
        read(path, ECA)


def test_what_cannot_be_stored_is_refused(quick, tmp_path):
    trial = type(quick)(**{**vars(quick), "comparable": False})
    with pytest.raises(ValueError, match=r"card must be measured with the settings .* got a trial"):
        write(trial, "eca", tmp_path / "card.json")
    with pytest.raises(ValueError, match="factory must have source code"):
        write(quick, ECA(24), tmp_path / "card.json")
    assert not list(tmp_path.iterdir())


def test_an_unknown_or_stale_name_says_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match=r"name must be one of 'SE'.*'se net'"):
        stored("se net")
    monkeypatch.setattr(report_cards.resources, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match="card whose stored numbers are current, got 'SE': run seattn ablation"):
        stored("SE")


@pytest.fixture
def verb(quick, monkeypatch, tmp_path):
    """``seattn ablation`` with two modules and a stand-in that measures: its status, and what was measured."""
    monkeypatch.setattr(report_cards, "CARDS", {"ECA": "eca", "half": ConstantGate})
    monkeypatch.chdir(tmp_path)
    measured = []

    def measure(name, progress):
        if name == "half" and measured == ["ECA"]:
            raise KeyboardInterrupt
        measured.append(name)
        return quick

    monkeypatch.setattr(report_cards, "measure", measure)

    def call(*words):
        parser = argparse.ArgumentParser()
        recompute.add_arguments(parser)
        status = recompute.run(parser.parse_args([*words, "--results", "results", "--workers", "1"]))
        return status, list(measured)

    return call


def test_the_verb_goes_on_where_it_was_stopped(verb, tmp_path, capsys):
    assert verb("cards") == (1, ["ECA"])
    assert "finished cards are kept" in capsys.readouterr().out
    (tmp_path / "results" / "card_eca.json").read_text()
    assert verb("cards") == (1, ["ECA"])
    assert "card ECA: current" in capsys.readouterr().out
    assert verb("cards", "--anew") == (0, ["ECA", "ECA", "half"])
    assert verb("cards") == (0, ["ECA", "ECA", "half"])
    assert read(file_of("half", tmp_path / "results"), ConstantGate).name == "ECA"


def test_files_are_named_after_the_module(tmp_path):
    assert file_of("My SE++", tmp_path) == tmp_path / "card_my_se_.json"


def test_a_stored_file_is_plain_json(quick, tmp_path):
    content = json.loads(write(quick, "eca", tmp_path / "card.json").read_text())
    assert content["stack"] == {"patterns": ["P1", "P2", "P3", "P4"], "channels": 24, "depth": 16, "reduction": 8}
    assert sorted(content["outcomes"]["keybar"]) == ["0", "1"]


def test_the_constant_gate_refuses_a_wrong_map():
    x = torch.rand(2, 3, 5, 5)
    assert torch.equal(ConstantGate(3)(x), x / 2)
    with pytest.raises(ValueError, match="x"):
        ConstantGate(4)(x)
    with pytest.raises(ValueError, match="channels"):
        ConstantGate(0)


def test_examples():
    result = doctest.testmod(sys.modules["seattn_course.lab.report_cards"])
    assert result.attempted > 0
    assert result.failed == 0
