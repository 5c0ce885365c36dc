"""The lab's made images, and what a gate does for each of their classes."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from seattn_course.lab.data import ORIENTATIONS, Batch
from seattn_course.show.picture import Picture, blank, drawn, labels

CUES = {"keybar": ("red", "green", "blue"), "marker": ("left", "middle", "right")}


@drawn
def made_images(batch: Batch, task: str, *, language: str) -> Picture:
    """The first six images of ``batch`` with cue and label; task: "keybar" or "marker"."""
    if task not in CUES:
        raise ValueError(f"task must be one of {', '.join(map(repr, CUES))}, got {task!r}")
    words = labels(language)
    count = min(6, len(batch))
    figure = blank(1.55 * count, 2.0)
    texts = []
    for axes, image, label, cue in zip(
        np.atleast_1d(figure.subplots(1, count)), batch.images.cpu(), batch.labels.tolist(), batch.cue.tolist()
    ):
        axes.imshow((image.clamp(-1, 1) + 1).div(2).permute(1, 2, 0).numpy(), interpolation="nearest")
        axes.set_axis_off()
        title = f"{words.text(f'made.{CUES[task][cue]}')}: {ORIENTATIONS[label]}°"
        axes.set_title(title, fontsize=10)
        texts.append(title)
    alt = words.text(f"made.alt_{task}", count=count, rows="; ".join(texts))
    return Picture(figure, alt, language, dpi=80)


@drawn
def gates_by_class(gates: Tensor, groups: Tensor, names: Sequence[str], *, language: str) -> Picture:
    """The mean gate of each channel for each group of images, such as those with one cue, as a heat map.

    gates (N, C), in [0, 1]; groups (N,) int64, an index into ``names`` for each image. Channels are sorted by the
    group whose mean gate is the largest, so that a gate that depends on the group shows as steps.
    """
    if gates.dim() != 2 or len(gates) != len(groups):
        raise ValueError(
            f"gates must have shape ({len(groups)}, C), one row a group index, got {tuple(gates.shape)}"
        )
    if sorted(groups.unique().tolist()) != list(range(len(names))):
        raise ValueError(f"groups must hold all indices into {list(names)}, got {groups.unique().tolist()}")
    words = labels(language)
    means = np.stack([gates[groups == index].double().mean(0).cpu().numpy() for index in range(len(names))])
    order = np.lexsort((-means.max(0), means.argmax(0)))
    spread = np.ptp(means, axis=0)
    figure = blank(7.6, 0.9 + 0.34 * len(names))
    axes = figure.subplots()
    image = axes.imshow(means[:, order], cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(range(means.shape[1]), order, fontsize=7)
    axes.set_xlabel(words.text("made.sorted"))
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, label=words.text("axis.gate"))
    rows = "; ".join(f"{name} {mean:.2f}" for name, mean in zip(names, means.mean(1)))
    alt = words.text(
        "made.alt_gates", rows=rows, channel=int(spread.argmax()), low=f"{means[:, spread.argmax()].min():.2f}",
        high=f"{means[:, spread.argmax()].max():.2f}",
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)
