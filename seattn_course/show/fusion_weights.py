"""Options that learn, drawn: a fusion weight and the descriptor it makes; an option's values in training."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, Picture, blank, drawn, labels

OPTIONS = {"w": "linear", "T": "log", "alpha": "linear"}  # option: scale of its axis
TEMPERATURES = (0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8)  # ticks


def _paths(name: str, paths: ArrayLike) -> np.ndarray:
    values = np.atleast_2d(np.asarray(paths, dtype=float))
    if values.ndim != 2 or values.shape[1] < 2:
        raise ValueError(f"{name} must have shape (seeds, steps) with at least 2 steps, got {values.shape}")
    return values


def _end(values: np.ndarray) -> str:
    low, high = f"{values[:, -1].min():.2f}", f"{values[:, -1].max():.2f}"
    return low if low == high else f"{low} … {high}"


def _ends(values: np.ndarray) -> str:
    """Where each seed ends, in order: a range would hide that they fall into groups."""
    return ", ".join(dict.fromkeys(f"{value:.2f}" for value in np.sort(values[:, -1])))


@drawn
def option_paths(
    paths: Mapping[str, ArrayLike], option: str, reference: tuple[float, str] | None = None, *, language: str
) -> Picture:
    """An option's value at every training step: one colour per group, one thin line per seed.

    ``paths`` maps a group's name to values of shape (seeds, steps); ``option`` is "w", "T" or "alpha";
    ``reference`` draws one more value as a dashed line, with its name.
    """
    if option not in OPTIONS:
        raise ValueError(f"option must be one of {', '.join(OPTIONS)}, got {option!r}")
    if len(paths) > 4:
        raise ValueError(f"paths must hold at most 4 groups, got {len(paths)}")
    words = labels(language)
    figure = blank(6.6, 3.0)
    axes = figure.subplots()
    ends, single = [], True
    looks = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))
    for (group, values), (colour, style) in zip(paths.items(), looks):
        values = _paths(f"paths[{group!r}]", values)
        single = single and len(values) == 1
        for index, line in enumerate(values):
            axes.plot(line, color=colour, linestyle=style, linewidth=1.2, label=None if index else group)
        ends.append(words.text("learnable.end", group=group, start=f"{values[0, 0]:.2f}", end=_ends(values)))
    if reference is not None:
        axes.axhline(reference[0], color=GREY, linestyle=(0, (4, 3)), linewidth=1)
        axes.annotate(reference[1], (0.995, reference[0]), xycoords=("axes fraction", "data"), xytext=(0, 3),
                      textcoords="offset points", ha="right", color=GREY, fontsize=9)  # fmt: skip
        ends.append(f"{reference[1]}: {reference[0]:.3f}")
    axes.set_yscale(OPTIONS[option])
    if option == "T":
        low, high = axes.get_ylim()
        axes.set_yticks([tick for tick in TEMPERATURES if low <= tick <= high])
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
    axes.set_xlabel(words.text("learnable.step"))
    axes.set_ylabel(words.text(f"learnable.{option}"))
    axes.legend(loc="best")
    key = "learnable.alt_path" if single else "learnable.alt_paths"
    alt = words.text(key, option=words.text(f"learnable.{option}"), ends="; ".join(ends))
    return Picture(figure, alt, language)


def _separation(z: np.ndarray, marked: np.ndarray) -> float:
    """How far apart two groups of descriptors lie, in standard deviations (d' of signal detection)."""
    spread = np.sqrt((z[marked].var() + z[~marked].var()) / 2)
    return float(abs(z[marked].mean() - z[~marked].mean()) / spread)


@drawn
def fusion_at(
    avg: ArrayLike, maximum: ArrayLike, marked: ArrayLike, paths: ArrayLike, weight: float, *, language: str
) -> Picture:
    """What a fusion weight makes of two squeezes, beside the weights that training chose.

    Left: the weight of the maximum in training, ``paths`` (seeds, steps), and ``weight`` as a line across.
    Right: z = (1 - weight) * avg + weight * maximum, for channels with and without the cue (``marked``).
    ``avg``, ``maximum`` and ``marked`` have one shape.
    """
    words = labels(language)
    avg, maximum = (np.asarray(values, dtype=float).ravel() for values in (avg, maximum))
    marked = np.asarray(marked, dtype=bool).ravel()
    if not avg.shape == maximum.shape == marked.shape:
        raise ValueError(
            f"avg, maximum and marked must have one shape, got {avg.shape}, {maximum.shape} and {marked.shape}"
        )
    if not 0 <= weight <= 1:
        raise ValueError(f"weight must be 0 to 1, got {weight}")
    values = _paths("paths", paths)
    z = (1 - weight) * avg + weight * maximum
    figure = blank(8.6, 2.9)
    left, right = figure.subplots(1, 2)
    for line in values:
        left.plot(line, color=BLUE, linewidth=1)
    left.axhline(weight, color=ORANGE, linewidth=2, linestyle="--")
    left.set_ylim(-0.03, 1.03)
    left.set_xlabel(words.text("learnable.step"))
    left.set_ylabel(words.text("learnable.w"))
    left.set_title(words.text("learnable.chosen", weight=f"{weight:.2f}"))
    edges = np.linspace(z.min(), z.max(), 41)
    right.hist(z[~marked], edges, density=True, color=GREY, alpha=0.6, label=words.text("learnable.unmarked"))
    right.hist(z[marked], edges, density=True, histtype="step", linewidth=2, color=ORANGE,
               label=words.text("learnable.marked"))  # fmt: skip
    right.set_yticks([])
    right.set_xlabel(words.text("learnable.descriptor"))
    right.legend(fontsize=9, loc="upper left")
    distance = f"{_separation(z, marked):.1f}"
    right.set_title(words.text("learnable.separation", distance=distance))
    right.margins(y=0.35)
    alt = words.text(
        "learnable.alt_fusion", weight=f"{weight:.2f}", distance=distance, end=_end(values),
        without=f"{z[~marked].mean():.2f}", within=f"{z[marked].mean():.2f}",
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=85)


def fusion_explorer(
    descriptors: Mapping[str, Sequence[ArrayLike]], paths: Mapping[str, ArrayLike], *, language: str
) -> Explorer:
    """``fusion_at`` with a choice of task and a slider for the weight of the maximum.

    ``descriptors`` maps a task's name to (avg, maximum, marked), ``paths`` the same names to (seeds, steps).
    """
    import ipywidgets

    if descriptors.keys() != paths.keys():
        raise ValueError(f"paths must have the keys {list(descriptors)}, got {list(paths)}")
    words = labels(language)
    controls = {
        "task": ipywidgets.ToggleButtons(options=list(descriptors), description=words.text("learnable.task")),
        "weight": ipywidgets.FloatSlider(0.5, min=0.0, max=1.0, step=0.05, description=words.text("learnable.w")),
    }

    def draw(task: str, weight: float) -> Picture:
        return fusion_at(*descriptors[task], paths[task], weight, language=language)

    return Explorer(draw, controls, language)


@drawn
def checklist_dots(results: Mapping[str, ArrayLike], reference: bool = True, *, language: str) -> Picture:
    """A row per setting, a dot per seed: share of right answers.

    With ``reference`` the first row is the one to compare with: grey, its mean a dashed line through all rows.
    """
    words = labels(language)
    figure = blank(7.4, 0.9 + 0.2 * reference + 0.32 * len(results))
    axes = figure.subplots()
    lines = []
    for row, (name, shares) in enumerate(results.items()):
        shares = np.asarray(shares, dtype=float)
        if shares.ndim != 1 or not len(shares) or shares.min() < 0 or shares.max() > 1:
            raise ValueError(f"results[{name!r}] must be a list of shares from 0 to 1, got {shares.tolist()}")
        colour = GREY if reference and not row else BLUE
        axes.plot(shares, np.full(len(shares), row), "o", color=colour, alpha=0.6, markersize=6)
        axes.plot(shares.mean(), row, "|", color=ORANGE, markersize=18, markeredgewidth=2.5)
        lines.append(f"{name}: {shares.mean():.3f} ({shares.min():.2f} … {shares.max():.2f})")
        if reference and not row:
            axes.axvline(shares.mean(), color=GREY, linewidth=1, linestyle="--")
    axes.set_yticks(range(len(results)), list(results))
    axes.set_ylim(len(results) - 0.4, -0.6)  # the first row on top, and room around the outer ones
    axes.grid(axis="y", linewidth=0.3)
    axes.set_xlabel(words.text("learnable.right_reference" if reference else "learnable.right"))
    return Picture(figure, words.text("learnable.alt_checklist", rows="; ".join(lines)), language)
