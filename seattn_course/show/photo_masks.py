"""Where the gates of several modules lie on pictures cut from photographs: one mask beside the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import Picture, blank, drawn, labels

Gates = Mapping[str, Sequence[ArrayLike]]  # by module, for each picture gates that fit (C, H, W)
MEAN = -1  # in place of a channel: the mean over all of them


def _mask(name: str, gate: ArrayLike, channel: int) -> np.ndarray:
    """The gates (H, W) of one channel, or their mean over the channels."""
    array = np.asarray(gate, dtype=float)
    if array.ndim != 3:
        raise ValueError(f"gates[{name!r}] must hold arrays with three axes, (C, H, W), got {array.shape}")
    if channel == MEAN:
        return array.mean(axis=0)
    return array[min(channel, array.shape[0] - 1)]  # one gate for all channels is every channel's


@drawn
def masks_at(
    pictures: Sequence[ArrayLike], gates: Gates, index: int = 0, channel: int = MEAN, *, language: str
) -> Picture:
    """Picture number ``index`` and, beside it, the gates of each module on it, from 0 (dark) to 1 (light).

    pictures: each (3, H, W), values in [0, 1].
    gates: by module, for each picture an array (C or 1, H or 1, W or 1), of any resolution.
    channel: whose gates are drawn; -1 draws their mean over the channels.
    """
    if index not in range(len(pictures)):
        raise ValueError(f"index must be 0 to {len(pictures) - 1}, got {index!r}")
    if not 1 <= len(gates) <= 6:
        raise ValueError(f"gates must hold 1 to 6 modules, got {len(gates)}")
    for name, values in gates.items():
        if len(values) != len(pictures):
            raise ValueError(f"gates[{name!r}] must have {len(pictures)} arrays, one a picture, got {len(values)}")
    channels = max(np.asarray(values[index]).shape[0] for values in gates.values())
    if channel != MEAN and channel not in range(channels):
        raise ValueError(f"channel must be {MEAN} or 0 to {channels - 1}, got {channel!r}")
    words = labels(language)
    pixels = np.moveaxis(np.asarray(pictures[index], dtype=float), 0, -1)  # (3, H, W) -> (H, W, 3)
    masks = {name: _mask(name, values[index], channel) for name, values in gates.items()}
    height, width = pixels.shape[:2]
    figure = blank(9.8, 0.75 + 1.45 * height / width)
    first, *panels = figure.subplots(1, len(masks) + 1)
    first.imshow(pixels.clip(0, 1))
    first.set_title(words.text("masks.picture", index=index + 1), fontsize=9, loc="center")
    said = []
    for axes, (name, mask) in zip(panels, masks.items()):
        axes.imshow(np.broadcast_to(mask, np.maximum(mask.shape, (2, 2))), cmap="cividis", vmin=0, vmax=1,
                    extent=(0, width, height, 0), interpolation="nearest")  # fmt: skip
        ends = {"low": f"{mask.min():.2f}", "high": f"{mask.max():.2f}"}
        axes.set_title(f"{name}\n{words.text('masks.ends', **ends)}", fontsize=9, loc="center")
        said.append(words.text("masks.said", name=name, **ends))
    for axes in (first, *panels):
        axes.set_axis_off()
    which = words.text("masks.mean") if channel == MEAN else words.text("masks.one", channel=channel + 1)
    alt = words.text("masks.alt", index=index + 1, which=which, masks="; ".join(said))
    return Picture(figure, alt, language, dpi=85)


def masks_explorer(pictures: Sequence[ArrayLike], gates: Gates, *, language: str) -> Explorer:
    """``masks_at`` with a slider over the pictures and a choice of channel."""
    import ipywidgets

    words = labels(language)
    channels = max(np.asarray(values[0]).shape[0] for values in gates.values())
    names = [(words.text("masks.mean"), MEAN)]
    names += [(words.text("masks.one", channel=channel + 1), channel) for channel in range(channels)]
    wide = {"style": {"description_width": "8em"}, "layout": {"width": "28em"}}
    controls = {
        "index": ipywidgets.SelectionSlider(
            options=[(str(index + 1), index) for index in range(len(pictures))],
            description=words.text("masks.choose"), **wide,
        ),
        "channel": ipywidgets.Dropdown(options=names, description=words.text("masks.gates"), **wide),
    }  # fmt: skip

    def draw(index: int, channel: int) -> Picture:
        return masks_at(pictures, gates, index, channel, language=language)

    return Explorer(draw, controls, language)
