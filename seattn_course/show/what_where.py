"""What a gate tells apart, channels or places: gates by hand, how far a change reaches, and the k of ECA."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from seattn_course.show.picture import BLUE, GREY, ORANGE, RED, Picture, blank, drawn, labels


def _maps(name: str, values: ArrayLike, shape: tuple[int, ...]) -> np.ndarray:
    """``values`` stretched to the shape (C, H, W) of the feature map, or a ValueError that names them."""
    array = np.asarray(values, dtype=float)
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must fit the shape {shape}, got {array.shape}") from None


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cells(axes: Axes, values: np.ndarray, digits: int, top: float) -> None:
    axes.imshow(values, cmap="cividis", vmin=0, vmax=top)
    for row, column in np.ndindex(*values.shape):
        colour = "black" if values[row, column] > 0.55 * top else "white"
        number = f"{values[row, column]:.{digits}f}"
        axes.text(column, row, number, ha="center", va="center", color=colour, fontsize=8)


@drawn
def hand_gates(x: ArrayLike, gates: Mapping[str, ArrayLike], *, language: str) -> Picture:
    """A small map (C, H, W) in the first column, then one column of gates per module, a row per channel.

    Each entry of ``gates`` may have any shape that fits (C, H, W): (C, 1, 1), (1, H, W), (C, H, 1), ...
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 3:
        raise ValueError(f"x must have shape (C, H, W), got {x.shape}")
    words = labels(language)
    full = {name: _maps(f"gates[{name!r}]", values, x.shape) for name, values in gates.items()}
    figure = blank(1.55 * (len(full) + 1), 1.5 * x.shape[0] + 0.5)
    grid = figure.subplots(x.shape[0], len(full) + 1, squeeze=False)
    for channel in range(x.shape[0]):
        _cells(grid[channel, 0], x[channel], 0, float(x.max()) or 1.0)
        grid[channel, 0].set_ylabel(words.text("whatwhere.channel", channel=channel + 1))
        for column, values in enumerate(full.values(), start=1):
            _cells(grid[channel, column], values[channel], 2, 1.0)
        for axes in grid[channel]:
            _bare(axes)
    for axes, title in zip(grid[0], [words.text("whatwhere.input"), *full]):
        axes.set_title(title, fontsize=9, loc="center")
    said = [words.text("whatwhere.gates_of", name=name, values=_counted(values)) for name, values in full.items()]
    return Picture(figure, words.text("whatwhere.alt_hand", gates=" ".join(said)), language, dpi=90)


def _counted(values: np.ndarray) -> str:
    """For each channel the values that occur, with the number of their places: "0.30 (8), 0.82 (1); ..."."""
    channels = []
    for channel in values:
        found = Counter(f"{value:.2f}" for value in channel.flat)
        channels.append(", ".join(f"{value} ({places})" for value, places in sorted(found.items())))
    return "; ".join(channels)


