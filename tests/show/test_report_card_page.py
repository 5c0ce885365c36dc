"""The page of a report card: whole in one file, in both languages, verdicts that follow the numbers."""

import functools
import io
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.course.command import main
from seattn_course.course.language import LANGUAGES
from seattn_course.lab import card_command, plans
from seattn_course.lab.ablation import Results
from seattn_course.lab.configuration import Configuration
from seattn_course.lab.depth import DepthProfile
from seattn_course.lab.readability import Swap
from seattn_course.lab.report_card import BASELINES, DEPTH, OWN, TASKS, Cost, Reading, ReportCard, report_card
from seattn_course.show import Show
from seattn_course.show.report_verdicts import verdicts

PROFILE = DepthProfile(*(torch.linspace(1.0, 0.5, DEPTH + 1).expand(3, -1) for _ in range(4)))


def card(like="SE", gate="product", seeds=3, swap=(0.8, 0.1, 0.7), decoded=0.9, untrained=0.35, **fields):
    """A module that does exactly as a stored model did."""
    results = {}
    for task in TASKS:
        stored = plans.stored(task)
        outcomes = {cell: outcome for cell, outcome in stored.outcomes.items() if cell[0] in BASELINES}
        outcomes |= {(OWN, seed): stored.outcomes[like, seed] for seed in range(seeds)}
        models = {OWN: Configuration(task, attention=OWN, source=OWN)} | {
            model: stored.models[model] for model in BASELINES
        }
        results[task] = Results(models, stored.seeds, outcomes)
    swapped = None if swap is None else Swap(*swap, mean_gate=0.5, images=100)
    readings = (Reading(decoded, untrained, swapped),) * seeds if gate in ("product", "factor") else ()
    made = ReportCard(
        name="Mine & <more>",
        seeds=tuple(range(seeds)),
        results=results,
        gate=gate,
        readings=dict.fromkeys(TASKS, readings),
        cost=Cost(64, 32, 1096, 1024, 131072, 73984, 75497472, 1.25),
        gain=0.5,
        depth=dict.fromkeys(("P1", "P2", "P3", "P4"), PROFILE),
        comparable=True,
    )
    return replace(made, **fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole(language, tmp_path):
    page = Show(language).report_card(card())
    image = Image.open(io.BytesIO(page.png))
    assert image.width <= 1000
    assert np.asarray(image.convert("L")).std() > 5
    written, png = page.save(tmp_path / "new", "mine")
    text = written.read_text(encoding="utf-8")
    assert png.read_bytes() == page.png
    assert f'<html lang="{language}">' in text
    assert re.search(r'<img alt="[^"]{200,}" src="data:image/png;base64,', text)
    assert "Mine &amp; &lt;more&gt;" in text
    assert not re.search(r"https?://|<script|<more>|\{\w*\}", text), "nothing from elsewhere, nothing unfilled"
    assert text.count("<table>") == 2
    mark = {"en": "95.1", "tr": "95,1"}[language]
    assert mark in text
    assert mark in page.alt


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ["keybar: better than the wider plain", "marker: no difference found", "does not prove", "[-"]),
        ({"like": "plain"}, ["keybar: no difference found"]),
        ({"like": "CBAM"}, ["marker: better than"]),
        ({"seeds": 1}, ["no verdict"]),
        ({"comparable": False}, ["A trial"]),
        ({}, ["the gate tells the cue in 90 %", "the gate decides what is read"]),
        ({"untrained": 0.85}, ["stood there before training"]),
        ({"swap": (0.1, 0.8, 0.2)}, ["stays with its own cue in 80 %"]),
        ({"swap": (0.4, 0.5, 0.2)}, ["neither cue decides"]),
        ({"swap": (0.1, 0.9, 0.0), "decoded": 0.33}, ["cannot be read from the gate: 33 %", "it decides nothing"]),
        ({"gate": "factor", "swap": None}, ["not x · gate(x)"]),
        ({"gate": "absent"}, ["has no gate(x)"]),
        ({"gate": "unusable"}, ["does not return one factor"]),
        ({}, ["1096 parameters (1.5 % of the block's 73984)", "1.25 times", "No pattern starts with a vanishing"]),
    ],
    ids=["se", "plain", "cbam", "one_seed", "trial", "follows", "early", "stays", "neither", "idle", "factor",
         "absent", "unusable", "cost"],
)  # fmt: skip
def test_verdicts(fields, words):
    alt = " ".join(verdicts(card(**fields), "en"))
    missing = [word for word in words if word not in alt]
    assert not missing, (missing, alt)


