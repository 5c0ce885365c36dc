"""Two made tasks, of channels and of places: what their images look like, and which module solves which."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from seattn_course.show.picture import BLUE, GREY, ORANGE, Picture, blank, drawn, labels


@drawn
def task_images(
    images: Mapping[str, ArrayLike], captions: Mapping[str, Sequence[str]], *, language: str
) -> Picture:
    """One row of images for each task, each with its caption: where the label is to be read, and what it is.

    images: by task, (n, 3, H, W), grey is 0 and values lie in about [-1, 1]. captions: by task, n of them.
    """
    rows = {name: np.asarray(values, dtype=float) for name, values in images.items()}
    for name, values in rows.items():
        if values.ndim != 4 or values.shape[1] != 3 or len(values) != len(captions.get(name, ())):
            raise ValueError(
                f"images[{name!r}] must have shape (n, 3, H, W) with n captions, "
                f"got {values.shape} and {len(captions.get(name, ()))} captions"
            )
    words = labels(language)
    columns = max(map(len, rows.values()))
    figure = blank(1.75 * columns + 0.6, 2.1 * len(rows))
    grid = figure.subplots(len(rows), columns, squeeze=False)
    said = []
    for line, (name, values) in zip(grid, rows.items()):
        for axes in line:
            axes.set_axis_off()
        for axes, image, caption in zip(line, values, captions[name]):
            axes.set_axis_on()
            axes.imshow(((np.moveaxis(image, 0, -1) + 1) / 2).clip(0, 1), interpolation="nearest")
            axes.set_title(caption, fontsize=9, loc="center")
            axes.set_xticks([])
            axes.set_yticks([])
        line[0].set_ylabel(name)
        said.append(f"{name}: " + "; ".join(captions[name]))
    return Picture(figure, words.text("tasks.alt_images", rows=". ".join(said)), language, dpi=80)


@drawn
def dissociation(
    results: Mapping[str, Mapping[str, Sequence[float]]], guesser: float, *, language: str
) -> Picture:
    """Right answers in percent: one row a module, a dot a seed, one panel a task; a dashed line for a guesser.

    results: by task, by module, the percentages of the seeds, 0 to 100. All tasks have the same modules.
    """
    modules = list(next(iter(results.values())))
    for task, by_module in results.items():
        if list(by_module) != modules:
            raise ValueError(f"results[{task!r}] must have the modules {modules}, got {list(by_module)}")
        if any(not 0 <= value <= 100 for values in by_module.values() for value in values):
            raise ValueError(f"results[{task!r}] must hold percentages from 0 to 100")
    words = labels(language)
    figure = blank(4.1 * len(results), 0.36 * len(modules) + 1.1)
    panels = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    said = []
    for axes, (task, by_module), colour, marker in zip(panels, results.items(), (BLUE, ORANGE), "os"):
        axes.axvline(guesser, color=GREY, linestyle="--", linewidth=1)
        for place, values in enumerate(by_module.values()):
            axes.plot(values, [place] * len(values), marker, color=colour, alpha=0.6, markersize=6)
            axes.plot(np.mean(values), place, "|", color="black", markersize=15, markeredgewidth=2)
        axes.set_yticks(range(len(modules)), modules)
        axes.grid(axis="y", color=GREY, alpha=0.2)
        axes.set_xlim(45, 102)
        axes.set_title(task)
        axes.set_xlabel(words.text("tasks.right"))
        means = ", ".join(f"{name} {np.mean(values):.1f}" for name, values in by_module.items())
        said.append(f"{task}: {means}")
    panels[0].invert_yaxis()
    alt = words.text("tasks.alt_dissociation", means=". ".join(said), guesser=f"{guesser:.2f}")
    return Picture(figure, alt, language, dpi=90)