@drawn
def reach(changes: Mapping[str, ArrayLike], place: tuple[int, int, int], *, language: str) -> Picture:
    """How far a change of one input value reaches: for each module the gates that moved, one map per channel.

    changes: by module, the size of each gate's change, of a shape that fits (C, H, W).
    place: channel, row and column of the input value that was changed; a ring marks it.
    """
    arrays = {name: np.abs(np.asarray(values, dtype=float)) for name, values in changes.items()}
    if not arrays or any(array.ndim != 3 for array in arrays.values()):
        raise ValueError(f"changes must hold arrays with three axes, got {[a.shape for a in arrays.values()]}")
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    if len(place) != 3 or not all(0 <= index < size for index, size in zip(place, shape)):
        raise ValueError(f"place must be (channel, row, column) inside {shape}, got {place}")
    words = labels(language)
    figure = blank(1.0 * shape[0] + 1.3, 1.02 * len(arrays) + 0.4)
    grid = figure.subplots(len(arrays), shape[0], squeeze=False)
    said = []
    for row, (name, array) in zip(grid, arrays.items()):
        full = np.broadcast_to(array, shape)
        moved = full > 1e-9  # rounding is no reach
        shade = full / (full.max() or 1.0)
        for channel, axes in enumerate(row):
            # The root makes small changes visible; untouched gates stay at the darkest shade.
            axes.imshow(np.sqrt(shade[channel]), cmap="cividis", vmin=0, vmax=1)
            _bare(axes)
        row[place[0]].plot(place[2], place[1], "o", markersize=8, markerfacecolor="none", markeredgecolor=RED,
                           markeredgewidth=1.8)  # fmt: skip
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
        said.append(
            words.text(
                "whatwhere.reached", name=name, count=int(moved.sum()), all=moved.size,
                channels=int(moved.any(axis=(1, 2)).sum()), places=int(moved.any(axis=0).sum()),
            )
        )  # fmt: skip
    for channel, axes in enumerate(grid[0]):
        axes.set_title(words.text("whatwhere.channel", channel=channel + 1), fontsize=9, loc="center")
    position = {"channel": place[0] + 1, "row": place[1] + 1, "column": place[2] + 1}
    return Picture(figure, words.text("whatwhere.alt_reach", **position, reached=" ".join(said)), language, dpi=90)


@drawn
def kernel_staircase(channels: Sequence[int], kernels: Mapping[str, Sequence[int]], *, language: str) -> Picture:
    """k of ECA against the number of channels, one staircase per way of rounding; a dot where they disagree."""
    if not 1 <= len(kernels) <= 2:
        raise ValueError(f"kernels must hold 1 or 2 ways of rounding, got {len(kernels)}")
    C = np.asarray(channels)
    for name, values in kernels.items():
        if len(values) != len(C):
            raise ValueError(
                f"kernels[{name!r}] must have {len(C)} values, one per number of channels, got {len(values)}"
            )
    words = labels(language)
    ways = {name: np.asarray(values) for name, values in kernels.items()}
    figure = blank(7.4, 3.2)
    axes = figure.subplots()
    for (name, k), colour, style, width in zip(ways.items(), (BLUE, ORANGE), ("-", "--"), (2.5, 1.8)):
        axes.step(C, k, where="post", color=colour, linestyle=style, linewidth=width, label=name)
    first, last = (list(ways.values()) * 2)[:2]
    apart = C[first != last]
    for c, *pair in zip(apart, np.minimum(first, last)[first != last], np.maximum(first, last)[first != last]):
        axes.plot([c, c], pair, color=RED, linewidth=1.2, linestyle=":")
        axes.plot([c] * len(pair), pair, "o", color=RED, markersize=6)
        axes.annotate(f"C = {c}", (c, pair[1]), xytext=(-4, 5), textcoords="offset points", ha="right", fontsize=9)
    axes.set_xscale("log", base=2)
    powers = [2**n for n in range(0, 16, 2) if C.min() <= 2**n <= C.max()]
    axes.set_xticks(powers, [str(power) for power in powers])
    axes.set_yticks(sorted({int(v) for k in ways.values() for v in k}))
    axes.set_ylim(top=max(k.max() for k in ways.values()) + 0.9)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.set_xlabel(words.text("whatwhere.channels"))
    axes.set_ylabel("k")
    axes.legend(loc="lower right")
    said = "; ".join(f"{name}: {_stairs(C, k)}" for name, k in ways.items())
    alt = words.text("whatwhere.alt_staircase", stairs=said, apart=", ".join(map(str, apart)) or "–")
    return Picture(figure, alt, language, dpi=90)


def _stairs(C: np.ndarray, k: np.ndarray) -> str:
    """ "k = 3 from C = 1, k = 5 from C = 128": where each step begins."""
    begins = np.flatnonzero(np.diff(k, prepend=k[0] - 1))
    return ", ".join(f"k = {k[index]}: C ≥ {C[index]}" for index in begins)
