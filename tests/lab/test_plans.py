"""The stored ablations are those of today's plans, show what the lesson says, and can be made anew."""

import argparse
import os
import signal

import pytest

from seattn_course.lab import plans, recompute
from seattn_course.lab.configuration import Configuration, train
from seattn_course.lab.plans import PLANS, Plan, stored
from seattn_course.lab.statistics import verdict
from seattn_course.lab.training import Settings

SHORT = {"settings": Settings(steps=3), "batch": 8, "width": 8, "test": 50}
TINY = Plan(
    "Does it run?",
    {"plain": Configuration(**SHORT), "SE": Configuration(attention="se", **SHORT)},
    (0, 1),
    "plain",
)


@pytest.mark.parametrize("name", PLANS)
def test_stored_results_are_of_this_plan(name):
    results = stored(name)
    assert results.finished
    assert results.seeds == PLANS[name].seeds
    assert PLANS[name].baseline in results.models
    assert all(len(outcome.loss) == 25 for outcome in results.outcomes.values())


def test_se_chooses_channels_and_spatial_attention_places():
    """SE is above plain by more than 20 points on keybar and within 3 on marker; spatial the other way round."""
    keybar, marker = stored("keybar"), stored("marker")
    assert keybar.compare("SE", "plain").interval.lower > 20
    assert abs(marker.compare("SE", "plain").mean) < 3
    assert marker.compare("spatial", "plain").interval.lower > 20
    assert keybar.compare("spatial", "plain").mean < keybar.compare("SE", "plain").mean - 10


def test_neither_width_nor_a_fixed_scale_explains_it():
    for name in ("keybar", "marker"):
        for control in ("plain, wider", "fixed scale"):
            assert abs(stored(name).compare(control, "plain").mean) < 3
            assert abs(stored(name).interval(control).mean - 56.25) < 3  # the guess without the cue: 9/16


def said(name, model, other):
    return verdict(stored(name).compare(model, other).interval, PLANS[name].worth)


def test_spatial_attention_gains_on_keybar_by_what_its_kernel_sees():
    """A 7x7 kernel sees the whole map; a smaller one gains nothing, and more steps help."""
    assert said("spatial", "spatial, k = 1", "plain") == said("spatial", "spatial, k = 3", "plain") == "none"
    assert said("spatial", "spatial, 500 steps", "plain, 500 steps") == "better"
    moved = [gain > 5 for gain in stored("spatial").compare("spatial, k = 7", "plain").differences]
    assert sum(moved) == 4


def test_what_lesson_14_says_of_the_later_plans():
    for task in ("keybar", "marker"):
        assert said(f"order_{task}", "coordinate", "plain") == "better"
    for model in ("SE", "CBAM", "coordinate"):
        assert said("places", f"{model}, last", f"{model}, all") == "worse"
    for width in (24, 48):
        assert said("width", f"SE, C = {width}", f"plain, C = {width}") == "better"
    assert {said("reduction", *pair) for pair in PLANS["reduction"].comparisons()} == {"open"}
    assert min(stored("patterns").accuracies("P2, 2").values()) > 99
    assert sum(accuracy < 82 for accuracy in stored("patterns").accuracies("P1, 2").values()) == 2


def test_networks_that_stand_in_two_plans_have_the_same_runs():
    runs = {}
    for name in PLANS:
        results = stored(name)
        for (model, seed), outcome in results.outcomes.items():
            other = runs.setdefault(results.models[model].key(seed), outcome.numbers())
            assert other == outcome.numbers(), (name, model, seed)


@pytest.mark.slow
def test_a_stored_run_comes_out_the_same_today():
    """Other processors round otherwise, and runs drift apart; ECA and plain have left the steep part by then."""
    for model in ("ECA", "plain"):
        results = stored("keybar")
        today = train(PLANS["keybar"].models[model], 0)
        assert today.parameters == results.outcomes[model, 0].parameters
        assert 100 * today.accuracy == pytest.approx(results.accuracies(model)[0], abs=4)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """One short plan in place of the course's; calls the verb in an empty folder and returns its exit status."""
    monkeypatch.setitem(PLANS, "tiny", TINY)
    monkeypatch.chdir(tmp_path)

    def call(*words):
        parser = argparse.ArgumentParser()
        recompute.add_arguments(parser)
        return recompute.run(parser.parse_args([*words, "--workers", "1", "--results", "results"]))

    return call


def test_the_verb_makes_and_writes_results(tiny, tmp_path, capsys, monkeypatch):
    assert tiny("tiny") == 0
    shown = capsys.readouterr().out
    assert "tiny: Does it run?" in shown
    assert "SE - plain" in shown
    assert "worth a difference: 5 points" in shown
    assert "mean [95 %]" in shown
    monkeypatch.setattr(plans.resources, "files", lambda package: tmp_path)
    first = stored("tiny")
    assert first.finished
    assert first.outcomes["SE", 1].accuracy == train(TINY.models["SE"], 1).accuracy
    before = (tmp_path / "results" / "tiny.json").read_text()
    assert tiny("tiny") == 0
    assert (tmp_path / "results" / "tiny.json").read_text() == before  # seconds and all: nothing was run again
    assert tiny("tiny", "--anew") == 0
    assert stored("tiny").only([0]).accuracies("SE") == first.only([0]).accuracies("SE")


def test_stored_results_of_another_plan_are_refused(tiny, tmp_path, monkeypatch):
    assert tiny("tiny") == 0
    monkeypatch.setattr(plans.resources, "files", lambda package: tmp_path)
    monkeypatch.setitem(PLANS, "tiny", Plan("Does it run?", TINY.models, (0, 2), "plain"))
    with pytest.raises(ValueError, match="stored results are current, got 'tiny': run make ablation"):
        stored("tiny")
    with pytest.raises(ValueError, match="name must be one of 'keybar'"):
        stored("keybars")


def test_the_verb_knows_its_plans(tiny, capsys):
    assert tiny("tiny", "large") == 2
    assert "no plan 'large'; there are keybar" in capsys.readouterr().err


def test_ctrl_c_keeps_what_is_finished(tiny, capsys, monkeypatch):
    def show(self, results):
        if len(results.outcomes) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(recompute._Screen, "show", show)
    assert tiny("tiny") == 1
    assert "of 4 runs are kept; the same command goes on" in capsys.readouterr().out


def test_a_terminal_sees_the_table_fill(tiny, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert tiny("tiny") == 0
    shown = capsys.readouterr().out
    assert shown.count("\x1b[3F") == 4  # drawn over after each of four runs
    assert "..." in shown.split("\x1b[3F")[0]
    assert "..." not in shown.split("\x1b[3F")[-1]
