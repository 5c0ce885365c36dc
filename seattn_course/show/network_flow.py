"""A network from above: the shapes that flow through it, and where its parameters lie."""

import copy
from collections.abc import Callable, Iterator

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from torch import nn

from seattn_course import arguments
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, Picture, blank, drawn, labels

COLOURS = {"conv": BLUE, "norm": GREY, "se": GREEN, "proj": ORANGE, "linear": PURPLE}
TALLEST, WIDEST = 1.0, 1.25  # of the boxes, in the drawing's own units


@drawn
def shape_flow(network: nn.Module, shape: tuple[int, int, int] = (3, 32, 32), *, language: str) -> Picture:
    """What comes out of each part of a network: a box as tall as the map and as wide as it has channels.

    network: a module whose direct children run one after another (stem, stages, head, ...). shape: of one image,
    (C, H, W). The parts run once, on a copy on the meta device. TypeError if ``network`` is no module.
    """
    arguments.module("network", network)
    steps = _shapes(network, shape)
    words = labels(language)
    largest = max(max(step[2:], default=1) for _, step in steps)
    most = max(step[1] for _, step in steps)
    figure = blank(1.35 * len(steps) + 0.3, 2.6)
    axes = figure.subplots()
    axes.set_axis_off()
    for place, (name, step) in enumerate(steps):
        height = TALLEST * step[2] / largest if len(step) == 4 else 0.02
        width = WIDEST * step[1] / most
        _map(axes, 1.6 * place, max(height, 0.02), max(width, 0.02), BLUE if len(step) == 4 else PURPLE)
        axes.text(1.6 * place, 0.68, name, ha="center", fontsize=9, fontweight="bold")
        axes.text(1.6 * place, -0.72, "×".join(map(str, step[1:])), ha="center", fontsize=9)
        if place:
            axes.annotate("", (1.6 * place - 0.68, 0), (1.6 * place - 0.92, 0), arrowprops={"arrowstyle": "-|>"})
    axes.set(xlim=(-0.8, 1.6 * len(steps) - 0.8), ylim=(-1.12, 0.9))
    axes.text(-0.7, -1.05, words.text("flow.key"), fontsize=8, color=GREY)
    told = ", ".join(f"{name} {'×'.join(map(str, step[1:]))}" for name, step in steps)
    return Picture(figure, words.text("flow.alt", name=type(network).__name__, steps=told), language, dpi=90)


def shape_flow_at(
    maker: Callable[..., nn.Module], size: int = 32, base: int = 32, *, language: str
) -> Picture:
    """``shape_flow`` of ``maker(base=base)`` for images of 3 x ``size`` x ``size``."""
    return shape_flow(maker(base=base), (3, size, size), language=language)


def shape_flow_explorer(
    maker: Callable[..., nn.Module], sizes: tuple[int, ...] = (8, 17, 32, 64), *, language: str
) -> Explorer:
    """``shape_flow_at`` with a choice of the image's size and of the first width."""
    import ipywidgets

    words = labels(language)
    controls = {
        "size": ipywidgets.ToggleButtons(options=list(sizes), value=32, description=words.text("flow.size")),
        "base": ipywidgets.ToggleButtons(options=[8, 16, 32], value=32, description="base"),
    }
    return Explorer(lambda **chosen: shape_flow_at(maker, **chosen, language=language), controls, language)


