"""The switches of SEPlusPlus, drawn: what they make of a picture's descriptors; where mean and maximum meet."""

import textwrap
from collections.abc import Callable, Mapping

import numpy as np
import torch
from matplotlib.patches import FancyBboxPatch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from seattn_course.lab.photo import CHANNELS
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, Picture, blank, drawn, labels

GATES = ("sigmoid", "hardsigmoid")
MEETINGS = ("sum", "average", "after")
Rewire = Callable[..., nn.Module]  # rewire(use_avg=..., use_max=..., gate=...) -> a block with gate(maps)


@torch.no_grad()
def _gates(rewire: Rewire, maps: Tensor, **switches) -> np.ndarray:
    return rewire(**switches).gate(maps).flatten().cpu().numpy()  # (1, C, 1, 1) -> (C,)


@drawn
def switchboard_at(
    maps: Tensor,
    rewire: Rewire,
    use_avg: bool = True,
    use_max: bool = True,
    gate: str = "sigmoid",
    *,
    language: str,
) -> Picture:
    """Left the descriptors of one picture, right the gates that a block with these switches makes of them.

    ``maps`` is (1, C, H, W), one picture after the filter bank. ``rewire`` returns a block with the same weights
    and the switches it is given; the ValueError of a setting that it refuses is shown in place of the gates. The
    outlines on the right are the gates with both squeezes and the sigmoid.
    """
    if maps.ndim != 4 or maps.shape[:2] != (1, len(CHANNELS)):
        raise ValueError(f"maps must have shape (1, {len(CHANNELS)}, H, W), got {tuple(maps.shape)}")
    words = labels(language)
    names = [words.text(f"channel.{channel}") for channel in CHANNELS]
    squeezes = {"avg": (maps.mean((2, 3)), use_avg, BLUE), "max": (maps.amax((2, 3)), use_max, ORANGE)}
    z, said = np.zeros(len(CHANNELS)), []
    figure = blank(9.6, 3.5)
    left, right = figure.subplots(1, 2, sharey=True)
    places = np.arange(len(CHANNELS))
    for shift, (name, (values, on, colour)) in zip((-0.2, 0.2), squeezes.items()):
        values = values.flatten().cpu().numpy()
        z += values * on
        state = words.text("switchboard.on" if on else "switchboard.off", squeeze=name)
        fill = {"color": colour} if on else {"facecolor": "none", "edgecolor": GREY, "linestyle": ":"}
        left.barh(places + shift, values, height=0.36, label=state, **fill)
        said.append(words.text("switchboard.values", what=state, values=_listing(names, values)))
    if use_avg or use_max:
        left.plot(z, places, "k|", markersize=15, markeredgewidth=2, label="z")
    left.set_yticks(places, names)
    left.invert_yaxis()
    left.set_xlabel(words.text("switchboard.descriptor"))
    left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=8)
    right.set_xlim(0, 1.02)
    try:
        gates = _gates(rewire, maps, use_avg=use_avg, use_max=use_max, gate=gate)
    except ValueError as error:
        right.text(0.5, 0.5, textwrap.fill(f"ValueError: {error}", 34), transform=right.transAxes,
                   ha="center", va="center", fontsize=10, family="monospace")  # fmt: skip
        right.set_axis_off()
        said.append(words.text("switchboard.refused", error=str(error)))
    else:
        before = _gates(rewire, maps, use_avg=True, use_max=True, gate="sigmoid")
        right.barh(places, gates, color=GREEN, height=0.6)
        right.barh(places, before, facecolor="none", edgecolor="black", height=0.6, linewidth=1,
                   label=words.text("switchboard.reference"))  # fmt: skip
        for place, value in zip(places, gates):
            right.annotate(f"{value:.2f}", (max(value, before[place]), place), xytext=(3, 0),
                           textcoords="offset points", va="center", fontsize=8, annotation_clip=False)  # fmt: skip
        right.set_xlabel(words.text("switchboard.gate", gate=gate))
        right.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=8)
        moved = f"{np.abs(gates - before).max():.2f}"
        said.append(words.text("switchboard.gates", gate=gate, values=_listing(names, gates), moved=moved))
    return Picture(figure, words.text("switchboard.alt_board", lines=" ".join(said)), language, dpi=85)


def _listing(names: list[str], values: np.ndarray) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values))


def switchboard_explorer(pictures: Mapping[str, Tensor], rewire: Rewire, *, language: str) -> Explorer:
    """``switchboard_at`` with a choice of picture and a control for every switch, both squeezes off included."""
    import ipywidgets

    words = labels(language)
    controls = {
        "picture": ipywidgets.Dropdown(options=list(pictures), description=words.text("switchboard.picture")),
        "use_avg": ipywidgets.Checkbox(True, description="use_avg"),
        "use_max": ipywidgets.Checkbox(True, description="use_max"),
        "gate": ipywidgets.ToggleButtons(options=list(GATES), description="gate"),
    }

    def draw(picture: str, **switches) -> Picture:
        return switchboard_at(pictures[picture], rewire, **switches, language=language)

    return Explorer(draw, controls, language)


