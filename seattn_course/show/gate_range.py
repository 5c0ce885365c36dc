"""What temperature and residual scale do to a gate, drawn: saturation, overflow of T, growth over depth."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, Picture, blank, drawn, labels

MARGIN = 0.05  # a gate this near to 0 or 1 counts as saturated


def _sigmoid(u: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(u / 2))  # no exp, so no overflow


def _saturated(s: np.ndarray) -> float:
    return float(np.mean((s < MARGIN) | (s > 1 - MARGIN)))


def _gates(name: str, values: ArrayLike) -> np.ndarray:
    s = np.asarray(values, dtype=float).ravel()
    if not s.size or s.min() < 0 or s.max() > 1:
        raise ValueError(f"{name} must hold gates from 0 to 1, got {s.size} values" + (
            f" from {s.min():g} to {s.max():g}" if s.size else ""))  # fmt: skip
    return s


def _histogram(axes, s: np.ndarray, colour: str) -> None:
    axes.hist(s, np.linspace(0, 1, 21), weights=np.full(s.size, 100 / s.size), color=colour)
    for low in (0.0, 1 - MARGIN):
        axes.axvspan(low, low + MARGIN, color=ORANGE, alpha=0.25, linewidth=0, zorder=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 100)


def _plain(number: float) -> str:
    """Two significant digits without an exponent, as prose writes them: 0.000041."""
    return np.format_float_positional(float(f"{number:.2g}"), trim="-")


@drawn
def gate_histogram(gates: Mapping[str, ArrayLike], *, language: str) -> Picture:
    """Histograms of gates side by side, one per name, each with the share of saturated ones."""
    if not 1 <= len(gates) <= 4:
        raise ValueError(f"gates must hold 1 to 4 groups, got {len(gates)}")
    words = labels(language)
    figure = blank(2.3 * len(gates) + 0.6, 2.5)
    lines = []
    for axes, (name, values) in zip(np.atleast_1d(figure.subplots(1, len(gates), sharey=True)), gates.items()):
        s = _gates(f"gates[{name!r}]", values)
        _histogram(axes, s, BLUE)
        share = words.text("learnable.saturated", percent=f"{100 * _saturated(s):.0f}")
        axes.set_title(f"{name}\n{share}")
        axes.set_xlabel(words.text("axis.gate"))
        lines.append(f"{name}: {share}, {words.text('learnable.slope', slope=f'{np.mean(s * (1 - s)):.3f}')}")
    figure.axes[0].set_ylabel(words.text("learnable.percent"))
    alt = words.text("learnable.alt_histogram", margin=f"{MARGIN:.2f}", groups="; ".join(lines))
    return Picture(figure, alt, language, dpi=90)


@drawn
def temperature_at(logits: ArrayLike, T: float, *, language: str) -> Picture:
    """The gate's curve at temperature ``T`` over the range of ``logits``, and the gates it makes of them."""
    if not T > 0:
        raise ValueError(f"T must be above 0, got {T}")
    words = labels(language)
    u = np.asarray(logits, dtype=float).ravel()
    s = _sigmoid(u / T)
    figure = blank(7.6, 2.8)
    curve, histogram = figure.subplots(1, 2)
    line = np.linspace(-8, 8, 321)
    curve.plot(line, _sigmoid(line), color=GREY, linestyle="--", label="T = 1")
    curve.plot(line, _sigmoid(line / T), color=BLUE, linewidth=2, label=f"T = {T:.2f}")
    curve.axhspan(0, MARGIN, color=ORANGE, alpha=0.25, linewidth=0, zorder=0)
    curve.axhspan(1 - MARGIN, 1, color=ORANGE, alpha=0.25, linewidth=0, zorder=0)
    curve.plot(2, _sigmoid(np.array(2 / T)), "o", color=BLUE)
    curve.set_xlabel(words.text("learnable.logit"))
    curve.set_ylabel(words.text("axis.gate"))
    curve.legend(loc="center right", fontsize=9)
    _histogram(histogram, s, BLUE)
    histogram.set_xlabel(words.text("axis.gate"))
    histogram.set_ylabel(words.text("learnable.percent"))
    share = words.text("learnable.saturated", percent=f"{100 * _saturated(s):.0f}")
    histogram.set_title(share)
    alt = words.text(
        "learnable.alt_temperature", T=f"{T:.2f}", two=f"{_sigmoid(np.array(2 / T)):.3f}", share=share,
        slope=f"{np.mean(s * (1 - s)):.3f}",
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def temperature_explorer(logits: ArrayLike, *, language: str) -> Explorer:
    """``temperature_at`` with a slider for T, from 1/8 to 8 by powers of two and their halves."""
    import ipywidgets

    slider = ipywidgets.FloatLogSlider(
        1.0, base=2, min=-3, max=3, step=0.5, description="T", readout_format=".2f"
    )
    u = np.asarray(logits, dtype=float).ravel()

    def draw(T: float) -> Picture:
        return temperature_at(u, T, language=language)

    return Explorer(draw, {"T": slider}, language)


@drawn
def temperature_error(T: ArrayLike, recovered: Mapping[str, ArrayLike], *, language: str) -> Picture:
    """Relative error of the temperature a block really starts with, against the one it was told.

    ``recovered`` maps a formula's name to the T it leads to, one for each of ``T``; inf is an overflow.
    """
    words = labels(language)
    T = np.asarray(T, dtype=float)
    figure = blank(7.0, 3.1)
    axes = figure.subplots()
    top, floor, lines = 10.0, 1e-8, []
    for (name, values), colour, marker in zip(recovered.items(), (BLUE, ORANGE, GREEN, PURPLE), "os^v"):
        values = np.asarray(values, dtype=float)
        if values.shape != T.shape:
            raise ValueError(f"recovered[{name!r}] must have shape {T.shape}, got {values.shape}")
        finite = np.isfinite(values)
        error = np.abs(values[finite] - T[finite]) / T[finite]
        axes.plot(T[finite], np.maximum(error, floor), color=colour, marker=marker, markersize=4, label=name)
        axes.plot(T[~finite], np.full((~finite).sum(), top), color=colour, marker="x", linestyle="")
        said = words.text("learnable.worst", error=_plain(100 * error.max()))
        if not finite.all():
            said += ", " + words.text("learnable.infinite", T=f"{T[~finite].min():g}")
        lines.append(f"{name}: {said}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(floor / 2, 3 * top)
    axes.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1, top], ["≤ 1e-8", "1e-6", "1e-4", "1e-2", "1", "∞"])
    axes.set_xlabel(words.text("learnable.asked"))
    axes.set_ylabel(words.text("learnable.error"))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    return Picture(figure, words.text("learnable.alt_error", formulas="; ".join(lines)), language)


