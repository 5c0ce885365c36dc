"""A deep stack's start, drawn: signal, memory of the stem and gradient by depth, beside their laws; losses."""

from collections.abc import Mapping
from functools import cache, partial

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, Picture, blank, drawn, labels

QUANTITIES = ("rms", "variance", "memory", "gradient")
LOOKS = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (PURPLE, ":"))
SHOWN = (1, 4, 16)  # depths whose numbers the description holds
# start -> gain of a fresh SE gate: sigmoid(0), sigmoid(3), 2 sigmoid(0), 1 + 1 * sigmoid(0)
STARTS = {"fresh": 0.5, "bias": 0.9526, "double": 1.0, "alpha=1": 1.5}


def _runs(name: str, values: ArrayLike) -> np.ndarray:
    runs = np.atleast_2d(np.asarray(values, dtype=float))
    if runs.ndim != 2 or runs.shape[1] < 2:
        raise ValueError(f"{name} must have shape (seeds, depth + 1) with at least one block, got {runs.shape}")
    return runs


def _number(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"


def _curve(axes: Axes, runs: np.ndarray, law: ArrayLike | None, colour: str) -> None:
    """Dots with the range over seeds, and the law as a line underneath."""
    depths, mean = np.arange(runs.shape[1]), runs.mean(axis=0)
    if law is not None:
        axes.plot(depths, law, color=GREY, linewidth=1.5, zorder=1)
    spread = np.stack([mean - runs.min(axis=0), runs.max(axis=0) - mean])
    axes.errorbar(depths, mean, spread, fmt="o", color=colour, markersize=4, elinewidth=1, zorder=2)
    axes.set_yscale("log")


def _said(words, runs: np.ndarray, law: ArrayLike | None) -> str:
    mean, depth = runs.mean(axis=0), runs.shape[1] - 1
    parts = []
    for at in (0, *(d for d in SHOWN if d <= depth)):
        text = _number(mean[at])
        if law is not None:
            text += f" ({_number(np.asarray(law, dtype=float)[at])})"
        parts.append(words.text("stability.at", depth=at, value=text))
    return ", ".join(parts)


@drawn
def measured_by_depth(
    measured: Mapping[str, ArrayLike],
    laws: Mapping[str, ArrayLike],
    quantity: str,
    *,
    floor: float | None = None,
    language: str,
) -> Picture:
    """One panel per stack: what was measured after each block (dots, range over seeds) on top of its law (line).

    ``measured`` maps up to 4 names to (seeds, depth + 1), ``laws`` some of the same names to (depth + 1,);
    ``quantity`` is "rms", "variance", "memory" or "gradient"; ``floor`` cuts the axis below.
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, got {quantity!r}")
    if not 1 <= len(measured) <= 4:
        raise ValueError(f"measured must hold 1 to 4 stacks, got {len(measured)}")
    words = labels(language)
    figure = blank(2.1 * len(measured) + 0.6, 2.7)
    panels = np.atleast_1d(figure.subplots(1, len(measured), sharey=True))
    lines = []
    for axes, (name, values), (colour, _) in zip(panels, measured.items(), LOOKS):
        runs = _runs(f"measured[{name!r}]", values)
        law = laws.get(name)
        if law is not None and np.shape(law) != runs.shape[1:]:
            raise ValueError(f"laws[{name!r}] must have shape {runs.shape[1:]}, got {np.shape(law)}")
        _curve(axes, runs, law, colour)
        axes.set_title(name)
        axes.set_xlabel(words.text("stability.blocks"))
        lines.append(f"{name}: {_said(words, runs, law)}")
    if floor is not None:
        panels[0].set_ylim(bottom=floor)
    panels[0].set_ylabel(words.text(f"stability.{quantity}"))
    alt = words.text("stability.alt_by_depth", what=words.text(f"stability.{quantity}"), rows="; ".join(lines))
    return Picture(figure, alt, language, dpi=90)


@cache
def _start_profile(pattern: str, start: str, zero_init: bool):
    """A measured stack of 16 SE blocks for the explorer, with its laws: quantity -> (runs, law)."""
    from seattn_course.attention import SEPlusPlusV2
    from seattn_course.lab import depth, depth_laws

    gamma = 0.0 if zero_init else 1.0
    attention = partial(SEPlusPlusV2, residual=True) if start == "alpha=1" else "se"
    named = {"start": start} if start in ("bias", "double") else {}
    profile = depth.seeded_profiles(pattern, range(2), attention, zero_init=zero_init, **named)
    runs = {"rms": profile.rms, "memory": profile.memory, "gradient": profile.gradient}
    v0 = profile.variance[:, 0].mean().item()
    law = {
        "rms": depth_laws.variance_law(pattern, 16, v0, STARTS[start], gamma).sqrt(),
        "memory": depth_laws.memory_law(pattern, 16, v0, STARTS[start], gamma),
        "gradient": depth_laws.gradient_law(pattern, 16, v0, STARTS[start], gamma),
    }
    return {quantity: (runs[quantity].numpy(), law[quantity].numpy()) for quantity in runs}


@drawn
def stack_start_at(pattern: str, start: str, zero_init: bool, *, language: str) -> Picture:
    """16 SE blocks of ``pattern`` as they start: RMS, memory and gradient by depth, measured on top of the law.

    ``start``: "fresh" (a sigmoid gate), "bias" (+3), "double" (2 sigmoid, last layer 0) or "alpha=1" (1 + gate);
    ``zero_init``: F's last batch norm starts at 0.
    """
    if start not in STARTS:
        raise ValueError(f"start must be one of {', '.join(STARTS)}, got {start!r}")
    words = labels(language)
    figure = blank(8.4, 2.8)
    lines = []
    bounds = {"rms": (1e-6, 3e3), "memory": (1e-6, 3), "gradient": (1e-6, 1e5)}
    panels = figure.subplots(1, 3)
    for axes, (quantity, (runs, law)) in zip(panels, _start_profile(pattern, start, zero_init).items()):
        _curve(axes, runs, law, BLUE)
        axes.set_ylim(*bounds[quantity])
        axes.set_title(words.text(f"stability.{quantity}"))
        axes.set_xlabel(words.text("stability.blocks"))
        lines.append(f"{words.text(f'stability.{quantity}')}: {_said(words, runs, law)}")
    alt = words.text(
        "stability.alt_start", pattern=pattern, start=words.text(f"stability.start_{start.replace('=', '_')}"),
        gamma=0 if zero_init else 1, rows="; ".join(lines),
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def stack_start_explorer(*, language: str) -> Explorer:
    """``stack_start_at`` with a choice of pattern, of the gate's start, and of gamma."""
    import ipywidgets

    words = labels(language)
    options = {words.text(f"stability.start_{name.replace('=', '_')}"): name for name in STARTS}
    controls = {
        "pattern": ipywidgets.ToggleButtons(
            options=["P1", "P2", "P3", "P4"], description=words.text("stability.pattern")
        ),
        "start": ipywidgets.Dropdown(options=options, description=words.text("stability.gate")),
        "zero_init": ipywidgets.ToggleButtons(options={"γ = 1": False, "γ = 0": True}, description="γ"),
    }

    def draw(pattern: str, start: str, zero_init: bool) -> Picture:
        return stack_start_at(pattern, start, zero_init, language=language)

    return Explorer(draw, controls, language)


@drawn
def losses_by_start(curves: Mapping[str, Mapping[str, ArrayLike]], *, language: str) -> Picture:
    """Training losses, a panel per start, a line per pattern: mean over seeds, and thin lines for the seeds.

    ``curves`` maps a start's name to {pattern: losses (seeds, steps)}, at most 4 patterns each.
    """
    words = labels(language)
    figure = blank(3.4 * len(curves) + 0.6, 3.0)
    panels = np.atleast_1d(figure.subplots(1, len(curves), sharey=True))
    lines = []
    for axes, (start, patterns) in zip(panels, curves.items()):
        if len(patterns) > len(LOOKS):
            raise ValueError(f"curves[{start!r}] must hold at most {len(LOOKS)} patterns, got {len(patterns)}")
        ends = []
        for (name, values), (colour, style) in zip(patterns.items(), LOOKS):
            runs = _runs(f"curves[{start!r}][{name!r}]", values)
            for run in runs:
                axes.plot(run, color=colour, linewidth=0.5, alpha=0.35)
            axes.plot(runs.mean(axis=0), color=colour, linestyle=style, linewidth=2, label=name)
            ends.append(f"{name} {runs[:, -10:].mean():.2f}")
        axes.set_title(start)
        axes.set_xlabel(words.text("stability.step"))
        lines.append(f"{start}: {', '.join(ends)}")
    panels[0].set_ylabel(words.text("stability.loss"))
    panels[0].set_ylim(bottom=0)
    panels[0].legend(fontsize=8, loc="lower left", ncols=2)
    return Picture(figure, words.text("stability.alt_losses", rows="; ".join(lines)), language, dpi=90)
