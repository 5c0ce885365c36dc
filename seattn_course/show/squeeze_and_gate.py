"""What one decision inside SE changes, drawn: an activation's slope, the hidden width, mean beside maximum."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, Picture, blank, drawn, labels

COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
NAMED = (-4.0, -1.0, 1.0, 4.0)  # where the description of a curve gives its value and slope
BRIGHTEST = 10.0
# The gate of the bright pixel: one channel, one weight and one bias, chosen by hand.
WEIGHT, THRESHOLD = 2.0, 1.5


def _value_and_slope(function: Callable, places: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    u = torch.as_tensor(np.asarray(places), dtype=torch.float64).requires_grad_()
    value = function(u)
    (slope,) = torch.autograd.grad(value.sum(), u)
    return value.detach().numpy(), slope.numpy()


@drawn
def curves_and_slopes(functions: Mapping[str, Callable], symbol: str, *, language: str) -> Picture:
    """Functions of one number beside their slopes. ``functions`` maps a name to a module or a torch function.

    symbol: what the horizontal axis is called in the lesson, "v" before an activation or "u" before a gate.
    """
    if not 1 <= len(functions) <= len(COLOURS):
        raise ValueError(f"functions must hold 1 to {len(COLOURS)} entries, got {len(functions)}")
    words = labels(language)
    figure = blank(7.6, 2.9)
    left, right = figure.subplots(1, 2)
    line = np.linspace(-6, 6, 481)
    lines = []
    for (name, function), colour, style in zip(functions.items(), COLOURS, ("-", "--", ":", "-.")):
        value, slope = _value_and_slope(function, line)
        left.plot(line, value, color=colour, linestyle=style, linewidth=2, label=name)
        right.plot(line, slope, color=colour, linestyle=style, linewidth=2)
        value, slope = _value_and_slope(function, NAMED)
        lines.append(words.text("better.curve", name=name, values=_numbers(value), slopes=_numbers(slope)))
    for axes, title in ((left, "better.value"), (right, "better.slope")):
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.set_xlabel(symbol)
        axes.set_title(words.text(title))
    left.legend(fontsize=8)
    places = _numbers(NAMED, 0)
    alt = words.text("better.alt_curves", symbol=symbol, places=places, curves="; ".join(lines))
    return Picture(figure, alt, language, dpi=90)


def _numbers(values: ArrayLike, digits: int = 3) -> str:
    return ", ".join(f"{value + 0.0:.{digits}f}" for value in np.round(np.asarray(values, dtype=float), digits))


@drawn
def hidden_by_channels(
    channels: Sequence[int], widths: Mapping[str, Sequence[int]], reduction: int, *, language: str
) -> Picture:
    """Hidden width h against the number of channels C, one line per rule, and the reduction C/h it amounts to."""
    for rule, hidden in widths.items():
        if len(hidden) != len(channels):
            raise ValueError(
                f"widths[{rule!r}] must have {len(channels)} values, one per number of channels, got {len(hidden)}"
            )
    words = labels(language)
    figure = blank(7.8, 3.0)
    left, right = figure.subplots(1, 2)
    C = np.asarray(channels)
    lines = []
    for (rule, hidden), colour, marker in zip(widths.items(), COLOURS, "os^v"):
        h = np.asarray(hidden)
        left.plot(C, h, color=colour, marker=marker, markersize=5, label=rule)
        there = h > 0
        right.plot(C[there], C[there] / h[there], color=colour, marker=marker, markersize=5)
        lines.append(f"{rule}: " + ", ".join(map(str, hidden)))
    left.set_yscale("symlog", base=2, linthresh=1)
    highest = max(max(hidden) for hidden in widths.values())
    ticks = [0, *(2**power for power in range(int(np.log2(max(1, highest))) + 1))]
    left.set_yticks(ticks, [str(tick) for tick in ticks])
    left.set_title(words.text("better.hidden"))
    left.legend(fontsize=8, loc="lower right")
    right.axhline(reduction, color=GREY, linestyle="--", linewidth=1)
    right.annotate(f"r = {reduction}", (C[0], reduction), xytext=(0, 3), textcoords="offset points", color=GREY)
    right.set_yscale("log", base=2)
    tops = [tick for tick in (0.5, 1, 2, 4, 8, 16, 32, 64) if tick <= 2 * reduction]
    right.set_yticks(tops, [f"{tick:g}" for tick in tops])
    right.set_title(words.text("better.effective"))
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(C, [str(count) for count in channels], fontsize=8)
        axes.minorticks_off()
        axes.set_xlabel("C")
    alt = words.text(
        "better.alt_hidden", r=reduction, channels=", ".join(map(str, channels)), rules="; ".join(lines)
    )
    return Picture(figure, alt, language, dpi=90)


@drawn
def bright_pixel_at(noise: ArrayLike, brightness: float, side: int, *, language: str) -> Picture:
    """A corner of ``noise`` with one bright pixel: mean, maximum and their sum, and the gate that each would set.

    noise: (H, W), not negative. brightness: of the pixel, 0 to 10. side: the map shown is side × side.
    """
    noise = np.asarray(noise, dtype=float)
    if noise.ndim != 2 or noise.min() < 0:
        raise ValueError(f"noise must be a (H, W) map without negative values, got shape {noise.shape}")
    if not 0 <= brightness <= BRIGHTEST:
        raise ValueError(f"brightness must be from 0 to {BRIGHTEST:g}, got {brightness}")
    if not 1 <= side <= min(noise.shape):
        raise ValueError(f"side must be from 1 to {min(noise.shape)}, got {side}")
    words = labels(language)
    x = noise[:side, :side].copy()
    x[side // 2, side // 2] = brightness
    z = np.array([x.mean(), x.max(), x.mean() + x.max()])
    s = 1 / (1 + np.exp(-WEIGHT * (z - THRESHOLD)))
    names = [words.text(f"better.{name}") for name in ("average", "maximum", "sum")]
    formula = f"σ({WEIGHT:g}(z − {THRESHOLD:g}))"
    figure = blank(7.8, 2.7)
    picture, squeezes, gates = figure.subplots(1, 3, width_ratios=[1, 1.1, 1.1])
    picture.imshow(x, cmap="cividis", vmin=0, vmax=BRIGHTEST)
    corner = side // 2 - 0.5
    picture.plot(
        corner + np.array([0, 1, 1, 0, 0]), corner + np.array([0, 0, 1, 1, 0]), color=RED, linewidth=1.5,
    )  # fmt: skip
    picture.set_xticks([])
    picture.set_yticks([])
    picture.set_title(f"x: {side}×{side}")
    for axes, values, top in ((squeezes, z, 2.1 * BRIGHTEST), (gates, s, 1.25)):
        axes.bar(names, values, color=(BLUE, ORANGE, GREEN), width=0.6)
        axes.set_ylim(0, top)
        axes.tick_params(axis="x", labelsize=8)
        for place, value in enumerate(values):
            axes.annotate(
                f"{value:.2f}", (place, value), xytext=(0, 2), textcoords="offset points", ha="center", fontsize=9
            )
    squeezes.set_ylim(0, max(5.0, 1.2 * z.max()))
    squeezes.set_title(words.text("better.squeeze"))
    gates.set_title(words.text("better.gate", formula=formula))
    alt = words.text(
        "better.alt_bright", side=side, brightness=f"{brightness:.1f}", formula=formula, average=f"{z[0]:.2f}",
        maximum=f"{z[1]:.2f}", sum=f"{z[2]:.2f}", gates=_numbers(s, 2),
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def bright_pixel_explorer(noise: ArrayLike, *, language: str) -> Explorer:
    """``bright_pixel_at`` with a slider for the pixel's brightness and one for the size of the map."""
    import ipywidgets

    words = labels(language)
    noise = np.asarray(noise, dtype=float)
    sides = [side for side in (1, 2, 4, 7, 14, 28, 56) if side <= min(noise.shape)]
    controls = {
        "brightness": ipywidgets.FloatSlider(
            6.0, min=0.0, max=BRIGHTEST, step=0.5, description=words.text("better.brightness")
        ),
        "side": ipywidgets.SelectionSlider(
            options=[(f"{side}×{side}", side) for side in sides], value=sides[len(sides) // 2],
            description=words.text("better.side"),
        ),
    }  # fmt: skip

    def draw(brightness: float, side: int) -> Picture:
        return bright_pixel_at(noise, brightness, side, language=language)

    return Explorer(draw, controls, language)