@drawn
def squeezes_of_maps(maps: Mapping[str, ArrayLike], *, language: str) -> Picture:
    """Maps (H, W) side by side, on one scale of brightness, and their mean, maximum and sum of the two."""
    if not 1 <= len(maps) <= 4:
        raise ValueError(f"maps must hold 1 to 4 maps, got {len(maps)}")
    words = labels(language)
    arrays = {name: np.asarray(values, dtype=float) for name, values in maps.items()}
    for name, values in arrays.items():
        if values.ndim != 2:
            raise ValueError(f"maps[{name!r}] must have shape (H, W), got {values.shape}")
    top = max(values.max() for values in arrays.values()) or 1.0
    figure = blank(2.2 * len(arrays) + 3.6, 2.4)
    *pictures, bars = figure.subplots(1, len(arrays) + 1, width_ratios=[1.0] * len(arrays) + [1.7])
    said = []
    width = 0.8 / len(arrays)
    first = -(len(arrays) - 1) / 2 * width
    looks = zip(pictures, arrays.items(), (BLUE, ORANGE, GREEN, GREY))
    for index, (axes, (name, values), colour) in enumerate(looks):
        axes.imshow(values, cmap="gray", vmin=0, vmax=top)
        axes.set_title(name)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[["top", "right"]].set_visible(True)
        three = (values.mean(), values.max(), values.mean() + values.max())
        group = bars.bar(np.arange(3) + first + index * width, three, width, color=colour, label=name)
        bars.bar_label(group, [f"{value:.2f}" for value in three], fontsize=8)
        said.append(words.text("switchboard.map", map=name, mean=f"{three[0]:.2f}", maximum=f"{three[1]:.2f}",
                               sum=f"{three[2]:.2f}"))  # fmt: skip
    bars.set_xticks(range(3), [words.text(f"switchboard.{key}") for key in ("mean", "maximum", "sum")])
    bars.margins(y=0.15)
    bars.legend(loc="upper left", fontsize=8)
    return Picture(figure, words.text("switchboard.alt_maps", maps="; ".join(said)), language)


@drawn
def meeting_points(shares: Mapping[str, float], *, language: str) -> Picture:
    """Three wirings of mean and maximum, side by side, each with a share of right answers below it.

    ``shares`` maps "sum" (added before the layers), "average" (averaged before them) and "after" (each through
    the layers, the logits added) to a number from 0 to 1.
    """
    if set(shares) != set(MEETINGS):
        raise ValueError(f"shares must have the keys {', '.join(MEETINGS)}, got {', '.join(map(str, shares))}")
    words = labels(language)
    figure = blank(9.4, 3.3)
    said = []
    for axes, name in zip(figure.subplots(1, len(MEETINGS)), MEETINGS):
        percent = words.text("switchboard.right", percent=f"{100 * shares[name]:.1f}")
        meaning = words.text(f"switchboard.means_{name}")
        axes.set_title(words.text(f"switchboard.title_{name}"))
        axes.set(xlim=(0, 4), ylim=(-0.6, 5.0))
        axes.set_axis_off()
        _box(axes, 1, 4.4, "avg", BLUE)
        _box(axes, 3, 4.4, "max", ORANGE)
        layers = words.text("switchboard.layers")
        if name == "after":
            for x in (1, 3):
                _arrow(axes, (x, 4.1), (x, 3.3))
                _box(axes, x, 3.0, layers, GREY)
                _arrow(axes, (x, 2.7), (2 + (x - 2) * 0.2, 1.95))
            _box(axes, 2, 1.7, "+", GREEN)
        else:
            for x in (1, 3):
                _arrow(axes, (x, 4.1), (2 + (x - 2) * 0.2, 3.25))
            _box(axes, 2, 3.0, "+" if name == "sum" else "½ (a + b)", GREEN)
            _arrow(axes, (2, 2.7), (2, 2.0))
            _box(axes, 2, 1.7, layers, GREY)
        _arrow(axes, (2, 1.4), (2, 0.75))
        _box(axes, 2, 0.45, "σ", GREY)
        axes.text(2, -0.35, percent, ha="center", fontweight="bold")
        said.append(f"{words.text(f'switchboard.title_{name}')}: {meaning}, {percent}")
    return Picture(figure, words.text("switchboard.alt_meeting", wirings="; ".join(said)), language)


def _box(axes, x: float, y: float, text: str, colour: str) -> None:
    half = 0.32 if len(text) < 3 else 0.85
    axes.add_patch(FancyBboxPatch((x - half, y - 0.26), 2 * half, 0.52, boxstyle="round,pad=0.04",
                                  facecolor="white", edgecolor=colour, linewidth=2))  # fmt: skip
    axes.text(x, y, text, ha="center", va="center", fontsize=9)


def _arrow(axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": GREY})
