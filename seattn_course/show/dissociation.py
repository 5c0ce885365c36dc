"""Two ablations side by side: which module solves which of two tasks."""

from collections.abc import Mapping

import numpy as np

from seattn_course.lab.ablation import Results
from seattn_course.show.ablation import model_name
from seattn_course.show.picture import BLUE, GREY, ORANGE, Picture, blank, drawn, labels


@drawn
def dissociation(results: Mapping[str, Results], guesser: float, *, language: str) -> Picture:
    """Right answers in percent: a panel a task, a row a model, a dot a seed; a dashed line for a guesser.

    results: by task, with the same models. guesser: percent of right answers without the cue, 0 to 100.
    """
    models = list(next(iter(results.values())).models)
    for task, found in results.items():
        if list(found.models) != models:
            raise ValueError(f"results[{task!r}] must have the models {models}, got {list(found.models)}")
    if not 0 <= guesser <= 100:
        raise ValueError(f"guesser must be 0 to 100, got {guesser!r}")
    words = labels(language)
    names = [model_name(model, words) for model in models]
    figure = blank(4.1 * len(results), 0.36 * len(models) + 1.1)
    panels = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    said = []
    for axes, (task, found), colour, marker in zip(panels, results.items(), (BLUE, ORANGE), "os"):
        axes.axvline(guesser, color=GREY, linestyle="--", linewidth=1)
        means = []
        for place, model in enumerate(models):
            values = list(found.accuracies(model).values())
            means.append(np.mean(values))
            axes.plot(values, [place] * len(values), marker, color=colour, alpha=0.6, markersize=6)
            axes.plot(means[-1], place, "|", color="black", markersize=15, markeredgewidth=2)
        axes.set_yticks(range(len(models)), names)
        axes.grid(axis="y", color=GREY, alpha=0.2)
        axes.set_xlim(45, 102)
        axes.set_title(task)
        axes.set_xlabel(words.text("dissociation.right"))
        said.append(f"{task}: " + ", ".join(f"{name} {mean:.1f}" for name, mean in zip(names, means)))
    panels[0].invert_yaxis()
    alt = words.text("dissociation.alt", means=". ".join(said), guesser=f"{guesser:.2f}")
    return Picture(figure, alt, language, dpi=90)