def test_a_module_of_a_stored_name_is_told_apart():
    assert "CBAM, here 86" in Show("en").report_card(card(like="CBAM", name="CBAM", seeds=10)).alt


def test_worse_is_said_without_signs():
    made = card(like="SE")
    worse = {}
    for task, results in made.results.items():
        outcomes = dict(results.outcomes)
        for seed, accuracy in enumerate((0.30, 0.31, 0.29)):
            outcomes[OWN, seed] = replace(outcomes[OWN, seed], accuracy=accuracy)
        worse[task] = replace(results, outcomes=outcomes)
    alt = " ".join(verdicts(replace(made, results=worse), "en"))
    found = re.search(r"keybar: worse than the wider plain network by (\S+) points \[(\S+), (\S+)\]", alt)
    mean, low, high = map(float, found.groups())
    assert 0 < low < mean < high


def test_depth_that_goes_wrong_is_named():
    gone = replace(PROFILE, gradient=PROFILE.gradient * 1e-4, memory=PROFILE.memory * 1e-4)
    wild = replace(PROFILE, gradient=PROFILE.gradient * 1e4)
    made = card(depth={"P1": PROFILE, "P2": gone, "P3": wild, "P4": PROFILE})
    alt = " ".join(verdicts(made, "en"))
    assert "vanishes (below 0.01) in P2." in alt
    assert "explodes (above 100) in P3." in alt
    assert "forgotten (r² below 0.01) in P2." in alt


MINE = """
from torch import nn

class Mine(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Conv2d(channels, channels, 1)

    def gate(self, x):
        return self.weight(x.mean((2, 3), keepdim=True)).sigmoid()

    def forward(self, x):
        return x * self.gate(x)
"""


def test_the_command_writes_both_files(tmp_path, capsys, monkeypatch):
    small = functools.partial(report_card, test=60, progress=False)
    monkeypatch.setattr(card_command, "report_card", small)
    (tmp_path / "mine.py").write_text(MINE)
    command = ["report-card", f"{tmp_path}/mine.py:Mine", "--seeds", "1", "--steps", "2"]
    assert main([*command, "--out", str(tmp_path / "card"), "--language", "tr"]) == 0
    assert sorted(file.name for file in (tmp_path / "card").iterdir()) == [
        "report_card_Mine.html",
        "report_card_Mine.png",
    ]
    assert "Mine için karne" in capsys.readouterr().out


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    assert main(["report-card", "nothing"]) == 2
    assert "path.py:Name" in capsys.readouterr().err
    assert main(["report-card", "se", "--seeds", "0"]) == 2
    assert "seeds must be" in capsys.readouterr().err


def test_cards_side_by_side():
    cards = [card(name="Mine"), card(name="Other", gate="absent", swap=None)]
    for language in LANGUAGES:
        picture = Show(language).report_cards(cards)
        image = Image.open(io.BytesIO(picture.png))
        assert image.width <= 1000
        assert len(picture.png) < 60_000
    alt = Show("en").report_cards(cards).alt
    mean = np.mean(list(cards[0].results["keybar"].accuracies(OWN).values()))
    assert f"Mine: keybar {mean:.1f}, marker" in alt
    assert "before training 35" in alt
    assert "changed by a donor's gate 70" in alt
    assert "Other: keybar" in alt
    assert alt.count("no gate that can be read") == 1
    assert "P1 1, P2 1" in alt


@pytest.mark.parametrize("count", [0, 7])
def test_too_few_and_too_many_cards(count):
    with pytest.raises(ValueError, match=f"cards must be 1 to 6 report cards, got {count}"):
        Show("en").report_cards([card()] * count)