@drawn
def residual_at(alpha: float, depth: int = 16, *, language: str) -> Picture:
    """The factor 1 + alpha·s over all gates s, and what ``depth`` fresh blocks in a row make of a signal."""
    if depth < 1:
        raise ValueError(f"depth must be at least 1, got {depth}")
    words = labels(language)
    s = np.linspace(0, 1, 101)
    start = 1 + alpha / 2
    figure = blank(7.8, 2.8)
    factor, growth = figure.subplots(1, 2)
    factor.axhspan(0, 1, color=GREY, alpha=0.15, linewidth=0)
    factor.plot(s, s, color=GREY, linestyle="--", label="s")
    factor.plot(s, 1 + alpha * s, color=BLUE, linewidth=2, label="1 + α·s")
    factor.plot(0.5, start, "o", color=ORANGE, markersize=8, label=words.text("learnable.fresh"))
    factor.set_ylim(-1.1, 5.1)
    factor.set_xlabel(words.text("axis.gate"))
    factor.set_ylabel(words.text("learnable.factor"))
    factor.legend(fontsize=8, loc="upper left")
    blocks = np.arange(depth + 1)
    growth.plot(blocks, 0.5**blocks, color=GREY, linestyle="--", label="s")
    growth.plot(blocks, np.abs(start) ** blocks, color=BLUE, linewidth=2, label="1 + α·s")
    growth.axhline(1, color=GREY, linewidth=0.8)
    growth.set_yscale("log")
    growth.set_ylim(1e-6, 1e8)
    growth.set_xlabel(words.text("learnable.blocks"))
    growth.set_ylabel(words.text("learnable.signal"))
    growth.set_title(words.text("learnable.after", depth=depth, times=f"{abs(start) ** depth:.3g}"))
    low, high = sorted((1.0, 1 + alpha))
    alt = words.text(
        "learnable.alt_residual", alpha=f"{alpha:.2f}", low=f"{low:.2f}", high=f"{high:.2f}", start=f"{start:.2f}",
        depth=depth, times=f"{abs(start) ** depth:.3g}", plain=f"{0.5**depth:.2g}",
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def residual_explorer(*, language: str) -> Explorer:
    """``residual_at`` with sliders for alpha and for the number of blocks."""
    import ipywidgets

    words = labels(language)
    controls = {
        "alpha": ipywidgets.FloatSlider(1.0, min=-1.0, max=4.0, step=0.25, description="α"),
        "depth": ipywidgets.IntSlider(16, 1, 16, description=words.text("learnable.blocks")),
    }

    def draw(alpha: float, depth: int) -> Picture:
        return residual_at(alpha, depth, language=language)

    return Explorer(draw, controls, language)
