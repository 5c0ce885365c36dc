"""An ablation drawn: its table while it fills, paired differences, training curves, accuracy against cost."""

import html
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from seattn_course.course.language import Catalogue
from seattn_course.lab.ablation import Results
from seattn_course.lab.statistics import interval
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, Picture, blank, drawn, labels

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED, SKY)


def ablation_table(*, language: str) -> Callable[[Results], None]:
    """What ``ablation(..., watch=...)`` takes to show its table in the notebook, filling run by run."""
    words = labels(language)
    handle = None

    def show(results: Results) -> None:
        nonlocal handle
        from IPython.display import display

        table = _Table(results, words)
        if handle is None:
            handle = display(table, display_id=True)
        else:
            handle.update(table)

    return show


class _Table:
    """The table as HTML and as text: accuracies in percent by model and seed."""

    def __init__(self, results: Results, words: Catalogue):
        self.head = [words.text("ablation.model"), *map(str, results.seeds), words.text("ablation.mean")]
        self.caption = words.text("ablation.progress", done=len(results.outcomes), total=results.total)
        self.rows = []
        for model in results.models:
            found = results.accuracies(model)
            cells = [f"{found[seed]:.1f}" if seed in found else "…" for seed in results.seeds]
            mean = f"{np.mean(list(found.values())):.1f}" if found else "…"
            self.rows.append([model_name(model, words), *cells, mean])

    def __repr__(self) -> str:
        width = max(len(row[0]) for row in [self.head, *self.rows])
        lines = (
            row[0].ljust(width) + "".join(f"{cell:>9}" for cell in row[1:]) for row in [self.head, *self.rows]
        )
        return "\n".join([self.caption, *lines])

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(line(row, "td") for row in self.rows)
        head = line(self.head, "th")
        return f"<table><caption>{html.escape(self.caption)}</caption>{head}{body}</table>"


def model_name(model: str, words: Catalogue) -> str:
    """The model's name in the notebook's language, where the course gave it; otherwise as it is."""
    key = f"ablation.models.{model}"
    return words.text(key) if key in words else model


@drawn
def paired_differences(results: Results, baseline: str, *, language: str) -> Picture:
    """Each model minus ``baseline`` in percentage points: a dot a seed, the mean, and its 95 % interval.

    An interval that holds 0 is orange.
    """
    tests = {model: results.compare(model, baseline) for model in results.models if model != baseline}
    if not tests:
        raise ValueError(f"results must hold a model beside the baseline, got only {baseline!r}")
    words = labels(language)
    figure = blank(7.6, 0.9 + 0.42 * len(tests))
    axes = figure.subplots()
    axes.axvline(0, color=GREY, linewidth=1)
    texts = []
    for row, (model, test) in enumerate(tests.items()):
        spread = row + np.linspace(-0.16, 0.16, test.n)
        axes.scatter(test.differences, spread, color=SKY, s=18, linewidths=0, zorder=2)
        low, high = test.interval.lower, test.interval.upper
        axes.plot([low, high], [row, row], color=RED if low <= 0 <= high else BLUE, linewidth=2.5, zorder=3)
        axes.scatter([test.mean], [row], color="black", marker="D", s=26, zorder=4)
        axes.annotate(
            f"{test.mean:+z.1f}", (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=9,
            annotation_clip=False,
        )  # fmt: skip
        texts.append(f"{model_name(model, words)}: {test.mean:+z.1f} [{low:+z.1f}, {high:+z.1f}]")
    axes.set_yticks(range(len(tests)), [model_name(model, words) for model in tests])
    axes.invert_yaxis()
    axes.set_xlabel(words.text("ablation.difference", baseline=model_name(baseline, words)))
    alt = words.text(
        "ablation.alt_paired",
        baseline=model_name(baseline, words),
        seeds=len(results.seeds),
        rows="; ".join(texts),
    )
    return Picture(figure, alt, language, dpi=90)


@drawn
def training_curves(
    results: Results, models: Sequence[str] | None = None, steps: int | None = None, *, language: str
) -> Picture:
    """Training accuracy over the run: the mean over the seeds, and the band from the worst seed to the best.

    models: up to six of them, all that there are by default. steps: of the run, taken from the first model by
    default.
    """
    chosen = list(results.models) if models is None else list(models)
    if not 1 <= len(chosen) <= len(COLOURS):
        raise ValueError(f"models must be 1 to {len(COLOURS)} names, got {len(chosen)}")
    words = labels(language)
    figure = blank(7.6, 3.4)
    axes = figure.subplots()
    texts = []
    for model, colour in zip(chosen, COLOURS):
        curves = 100 * np.array(list(results.curves(model).values()))  # (seeds, points)
        if not curves.size:
            raise ValueError(f"models must have at least one finished run, got {model!r} without")
        length = results.models[model].settings.steps if steps is None else steps
        x = (np.arange(curves.shape[1]) + 0.5) * length / curves.shape[1]
        axes.fill_between(x, curves.min(0), curves.max(0), color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, curves.mean(0), color=colour, linewidth=2, label=model_name(model, words))
        last = curves[:, -1]
        name, low, high = model_name(model, words), f"{last.min():.0f}", f"{last.max():.0f}"
        texts.append(words.text("ablation.end", model=name, mean=f"{last.mean():.0f}", low=low, high=high))
    axes.set_xlabel(words.text("ablation.step"))
    axes.set_ylabel(words.text("ablation.training"))
    axes.set_ylim(0, 105)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    alt = words.text("ablation.alt_curves", seeds=len(results.seeds), rows="; ".join(texts))
    return Picture(figure, alt, language, dpi=90)


@drawn
def accuracy_against_cost(
    results: Results, costs: Mapping[str, float] | None = None, axis: str | None = None, *, language: str
) -> Picture:
    """Accuracy in percent, mean and 95 % interval over the seeds, beside what each model costs.

    costs: a number for each model, in any unit, with its label ``axis``; trained parameters by default.
    """
    words = labels(language)
    if costs is None:
        costs = {model: outcome.parameters for (model, _), outcome in results.outcomes.items()}
        axis = words.text("axis.parameters")
    if missing := [model for model in results.models if model not in costs]:
        raise ValueError(f"costs must hold a number for each model, got none for {', '.join(map(repr, missing))}")
    if axis is None:
        raise ValueError("axis must say what the costs are, got None")
    figure = blank(7.6, 3.8)
    axes = figure.subplots()
    texts = []
    markers = "osD^vP*X"
    for index, model in enumerate(results.models):
        found = interval(list(results.accuracies(model).values()))
        name, colour = model_name(model, words), COLOURS[index % len(COLOURS)]
        axes.errorbar(
            costs[model], found.mean, [[found.mean - found.lower], [found.upper - found.mean]], color=colour,
            marker=markers[index % len(markers)], markersize=7, capsize=3, linewidth=1.2, label=name,
        )  # fmt: skip
        texts.append(f"{name}: {costs[model]:g}, {found.mean:.1f} [{found.lower:.1f}, {found.upper:.1f}]")
    axes.set_xlabel(axis)
    axes.set_ylabel(words.text("ablation.accuracy"))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    alt = words.text("ablation.alt_cost", axis=axis, seeds=len(results.seeds), rows="; ".join(texts))
    return Picture(figure, alt, language, dpi=90)