@drawn
def parameter_tree(network: nn.Module, depth: int = 2, *, language: str) -> Picture:
    """Where a network's parameters lie: its parts down to ``depth``, each as a bar made of kinds of layers.

    Kinds: convolutions, norms, attention (modules with a method ``gate``), whatever stands under the name
    ``proj``, linear layers. A part without parameters is left out. depth: 1 for the direct children, 2 for theirs
    as well, where these are blocks. TypeError if ``network`` is no module, ValueError if it has no parameters.
    """
    arguments.module("network", network)
    depth = arguments.positive_int("depth", depth)
    words = labels(language)
    rows = [(0, type(network).__name__, _kinds(network)), *_rows(network, depth)]
    total = sum(rows[0][2].values())
    if not total:
        raise ValueError(f"network must have parameters, got {type(network).__name__} with none")
    figure = blank(8.2, 0.9 + 0.27 * len(rows))
    axes = figure.subplots()
    for place, (level, name, kinds) in enumerate(rows):
        amount = sum(kinds.values())
        weight = "bold" if level < 2 else "normal"
        axes.text(-0.62 + 0.05 * level, place, name, va="center", fontsize=9, fontweight=weight)
        axes.text(-0.02, place, f"{amount:,}", va="center", ha="right", fontsize=9)
        left = 0.0
        for kind, colour in COLOURS.items():
            axes.barh(place, kinds[kind] / total, left=left, height=0.72, color=colour)
            left += kinds[kind] / total
        if kinds["se"]:
            text = f"{words.text('tree.se')} {kinds['se']:,}"
            axes.text(left + 0.01, place, text, va="center", fontsize=8, color=GREEN)
    axes.set(xlim=(-0.64, 1.24), ylim=(len(rows) - 0.4, -0.6))
    axes.set_axis_off()
    handles = [Patch(color=colour, label=words.text(f"tree.{kind}")) for kind, colour in COLOURS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=8)
    told = "; ".join(_told(name, kinds, words) for _, name, kinds in rows)
    return Picture(figure, words.text("tree.alt", rows=told), language, dpi=90)


def _shapes(network: nn.Module, shape: tuple[int, int, int]) -> list[tuple[str, tuple[int, ...]]]:
    """(name, shape of its result) of the input "x" and of each direct child, in the order in which they run."""
    twin = copy.deepcopy(network).to("meta").eval()
    steps = [("x", (1, *shape))]
    for name, part in twin.named_children():
        part.register_forward_hook(lambda _, x, y, name=name: steps.append((name, tuple(y.shape))))
    with torch.no_grad():
        twin(torch.empty(1, *shape, device="meta"))
    return steps


def _map(axes: Axes, x: float, height: float, width: float, colour: str) -> None:
    corner = (x - width / 2, -height / 2)
    axes.add_patch(Rectangle(corner, width, height, facecolor=colour, alpha=0.35, linewidth=0))
    axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=1.5))


def _rows(module: nn.Module, depth: int, path: str = "", level: int = 1) -> Iterator[tuple[int, str, dict]]:
    for name, part in module.named_children():
        kinds = _kinds(part)
        if sum(kinds.values()):
            yield level, path + name, kinds
            if level < depth and any(len(list(inner.children())) for inner in part.children()):
                yield from _rows(part, depth, f"{path}{name}.", level + 1)


def _kinds(part: nn.Module) -> dict[str, int]:
    """Trainable parameters of ``part`` by kind."""
    found = dict.fromkeys(COLOURS, 0)
    closed = {path: "se" for path, inner in part.named_modules() if callable(getattr(inner, "gate", None))}
    closed |= {path: "proj" for path, _ in part.named_modules() if path.rpartition(".")[2] == "proj"}
    for path, inner in part.named_modules():
        amount = sum(p.numel() for p in inner.parameters(recurse=False) if p.requires_grad)
        kind = next((kind for outer, kind in closed.items() if f"{path}.".startswith(f"{outer}.")), None)
        if kind is None:
            is_norm = isinstance(inner, nn.modules.batchnorm._NormBase)
            kind = "norm" if is_norm else "linear" if isinstance(inner, nn.Linear) else "conv"
        found[kind] += amount
    return found


def _told(name: str, kinds: dict[str, int], words) -> str:
    parts = ", ".join(f"{words.text(f'tree.{kind}')} {amount:,}" for kind, amount in kinds.items() if amount)
    return f"{name}: {sum(kinds.values()):,} ({parts})"
