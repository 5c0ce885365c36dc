"""Several report cards side by side, one row each: what a reader compares before opening a whole page."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from seattn_course.course.language import Catalogue
from seattn_course.lab.depth_laws import PATTERNS
from seattn_course.lab.report_card import OWN, TASKS, ReportCard
from seattn_course.show.picture import BLUE, GREY, ORANGE, SKY, Picture, blank, drawn, labels
from seattn_course.show.report_card import COLOURS, GUESS
from seattn_course.show.report_verdicts import means, number, significant

GATE = ("untrained", "decoded", "follow", "changed")
MOST = 6


@drawn
def report_cards(cards: Sequence[ReportCard], *, language: str) -> Picture:
    """A row for each card, up to six: accuracy on both tasks, the gate on keybar, the gradient by pattern.

    ValueError for no card, and for more than six.
    """
    cards = list(cards)
    if not 1 <= len(cards) <= MOST:
        raise ValueError(f"cards must be 1 to {MOST} report cards, got {len(cards)}")
    words = labels(language)
    figure = blank(8.6, 0.8 + 1.05 * len(cards))
    panels = figure.subplots(len(cards), 3, squeeze=False, sharex="col", width_ratios=(3, 3, 1.8))
    texts = []
    for row, card in zip(panels, cards):
        row[0].set_ylabel(card.name, fontweight="bold", fontsize=9)
        said = [_accuracies(row[0], card, language), _gate(row[1], card, words), _gradient(row[2], card, language)]
        texts.append(f"{card.name}: {'; '.join(said)}.")
    for axes, key in zip(panels[0], ("accuracy", "gate", "gradient")):
        axes.set_title(words.text(f"cards.{key}"), fontsize=9)
    return Picture(figure, words.text("cards.alt", rows=" ".join(texts)), language, dpi=90)


def _accuracies(axes: Axes, card: ReportCard, language: str) -> str:
    """Dots for the seeds, a diamond for the mean, on both tasks."""
    axes.axvline(GUESS, color=GREY, linewidth=1, linestyle="--")
    told = []
    for place, (task, colour) in enumerate(zip(TASKS, (BLUE, ORANGE))):
        values = list(card.results[task].accuracies(OWN).values())
        axes.scatter(values, place + np.linspace(-0.2, 0.2, len(values)), color=SKY, s=9, linewidths=0)
        mean = float(np.mean(values))
        axes.scatter([mean], [place], color=colour, marker="D", s=30, edgecolor="black", zorder=3)
        shown = number(mean, 1, language)
        axes.text(1.02, place, shown, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        told.append(f"{task} {shown}")
    axes.set_xlim(50, 102)
    axes.set_ylim(1.6, -0.6)
    axes.set_yticks(range(len(TASKS)), TASKS, fontsize=8)
    return ", ".join(told)


def _gate(axes: Axes, card: ReportCard, words: Catalogue) -> str:
    """Bars in percent; those that a card has not are left out."""
    found = means(card.readings["keybar"]) if card.readings["keybar"] else {}
    axes.axvline(100 / 3, color=GREY, linewidth=1, linestyle="--")
    told = []
    for place, key in enumerate(GATE):
        if key in found:
            axes.barh(place, found[key], height=0.7, color=SKY if key == "untrained" else BLUE)
            axes.text(found[key] + 2, place, f"{found[key]:.0f}", va="center", fontsize=8)
            told.append(f"{words.text(f'cards.{key}')} {found[key]:.0f}")
    axes.set_xlim(0, 115)
    axes.set_ylim(len(GATE) - 0.4, -0.6)
    axes.set_yticks(range(len(GATE)), [words.text(f"cards.{key}") for key in GATE], fontsize=8)
    return ", ".join(told) or words.text("cards.no_gate")


def _gradient(axes: Axes, card: ReportCard, language: str) -> str:
    """Gradient at the input over that at the end for each pattern, from 1 on, on a logarithmic axis."""
    axes.axvline(1, color=GREY, linewidth=1, linestyle="--")
    told = []
    for place, pattern in enumerate(PATTERNS):
        value = math.exp(card.depth[pattern].gradient[:, 0].log().mean())
        axes.plot([1, value], [place, place], color=COLOURS[pattern], linewidth=2.5)
        axes.scatter([value], [place], color=COLOURS[pattern], s=26, zorder=3)
        shown = significant(value, language)
        axes.text(1.02, place, shown, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        told.append(f"{pattern} {shown}")
    axes.set_xscale("log")
    axes.tick_params(axis="x", which="both", bottom=False, labelbottom=False)  # the values stand beside the dots
    axes.set_ylim(len(PATTERNS) - 0.4, -0.6)
    axes.set_yticks(range(len(PATTERNS)), PATTERNS, fontsize=8)
    return ", ".join(told)
