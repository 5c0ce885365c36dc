"""What a channel is, and what squeezing it to one number keeps and throws away."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from seattn_course.lab.photo import CHANNELS, PHOTOGRAPHS, photograph
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREY, ORANGE, Picture, blank, drawn, labels

BLOCKS = (0, 32, 8, 1)  # side of the blocks that change places; 0 leaves the map as it is


def _channel_names(words) -> list[str]:
    return [words.text(f"channel.{channel}") for channel in CHANNELS]


def _listing(names: Sequence[str], values: np.ndarray) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in zip(names, values))


def _pixels(image: Tensor) -> np.ndarray:
    return image.detach().cpu()[0].permute(1, 2, 0).clamp(0, 1).numpy()  # (1, 3, H, W) -> (H, W, 3)


@drawn
def channel_maps(image: Tensor, maps: Tensor, *, language: str) -> Picture:
    """A picture (1, 3, H, W), its eight maps (1, 8, H, W), and the mean of each map as a bar."""
    if image.shape[:2] != (1, 3) or maps.shape[:2] != (1, len(CHANNELS)):
        raise ValueError(
            f"image must be (1, 3, H, W) and maps (1, {len(CHANNELS)}, H, W), "
            f"got {tuple(image.shape)} and {tuple(maps.shape)}"
        )
    words = labels(language)
    names = _channel_names(words)
    values = maps.detach().cpu().numpy()[0]  # (8, H, W)
    z = values.mean(axis=(1, 2))  # (8,)
    figure = blank(9.4, 2.9)
    left, middle, right = figure.subfigures(1, 3, width_ratios=[1.0, 1.9, 1.0])
    photo = left.subplots()
    photo.imshow(_pixels(image))
    photo.set_axis_off()
    for axes, name, channel in zip(middle.subplots(2, 4).flat, names, values):
        axes.imshow(channel, cmap="gray", vmin=0, vmax=float(channel.max()) or 1.0)
        axes.set_title(name, fontsize=9)
        axes.set_axis_off()
    bars = right.subplots()
    bars.barh(range(len(names)), z, color=BLUE)
    bars.set_yticks(range(len(names)), names, fontsize=8)
    bars.invert_yaxis()
    bars.set_xlabel(words.text("squeeze.mean"))
    return Picture(figure, words.text("alt.channel_maps", means=_listing(names, z)), language)


@drawn
def same_squeeze(images: Sequence[Tensor], squeezes: Sequence[Tensor], *, language: str) -> Picture:
    """Two pictures (1, 3, H, W) and their eight means (8,), bar beside bar."""
    words = labels(language)
    names = _channel_names(words)
    z = [squeeze.detach().cpu().numpy() for squeeze in squeezes]
    if len(images) != 2 or [values.shape for values in z] != [(len(names),)] * 2:
        raise ValueError(f"images and squeezes must be two each, every squeeze of shape ({len(names)},)")
    figure = blank(9.2, 2.6)
    first, second, bars = figure.subplots(1, 3, width_ratios=[1, 1, 1.5])
    for axes, image, letter in zip((first, second), images, "AB"):
        axes.imshow(_pixels(image))
        axes.set_title(letter)
        axes.set_axis_off()
    places = np.arange(len(names))
    bars.bar(places - 0.2, z[0], width=0.38, color=BLUE, label="A")
    bars.bar(places + 0.2, z[1], width=0.38, color=ORANGE, hatch="//", label="B")
    bars.set_xticks(places, names, rotation=45, ha="right", fontsize=8)
    bars.set_ylabel(words.text("squeeze.mean"))
    bars.legend()
    alt = words.text("alt.same_squeeze", first=_listing(names, z[0]), second=_listing(names, z[1]))
    return Picture(figure, alt, language)


def shuffle_blocks(channel: np.ndarray, block: int) -> np.ndarray:
    """``channel`` (H, W) cut into block×block tiles that change places, the same way each time; 0 changes nothing.

    H and W are first cut down to multiples of ``block``.
    """
    if block not in BLOCKS:
        raise ValueError(f"block must be one of {', '.join(map(str, BLOCKS))}, got {block!r}")
    if block == 0:
        return channel
    rows, columns = channel.shape[0] // block, channel.shape[1] // block
    tiles = channel[: rows * block, : columns * block].reshape(rows, block, columns, block).swapaxes(1, 2)
    order = np.random.default_rng(0).permutation(rows * columns)
    tiles = tiles.reshape(-1, block, block)[order].reshape(rows, columns, block, block)
    return tiles.swapaxes(1, 2).reshape(rows * block, columns * block)


@drawn
def _shuffled(channel: np.ndarray, name: str, block: int, language: str) -> Picture:
    words = labels(language)
    shuffled = shuffle_blocks(channel, block)
    whole = channel[: shuffled.shape[0], : shuffled.shape[1]]
    figure = blank(8.2, 2.5)
    axes_before, axes_after, bars = figure.subplots(1, 3, width_ratios=[1, 1, 0.8])
    top = float(channel.max()) or 1.0
    for axes, picture, title in ((axes_before, whole, "before"), (axes_after, shuffled, "after")):
        axes.imshow(picture, cmap="gray", vmin=0, vmax=top)
        axes.set_title(f"{name}, {words.text(f'squeeze.{title}')}", fontsize=9)
        axes.set_axis_off()
    values = [whole.mean(), shuffled.mean(), whole.max(), shuffled.max()]
    bars.bar(range(4), values, color=[BLUE, ORANGE, BLUE, ORANGE])
    for place, value in enumerate(values):
        bars.text(place, value, f"{value:.3f}", ha="center", va="bottom", fontsize=8)
    bars.set_xticks([0.5, 2.5], [words.text("squeeze.mean"), words.text("squeeze.max")])
    bars.axvline(1.5, color=GREY, linewidth=0.6)
    bars.margins(y=0.15)
    alt = words.text(
        "alt.shuffled_map", channel=name, block=block, before=f"{values[0]:.3f}", after=f"{values[1]:.3f}",
        max_before=f"{values[2]:.3f}", max_after=f"{values[3]:.3f}",
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=85)


@torch.no_grad()
def _maps(bank: nn.Module, name: str) -> np.ndarray:
    return bank(photograph(name).to(bank.weight))[0].cpu().numpy()  # (8, H, W)


def shuffled_map(bank: nn.Module, name: str, channel: int, block: int, *, language: str) -> Picture:
    """One channel of a photograph beside the same channel with its blocks shuffled; mean and maximum of both."""
    if channel not in range(len(CHANNELS)):
        raise ValueError(f"channel must be 0 to {len(CHANNELS) - 1}, got {channel!r}")
    return _shuffled(_maps(bank, name)[channel], _channel_names(labels(language))[channel], block, language)


def squeeze_explorer(bank: nn.Module, *, language: str) -> Explorer:
    """``shuffled_map`` with a choice of photograph, channel and size of the blocks."""
    import ipywidgets

    words = labels(language)
    names = _channel_names(words)
    maps = {name: _maps(bank, name) for name in PHOTOGRAPHS}  # once: a slider must not recompute maps
    sizes = [(words.text(f"squeeze.blocks_{block}"), block) for block in BLOCKS]
    controls = {
        "name": ipywidgets.ToggleButtons(
            options=[(words.text(f"photograph.{name}"), name) for name in PHOTOGRAPHS],
            description=words.text("control.photograph"),
        ),
        "channel": ipywidgets.IntSlider(0, 0, len(names) - 1, description=words.text("control.channel")),
        "block": ipywidgets.SelectionSlider(options=sizes, description=words.text("control.blocks")),
    }

    def draw(name: str, channel: int, block: int) -> Picture:
        return _shuffled(maps[name][channel], names[channel], block, language)

    return Explorer(draw, controls, language)


@drawn
def mean_and_max(
    sides: Sequence[int], means: Sequence[float], maxima: Sequence[float], *, language: str
) -> Picture:
    """Mean and maximum of one map against the side of the object in it."""
    if not len(sides) == len(means) == len(maxima):
        raise ValueError(
            f"sides, means and maxima must be equally long, got {len(sides)}, {len(means)} and {len(maxima)}"
        )
    words = labels(language)
    figure = blank(5.6, 2.8)
    axes = figure.subplots()
    axes.plot(sides, maxima, color=ORANGE, marker="s", label=words.text("squeeze.max"))
    axes.plot(sides, means, color=BLUE, marker="o", label=words.text("squeeze.mean"))
    axes.set_xlabel(words.text("squeeze.side"))
    axes.set_ylabel(words.text("squeeze.value"))
    axes.set_ylim(bottom=0)
    axes.legend()
    listing = "; ".join(f"{side}: {mean:.3f}, {top:.3f}" for side, mean, top in zip(sides, means, maxima))
    return Picture(figure, words.text("alt.mean_and_max", table=listing), language)
