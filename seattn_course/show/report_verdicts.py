"""The sentences of a report card: one verdict a part, in plain words, a null called a null."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seattn_course.lab.report_card import DEPTH, OWN, TASKS, Reading, ReportCard
from seattn_course.lab.statistics import Interval
from seattn_course.show.picture import labels

READ = 100 / 3 + 10  # percent: a cue decoded in more than this is called readable; chance is a third
APART = 20  # points between "follows" and "stays" for one of them to be the verdict
UNMOVED = 2  # percent of predictions that a gate may change and still be called without effect


def number(value: float, digits: int, language: str, sign: bool = False) -> str:
    """``value`` with the language's decimal mark; "-0.0" is 0.0."""
    text = f"{value:+z.{digits}f}" if sign else f"{value:z.{digits}f}"
    return text.replace(".", ",") if language == "tr" else text


def significant(value: float, language: str) -> str:
    """Two significant digits, whatever the size: 0.00012, 1.3, 4.2e+06."""
    text = f"{value:.2g}"
    return text.replace(".", ",") if language == "tr" else text


def bounds(found: Interval, language: str, sign: bool = False) -> str:
    """Its ends in brackets."""
    low, high = (number(value, 1, language, sign) for value in (found.lower, found.upper))
    return labels(language).text("card.range", low=low, high=high)


def verdicts(card: ReportCard, language: str) -> list[str]:
    """The card's sentences: accuracy on each task, cost, gate on each task, depth."""
    gate = (
        [_gate(card, task, language) for task in TASKS]
        if any(card.readings.values())
        else [_no_gate(card, language)]
    )
    return [
        *(_accuracy(card, task, language) for task in TASKS),
        _cost(card, language),
        *gate,
        _depth(card, language),
    ]


def _accuracy(card: ReportCard, task: str, language: str) -> str:
    text, results = labels(language).text, card.results[task]
    own = results.accuracies(OWN)
    mean = number(float(np.mean(list(own.values()))), 1, language)
    if not card.comparable:
        return text("card.verdict.trial", task=task, mean=mean)
    if len(own) == 1:
        wider = number(results.accuracies("plain, wider")[card.seeds[0]], 1, language)
        return text("card.verdict.one_seed", task=task, mean=mean, wider=wider)
    test = results.compare(OWN, "plain, wider")
    found = test.interval
    key, shown = "null", found
    if not found.contains(0):
        key = "better" if found.mean > 0 else "worse"
        if key == "worse":  # said without signs: "worse by 2 points [1, 3]"
            shown = replace(found, mean=-found.mean, lower=-found.upper, upper=-found.lower)
    return text(
        f"card.verdict.{key}",
        task=task,
        difference=number(shown.mean, 1, language, sign=key == "null"),
        range=bounds(shown, language, sign=key == "null"),
        seeds=test.n,
    )


def _cost(card: ReportCard, language: str) -> str:
    cost = card.cost
    return labels(language).text(
        "card.verdict.cost",
        parameters=cost.parameters,
        share=significant(100 * cost.parameters / cost.block_parameters, language),
        block=cost.block_parameters,
        latency=number(cost.latency, 2, language),
    )


def _no_gate(card: ReportCard, language: str) -> str:
    return labels(language).text(f"card.verdict.{card.gate}")


def _gate(card: ReportCard, task: str, language: str) -> str:
    text = labels(language).text
    mean = means(card.readings[task])
    shown = {name: number(value, 0, language) for name, value in mean.items()}
    first = text(f"card.verdict.{'read' if mean['decoded'] > READ else 'unread'}", task=task, **shown)
    if READ < mean["decoded"] < mean["untrained"] + 20:
        first = f"{first} {text('card.verdict.early')}"
    if "follow" not in mean:
        return f"{first} {text('card.verdict.no_swap')}"
    if mean["changed"] < UNMOVED:
        key = "nothing"
    elif abs(mean["follow"] - mean["stay"]) < APART:
        key = "neither"
    else:
        key = "follows" if mean["follow"] > mean["stay"] else "stays"
    return f"{first} {text(f'card.verdict.{key}', **shown)}"


def means(readings: Sequence[Reading]) -> dict[str, float]:
    """Means over the seeds in percent: decoded, untrained, and where gates were swapped what came of it."""
    found = {
        name: 100 * float(np.mean([getattr(each, name) for each in readings]))
        for name in ("decoded", "untrained")
    }
    swaps = [each.swap for each in readings if each.swap is not None]
    for name in ("follow", "stay", "changed", "mean_gate") if swaps else ():
        found[name] = 100 * float(np.nanmean([getattr(swap, name) for swap in swaps]))
    return found


def _depth(card: ReportCard, language: str) -> str:
    text = labels(language).text
    gradient = {name: math.exp(profile.gradient[:, 0].log().mean()) for name, profile in card.depth.items()}
    memory = {name: profile.memory[:, -1].mean().item() for name, profile in card.depth.items()}
    rows = "; ".join(
        f"{name} {significant(gradient[name], language)} (r² {number(memory[name], 2, language)})"
        for name in gradient
    )
    sentences = [text("card.verdict.depth", depth=DEPTH, gain=number(card.gain, 2, language), rows=rows)]
    groups = {
        "vanish": [name for name, value in gradient.items() if not value >= 0.01],
        "explode": [name for name, value in gradient.items() if value > 100],
        "forgets": [name for name, value in memory.items() if not value >= 0.01],
    }
    if not groups["vanish"] and not groups["explode"]:
        sentences.append(text("card.verdict.healthy"))
    sentences += [
        text(f"card.verdict.{key}", patterns=", ".join(names)) for key, names in groups.items() if names
    ]
    return " ".join(sentences)
