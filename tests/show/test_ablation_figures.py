"""Figures of the lab: both languages, numbers in the descriptions, a table that fills."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.course.language import LANGUAGES, Catalogue
from seattn_course.lab.ablation import Results
from seattn_course.lab.configuration import Configuration, Outcome
from seattn_course.lab.data import keybar, marker
from seattn_course.lab.plans import PLANS
from seattn_course.show import Show

MODELS = {name: Configuration(attention=attention) for name, attention in (("plain", "none"), ("SE", "se"))}
ACCURACIES = {"plain": (55, 57, 56), "SE": (95, 99, 100)}


def results(cells=6):
    outcomes = {
        (model, seed): Outcome(
            ACCURACIES[model][seed] / 100, (1.0, 0.5), (0.3, 0.01 * ACCURACIES[model][seed]), size, 1.0
        )
        for seed in range(3)
        for model, size in (("plain", 4444), ("SE", 4786))
    }
    return Results(MODELS, (0, 1, 2), dict(list(outcomes.items())[:cells]))


GATES = torch.tensor([[0.1, 0.9], [0.3, 0.7], [0.8, 0.6]])
PICTURES = {
    "paired_differences": [results(), "plain"],
    "training_curves": [results()],
    "accuracy_against_cost": [results()],
    "made_images": [keybar(6, 0), "keybar"],
    "gates_by_class": [GATES, torch.tensor([0, 0, 1]), ["A", "B"]],
}
NUMBERS = {
    "paired_differences": ["SE: +42.0 [+37.0, +47.0]", "3"],
    "training_curves": ["56", "55", "57", "98", "95", "100"],
    "accuracy_against_cost": ["4444", "4786", "56.0 [53.5, 58.5]", "98.0"],
    "made_images": ["6", "°"],
    "gates_by_class": ["A 0.50", "B 0.70", "0.20", "0.80"],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("figure", sorted(PICTURES))
def test_lab_figure_draws_and_says_its_numbers(figure, language):
    picture = getattr(Show(language), figure)(*PICTURES[figure])
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000
    assert len(picture.png) < 100_000
    assert np.asarray(image.convert("L")).std() > 5, "an empty picture"
    missing = [number for number in NUMBERS[figure] if number not in picture.alt]
    assert not missing, (missing, picture.alt)


def test_models_of_the_course_have_names_in_both_languages():
    """Names that are formulas or proper names stay."""
    for language in LANGUAGES:
        words = Catalogue("seattn_course.show.labels", language)
        prefix, known = "ablation.models.", words.keys()
        named = {key.removeprefix(prefix) for key in known if key.startswith(prefix)}
        models = {model for plan in PLANS.values() for model in plan.models}
        assert named <= models
        assert {model for model in models - named if not model.startswith(("SE", "CBAM, C"))} == {
            "ECA", "CBAM", "T = 0.5", "T = 2", "hardsigmoid",
        }  # fmt: skip
    assert "yalın" in Show("tr").paired_differences(results(), "plain").alt


def test_a_cue_and_a_label_are_told():
    batch = marker(3, 2)
    alt = Show("en").made_images(batch, "marker").alt
    for cue, label in zip(batch.cue, batch.labels):
        assert f"{('left', 'middle', 'right')[cue]}: {(0, 45, 90, 135)[label]}°" in alt


def test_costs_of_your_own_have_an_axis():
    assert "µs" in Show("en").accuracy_against_cost(results(), {"plain": 10.0, "SE": 12.5}, "µs").alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_fills(language, monkeypatch):
    shown = []

    class Handle:
        def update(self, table):
            shown.append(table)

    def display(table, display_id):
        shown.append(table)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    watch = Show(language).ablation_table()
    for cells in (0, 3, 6):
        watch(results(cells))
    empty, half, full = map(repr, shown)
    assert (empty.count("…"), half.count("…"), full.count("…")) == (8, 3, 0)
    assert "98.0" in full
    assert "55.0" in half
    page = shown[1]._repr_html_()
    assert page.count("<tr>") == 3
    assert "<td>95.0</td>" in page


@pytest.mark.parametrize(
    ("figure", "arguments", "words"),
    [
        ("paired_differences", [results(), "ECA"], ["model", "'plain', 'SE'", "'ECA'"]),
        ("paired_differences", [Results({"plain": MODELS["plain"]}, (0,)), "plain"], ["results", "only 'plain'"]),
        ("training_curves", [results(), []], ["models", "1 to 6", "0"]),
        ("training_curves", [results(0), ["SE"]], ["models", "'SE'"]),
        ("accuracy_against_cost", [results(), {"SE": 1.0}, "µs"], ["costs", "'plain'"]),
        ("accuracy_against_cost", [results(), {"SE": 1.0, "plain": 2.0}], ["axis"]),
        ("made_images", [keybar(2, 0), "digits"], ["task", "'keybar', 'marker'", "'digits'"]),
        ("gates_by_class", [GATES[0], torch.tensor([0, 0]), ["A"]], ["gates", "(2,)"]),
        ("gates_by_class", [GATES, torch.tensor([0, 0, 2]), ["A", "B"]], ["groups", "['A', 'B']", "[0, 2]"]),
    ],
    ids=["baseline", "alone", "none", "unfinished", "costs", "axis", "task", "gates", "groups"],
)
def test_wrong_arguments_of_the_lab_figures(figure, arguments, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        getattr(Show("en"), figure)(*arguments)
    assert all(word in str(caught.value) for word in words), str(caught.value)
