"""The hand example of lesson 02, drawn: three channels, one hidden unit, every number visible."""

from collections.abc import Sequence

import numpy as np

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, Picture, blank, drawn, labels

# The example of the lesson: squeeze, weights of the first layer (one hidden unit) and of the second.
SQUEEZE = (2.0, 0.5, 1.0)
FIRST = (0.2, 0.4, 0.1)
SECOND = (0.5, 1.0, -0.5)


def _numbers(values: Sequence[float], digits: int = 3) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values)


@drawn
def hand_steps(
    z: Sequence[float] = SQUEEZE, W1: Sequence[float] = FIRST, W2: Sequence[float] = SECOND, *, language: str
) -> Picture:
    """z, hidden value, logits, gates and the scaled means, left to right, one bar per channel."""
    words = labels(language)
    z, W1, W2 = (np.asarray(values, dtype=float) for values in (z, W1, W2))
    before = float(W1 @ z)
    hidden = max(before, 0.0)
    u = W2 * hidden
    s = 1 / (1 + np.exp(-u))
    figure = blank(9.2, 2.6)
    columns = figure.subplots(1, 5, width_ratios=[1, 0.55, 1, 1, 1])
    bars = [
        (z, "z", BLUE), (np.array([hidden]), "h", ORANGE), (u, "u", ORANGE), (s, "s", GREEN), (s * z, "s·z", BLUE),
    ]  # fmt: skip
    for axes, (values, symbol, colour) in zip(columns, bars):
        places = np.arange(len(values))
        axes.bar(places, values, color=colour, width=0.62)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        span = (high - low) or 1.0
        axes.set_ylim(low - 0.2 * span * (low < 0), high + 0.2 * span)
        axes.set_xlim(-0.7, len(values) - 0.3)
        axes.axhline(0, color=GREY, linewidth=0.8)
        for place, value in zip(places, values):
            below = value < 0
            axes.annotate(
                f"{value:.2f}", (place, value), xytext=(0, -2 if below else 2), textcoords="offset points",
                ha="center", va="top" if below else "bottom", fontsize=8,
            )  # fmt: skip
        axes.set_title(f"{symbol}: {words.text('by_hand.' + {'s·z': 'sz'}.get(symbol, symbol))}", fontsize=9)
        axes.set_xticks(places, [str(place + 1) for place in places] if len(values) > 1 else [""])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    alt = words.text(
        "alt.hand_steps", z=_numbers(z), before=f"{before:.3f}", h=f"{hidden:.3f}", u=_numbers(u), s=_numbers(s),
        scaled=_numbers(s * z),
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def hand_explorer(*, language: str) -> Explorer:
    """``hand_steps`` with a slider for each channel's mean and for the first layer's third weight."""
    import ipywidgets

    words = labels(language)

    def slider(value: float, low: float, high: float, text: str) -> ipywidgets.FloatSlider:
        return ipywidgets.FloatSlider(value, min=low, max=high, step=0.1, description=text, readout_format=".1f")

    controls = {
        f"z{index + 1}": slider(value, 0.0, 4.0, words.text("control.mean", channel=index + 1))
        for index, value in enumerate(SQUEEZE)
    }
    controls["w1"] = slider(FIRST[0], -2.0, 2.0, words.text("control.first_weight"))

    def draw(z1: float, z2: float, z3: float, w1: float) -> Picture:
        return hand_steps((z1, z2, z3), (w1, *FIRST[1:]), SECOND, language=language)

    return Explorer(draw, controls, language)


@drawn
def absolute_relative(z: Sequence[float], s: Sequence[float], *, language: str) -> Picture:
    """Means before and after the gates, and each gate over the mean gate: who shrinks, who gains in share."""
    words = labels(language)
    z, s = np.asarray(z, dtype=float), np.asarray(s, dtype=float)
    ratio = s / s.mean()
    figure = blank(7.4, 2.8)
    absolute, relative = figure.subplots(1, 2)
    places = np.arange(len(z))
    absolute.bar(places - 0.2, z, width=0.38, color=BLUE, label=words.text("change.before"))
    absolute.bar(places + 0.2, s * z, width=0.38, color=ORANGE, label=words.text("change.after"), hatch="//")
    absolute.set_ylabel(words.text("axis.mean"))
    absolute.set_title(words.text("change.absolute"))
    absolute.legend()
    relative.bar(places, ratio, width=0.6, color=GREEN)
    relative.axhline(1.0, color=GREY, linestyle="--", linewidth=1)
    relative.set_ylabel(words.text("axis.relative_gate"))
    relative.set_title(words.text("change.relative"))
    for axes, columns in ((absolute, [(-0.2, z), (0.2, s * z)]), (relative, [(0.0, ratio)])):
        for offset, values in columns:
            for place, value in zip(places, values):
                axes.text(place + offset, value, f"{value:.2f}", ha="center", va="bottom", fontsize=8)
        axes.set_xticks(places, [str(place + 1) for place in places])
        axes.set_xlabel(words.text("axis.channel"))
        axes.margins(y=0.18)
    alt = words.text(
        "alt.absolute_relative", before=_numbers(z, 2), after=_numbers(s * z, 2), relative=_numbers(ratio, 2)
    )
    return Picture(figure, alt, language)


@drawn
def what_and_where(
    x: np.ndarray, channel_gates: Sequence[float], place_gates: np.ndarray, *, language: str
) -> Picture:
    """A (C, H, W) map under channel gates (one per channel) and under place gates (H, W), numbers in the cells."""
    words = labels(language)
    x, place_gates = np.asarray(x, dtype=float), np.asarray(place_gates, dtype=float)
    s = np.asarray(channel_gates, dtype=float)
    channels = x.shape[0]
    if s.shape != (channels,) or place_gates.shape != x.shape[1:]:
        raise ValueError(
            f"channel_gates must have shape ({channels},) and place_gates {x.shape[1:]}, "
            f"got {s.shape} and {place_gates.shape}"
        )
    rows = [(words.text("where.input"), x), (words.text("where.channel"), x * s[:, None, None]),
            (words.text("where.place"), x * place_gates)]  # fmt: skip
    figure = blank(6.6, 5.6)
    grid = figure.subplots(len(rows), channels)
    for line, (title, maps) in enumerate(rows):
        for channel in range(channels):
            axes = grid[line, channel]
            axes.imshow(maps[channel], cmap="cividis", vmin=0, vmax=float(x.max()))
            axes.set_xticks([])
            axes.set_yticks([])
            for spine in axes.spines.values():
                spine.set_visible(False)
            for row, column in np.ndindex(*maps[channel].shape):
                value = maps[channel, row, column]
                colour = "black" if value > 0.55 * x.max() else "white"
                axes.text(column, row, f"{value:.1f}", ha="center", va="center", color=colour, fontsize=9)
            if line == 1:
                axes.set_title(f"× {s[channel]:.2f}", fontsize=9)
            elif line == 0:
                axes.set_title(f"{words.text('axis.channel')} {channel + 1}", fontsize=9)
        grid[line, 0].set_ylabel(title, fontsize=9)
    places = "; ".join(_numbers(row, 2) for row in place_gates)
    return Picture(figure, words.text("alt.what_and_where", gates=_numbers(s, 2), places=places), language)
