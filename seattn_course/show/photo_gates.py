"""What a channel gate does to a real photograph: maps, gates, and the maps after the gates."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor, nn

from seattn_course.lab.photo import CHANNELS, PHOTOGRAPHS, photograph
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREY, ORANGE, Picture, blank, drawn, labels

Look = tuple[np.ndarray, np.ndarray, np.ndarray]  # photograph (H, W, 3), maps (C, H, W), gates (C,)


def _image(axes: Axes, pixels: np.ndarray, title: str, top: float | None = None) -> None:
    grey = {"cmap": "gray", "vmin": 0, "vmax": top} if pixels.ndim == 2 else {}
    axes.imshow(pixels, **grey)
    axes.set_title(title, fontsize=9)
    axes.set_axis_off()


@torch.no_grad()
def _look(bank: nn.Module, block: nn.Module, name: str) -> Look:
    """The photograph (H, W, 3), its maps (C, H, W) and its gates (C,), as arrays."""
    reference = next(block.parameters())
    x = photograph(name).to(reference)  # (1, 3, H, W)
    maps = bank(x)  # (1, C, H, W)
    gates = block.gate(maps)  # (1, C, 1, 1)
    return x[0].permute(1, 2, 0).cpu().numpy(), maps[0].cpu().numpy(), gates[0, :, 0, 0].cpu().numpy()


@drawn
def photo_to_gates(bank: nn.Module, block: nn.Module, name: str = "flower", *, language: str) -> Picture:
    """A photograph, its eight maps, and below each map the same map after its gate."""
    words = labels(language)
    pixels, maps, gates = _look(bank, block, name)
    names = [words.text(f"channel.{channel}") for channel in CHANNELS]
    figure = blank(9.4, 4.6)
    left, right = figure.subfigures(1, 2, width_ratios=[1.0, 2.1])
    _image(left.subplots(), pixels, words.text(f"photograph.{name}"))
    grid = right.subplots(4, 4)
    for index, label in enumerate(names):
        row, column = 2 * (index // 4), index % 4
        top = float(maps[index].max()) or 1.0  # one scale for a map and its gated copy, so that dimming shows
        _image(grid[row, column], maps[index], label, top)
        _image(grid[row + 1, column], maps[index] * gates[index], f"× {gates[index]:.2f}", top)
    listing = ", ".join(f"{label} {gate:.2f}" for label, gate in zip(names, gates))
    alt = words.text("alt.photo_to_gates", photograph=words.text(f"photograph.{name}"), gates=listing)
    return Picture(figure, alt, language)


@drawn
def gate_table(
    gates: Tensor, rows: Sequence[str], columns: Sequence[str] | None = None, *, language: str
) -> Picture:
    """Gates as a table of shades, shape (rows, columns): a row per image or group, a column per channel.

    ``columns`` names the channels; by default they are the filter bank's.
    """
    words = labels(language)
    if columns is None:
        columns = [words.text(f"channel.{channel}") for channel in CHANNELS]
    values = gates.detach().cpu().numpy()
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"gates must have shape ({len(rows)}, {len(columns)}), got {values.shape}")
    figure = blank(1.6 + 0.95 * len(columns), 0.9 + 0.45 * len(rows))
    axes = figure.subplots()
    shades = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel(words.text("axis.channel"))
    axes.tick_params(length=0)
    for row, column in np.ndindex(*values.shape):
        colour = "black" if values[row, column] > 0.5 else "white"
        axes.text(column, row, f"{values[row, column]:.2f}", ha="center", va="center", color=colour, fontsize=9)
    figure.colorbar(shades, label=words.text("axis.gate"), pad=0.02)
    listing = "; ".join(
        f"{row}: " + ", ".join(f"{column} {value:.2f}" for column, value in zip(columns, line))
        for row, line in zip(rows, values)
    )
    return Picture(figure, words.text("alt.gate_table", table=listing), language)


@drawn
def _before_after(look: Look, name: str, channel: int, language: str) -> Picture:
    words = labels(language)
    pixels, maps, gates = look
    if not 0 <= channel < len(CHANNELS):
        raise ValueError(f"channel must be 0 to {len(CHANNELS) - 1}, got {channel}")
    names = [words.text(f"channel.{key}") for key in CHANNELS]
    figure = blank(9.0, 2.5)
    photo, before, after, bars = figure.subplots(1, 4, width_ratios=[1, 1, 1, 1.1])
    top = float(maps[channel].max()) or 1.0
    _image(photo, pixels, words.text(f"photograph.{name}"))
    _image(before, maps[channel], words.text("photo.before", channel=names[channel]), top)
    _image(after, maps[channel] * gates[channel], words.text("photo.after", gate=f"{gates[channel]:.2f}"), top)
    colours = [ORANGE if index == channel else BLUE for index in range(len(names))]
    bars.barh(range(len(names)), gates, color=colours)
    bars.set_yticks(range(len(names)), names, fontsize=8)
    bars.invert_yaxis()
    bars.set_xlim(0, 1)
    bars.axvline(0.5, color=GREY, linewidth=0.8, linestyle=":")
    bars.set_xlabel(words.text("axis.gate"))
    alt = words.text(
        "alt.channel_before_after",
        photograph=words.text(f"photograph.{name}"),
        channel=names[channel],
        before=f"{maps[channel].mean():.3f}",
        gate=f"{gates[channel]:.2f}",
        after=f"{(maps[channel] * gates[channel]).mean():.3f}",
    )
    return Picture(figure, alt, language, dpi=85)


def channel_before_after(
    bank: nn.Module, block: nn.Module, name: str = "flower", channel: int = 0, *, language: str
) -> Picture:
    """One channel of one photograph before and after its gate, with all gates of that photograph beside it."""
    return _before_after(_look(bank, block, name), name, channel, language)


def channel_explorer(bank: nn.Module, block: nn.Module, *, language: str) -> Explorer:
    """``channel_before_after`` with a choice of photograph and a slider over the channels."""
    import ipywidgets

    words = labels(language)
    looks = {name: _look(bank, block, name) for name in PHOTOGRAPHS}  # once: a slider must not recompute maps
    controls = {
        "name": ipywidgets.ToggleButtons(
            options=[(words.text(f"photograph.{name}"), name) for name in PHOTOGRAPHS],
            description=words.text("control.photograph"),
        ),
        "channel": ipywidgets.IntSlider(0, 0, len(CHANNELS) - 1, description=words.text("control.channel")),
    }

    def draw(name: str, channel: int) -> Picture:
        return _before_after(looks[name], name, channel, language)

    return Explorer(draw, controls, language)
