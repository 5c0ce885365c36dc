"""What becomes of signal and gradient from block to block: curves against depth, on a logarithmic scale."""

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from seattn_course.show.picture import BLUE, GREEN, ORANGE, PURPLE, Picture, blank, drawn, labels

LOOKS = ((ORANGE, "o"), (BLUE, "s"), (GREEN, "^"), (PURPLE, "D"))
QUANTITIES = ("gradient", "signal")


@drawn
def by_depth(
    panels: Mapping[str, Mapping[str, ArrayLike]], quantity: str = "gradient", *, language: str
) -> Picture:
    """One panel beside another, in each the curves of up to four networks: median and range over the seeds.

    panels: title -> name of a network -> values above 0 of shape (seeds, blocks), first block first; all arrays
    have the same shape. quantity: what the values are, for the axis: "gradient" (divided by the last block's) or
    "signal".
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, got {quantity!r}")
    if not 1 <= len(panels) <= 3 or not all(1 <= len(curves) <= len(LOOKS) for curves in panels.values()):
        raise ValueError(f"panels must hold 1 to 3 panels of 1 to {len(LOOKS)} curves, got {len(panels)} panels")
    arrays = {
        (title, name): np.asarray(values, dtype=float)
        for title, curves in panels.items()
        for name, values in curves.items()
    }
    shapes = {values.shape for values in arrays.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError(f"panels must hold arrays of one shape (seeds, blocks), got {sorted(shapes)}")
    for (title, name), values in arrays.items():
        if not (values > 0).all():
            raise ValueError(f"panels[{title!r}][{name!r}] must hold values above 0, got {values.min():g}")
    seeds, blocks = next(iter(shapes))
    words = labels(language)
    figure = blank(1.0 + 3.7 * len(panels), 3.1)
    depth = np.arange(1, blocks + 1)
    said = []
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    for axes, (title, curves) in zip(grid.flat, panels.items()):
        lines = []
        for (name, _), (colour, marker) in zip(curves.items(), LOOKS):
            values = arrays[title, name]
            middle = np.median(values, axis=0)
            axes.fill_between(depth, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, linewidth=0)
            axes.plot(depth, middle, color=colour, marker=marker, markersize=4, label=name)
            first, half, last = (f"{middle[place]:.1e}" for place in (0, (blocks - 1) // 2, -1))
            lines.append(words.text("depth.curve", name=name, first=first, middle=half, last=last))
        said.append(words.text("depth.panel", title=title, curves="; ".join(lines)))
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.grid(axis="y", alpha=0.25)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title(title)
        axes.set_xlabel(words.text("depth.block"))
        axes.legend(fontsize=8, loc="best")
    figure.axes[0].set_ylabel(words.text(f"depth.{quantity}"))
    alt = words.text("depth.alt", seeds=seeds, blocks=blocks, panels=" ".join(said))
    return Picture(figure, alt, language, dpi=90)
