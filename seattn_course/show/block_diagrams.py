"""Diagrams of blocks, drawn from the modules themselves: what runs in which order, and what it costs."""

import itertools
import textwrap
from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from torch import nn

from seattn_course.course.language import Catalogue
from seattn_course.lab.dataflow import Dataflow, Node, dataflow
from seattn_course.show.block_layout import Layout, Way, layout
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    Picture,
    blank,
    drawn,
    labels,
)

COLOURS = {
    "conv": BLUE, "norm": GREY, "act": ORANGE, "pool": SKY, "dropout": SKY, "attention": GREEN, "add": PURPLE,
    "mul": PURPLE,
}  # fmt: skip
SIGNS = {"add": "+", "mul": "×"}
HALF = 0.82  # half the width of a box; a lane with boxes is as wide as the main column
ROW = 0.27  # inches
MOST_IN_A_ROW = 3


@drawn
def block_diagram(
    block: nn.Module,
    shape: Sequence[int] = (1, 64, 56, 56),
    closed: tuple[type[nn.Module], ...] = (),
    *,
    language: str,
) -> Picture:
    """One block, with the parameters and MACs of each box beside it; ``block_diagrams`` draws several.

    block: any module that takes one feature map; it is run once on the meta device and stays as it was.
    shape: of the input, (N, C, H, W); N does not count in the MACs. closed: classes drawn as one box (attentions
    always are).
    """
    words = labels(language)
    graph = _graph(block, shape, closed)
    plan = layout(graph)
    figure = blank(2.7 + 1.9 * _width(plan) / 2, 0.8 + ROW * len(plan.main))
    axes = figure.subplots()
    name = type(block).__name__
    _draw(axes, graph, plan, words, name, costs=True)
    return Picture(figure, _sentence(name, graph, plan, words), language)


@drawn
def block_diagrams(
    blocks: Mapping[str, nn.Module],
    shape: Sequence[int] = (1, 64, 56, 56),
    closed: tuple[type[nn.Module], ...] = (),
    *,
    language: str,
) -> Picture:
    """Up to nine blocks side by side, titled by the mapping's keys, each with its parameters and MACs."""
    if not 1 <= len(blocks) <= 9:
        raise ValueError(f"blocks must hold 1 to 9 modules, got {len(blocks)}")
    words = labels(language)
    graphs = {title: _graph(block, shape, closed) for title, block in blocks.items()}
    plans = {title: layout(graph) for title, graph in graphs.items()}
    columns = 2 if len(blocks) == 4 else min(len(blocks), MOST_IN_A_ROW)
    rows = [list(blocks)[first : first + columns] for first in range(0, len(blocks), columns)]
    heights = [max(len(plans[title].main) for title in row) for row in rows]
    figure = blank(3.2 * columns, sum(ROW * height + 0.75 for height in heights))
    grid = figure.subplots(len(rows), columns, squeeze=False, height_ratios=[height + 2.6 for height in heights])
    for axes in grid.flat:
        axes.set_axis_off()
    for line, row, height in zip(grid, rows, heights):
        for axes, title in zip(line, row):
            _draw(axes, graphs[title], plans[title], words, title, rows=height, lanes=1.0)
    said = " ".join(_sentence(title, graphs[title], plans[title], words) for title in blocks)
    return Picture(figure, said, language)


def block_at(
    makers: Mapping[str, Callable[..., nn.Module]],
    block: str,
    cout: int = 64,
    stride: int = 1,
    attention: str | None = None,
    *,
    cin: int = 64,
    size: int = 56,
    language: str,
) -> Picture:
    """The block ``makers[block](cin, cout, stride, attention=attention)`` for a map of ``size`` x ``size``."""
    if block not in makers:
        raise ValueError(f"block must be one of {', '.join(makers)}, got {block!r}")
    made = makers[block](cin, cout, stride, attention=attention)
    return block_diagram(made, (1, cin, size, size), language=language)


def block_explorer(
    makers: Mapping[str, Callable[..., nn.Module]],
    couts: Sequence[int] = (64, 128, 256),
    attentions: Sequence[str | None] = (None, "se", "eca", "cbam"),
    *,
    language: str,
) -> Explorer:
    """``block_at`` with a choice of block, channels out, stride and attention."""
    import ipywidgets

    words = labels(language)
    controls = {
        "block": ipywidgets.Dropdown(options=list(makers), description=words.text("block.block")),
        "cout": ipywidgets.ToggleButtons(options=list(couts), description="cout"),
        "stride": ipywidgets.ToggleButtons(options=[1, 2], description="stride"),
        "attention": ipywidgets.Dropdown(
            options=[(words.text("block.none") if name is None else name, name) for name in attentions],
            description="attention",
        ),
    }

    def draw(**chosen) -> Picture:
        return block_at(makers, **chosen, language=language)

    return Explorer(draw, controls, language)


def _graph(block: nn.Module, shape: Sequence[int], closed: tuple[type[nn.Module], ...]) -> Dataflow:
    _, *rest = shape
    return dataflow(block, (1, *rest), closed)


def _width(plan: Layout) -> float:
    """Data units from the main column's left edge to the right edge of the last lane."""
    boxed = {way.lane for way in plan.ways if way.through}
    return 2 * HALF + sum(2 * HALF + 0.25 if lane in boxed else 0.45 for lane in range(1, plan.lanes))


def _lane_centres(plan: Layout) -> list[float]:
    boxed = {way.lane for way in plan.ways if way.through}
    centres, edge = [0.0], HALF
    for lane in range(1, plan.lanes):
        width = 2 * HALF + 0.25 if lane in boxed else 0.45
        centres.append(edge + (0.25 + HALF if lane in boxed else 0.3))
        edge += width
    return centres


def _draw(
    axes: Axes,
    graph: Dataflow,
    plan: Layout,
    words: Catalogue,
    title: str,
    *,
    costs: bool = False,
    rows: int | None = None,
    lanes: float = 0.0,
) -> None:
    centres = _lane_centres(plan)
    rows = len(plan.main) if rows is None else rows
    left = -HALF - (1.75 if costs else 0.1)
    right = max(-HALF + _width(plan), HALF + lanes * (2 * HALF + 0.25)) + 0.1
    axes.set(xlim=(left, right), ylim=(rows + 0.45, -2.35))
    axes.set_axis_off()
    axes.text(left + 0.05, -1.9, title, fontsize=9, fontweight="bold", va="center")
    axes.text(left + 0.05, -1.1, _total(graph, words), fontsize=8, va="center")
    spots = {node: (centres[lane], row) for node, (lane, row) in plan.places.items()}
    for above, below in itertools.pairwise(plan.main):
        _line(axes, [_below(spots[above]), _above(spots[below])], arrow=True)
    for way in plan.ways:
        _draw_way(axes, graph, spots, centres[way.lane], way)
    for node, spot in spots.items():
        _box(axes, graph.nodes[node], spot)
    end = spots[plan.main[-1]][1]
    _line(axes, [(0, end + 0.36), (0, end + 0.85)], arrow=True)
    if costs:
        for x, key in ((0.95, "block.parameters"), (0.1, "block.macs")):
            axes.text(-HALF - x, 0, words.text(key), fontsize=7, ha="right", va="center", color=GREY)
        for node in plan.main:
            _cost(axes, graph.nodes[node], -HALF, spots[node][1])
        for way in plan.ways:
            for node in way.through:
                _cost_below(axes, graph.nodes[node], *spots[node])


def _cost(axes: Axes, node: Node, x: float, y: float) -> None:
    if node.parameters:
        axes.text(x - 0.95, y, f"{node.parameters:,}", fontsize=7.5, ha="right", va="center")
    if node.macs:
        axes.text(x - 0.1, y, _millions(node.macs), fontsize=7.5, ha="right", va="center")


def _cost_below(axes: Axes, node: Node, x: float, y: float) -> None:
    costs = ([f"{node.parameters:,}"] if node.parameters else []) + ([_millions(node.macs)] if node.macs else [])
    if costs:
        axes.text(x, y + 0.58, " · ".join(costs), fontsize=7, ha="center", va="center", color=GREY,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})  # fmt: skip


def _total(graph: Dataflow, words: Catalogue) -> str:
    return words.text("block.total", parameters=f"{graph.parameters:,}", macs=_millions(graph.macs))


def _millions(macs: int) -> str:
    return f"{macs / 1e6:,.1f} M" if macs >= 1e6 else f"{macs:,}"


def _draw_way(axes: Axes, graph: Dataflow, spots: dict, lane: float, way: Way) -> None:
    """Out to the lane, down through the way's own boxes, and back into the side of the box at its end."""
    (x0, y0), (x1, y1) = spots[way.start], spots[way.end]
    out = y0 + (0.5 if graph.nodes[way.start].kind != "input" else 0.0)
    from_box = (x0 if out > y0 else x0 + 0.56, out)
    into = (x1 + (0.2 if graph.nodes[way.end].kind in SIGNS else HALF), y1)
    if not way.through:
        _line(axes, [from_box, (lane, out), (lane, y1), into], arrow=True, linewidth=2.6, color=RED)
        return
    boxes = [spots[node] for node in way.through]
    _line(axes, [from_box, (lane, out), _above(boxes[0])], arrow=True)
    for before, after in itertools.pairwise(boxes):
        _line(axes, [_below(before), _above(after)], arrow=True)
    _line(axes, [_below(boxes[-1]), (lane, y1), into], arrow=True)


def _above(spot: tuple[float, float]) -> tuple[float, float]:
    return spot[0], spot[1] - 0.32


def _below(spot: tuple[float, float]) -> tuple[float, float]:
    return spot[0], spot[1] + 0.3


def _line(axes: Axes, points: list, *, arrow: bool = False, color: str = "black", linewidth: float = 1.2) -> None:
    axes.plot(*zip(*points), color=color, linewidth=linewidth, solid_joinstyle="miter", zorder=1)
    if arrow:
        look = {"arrowstyle": "-|>", "color": color, "linewidth": linewidth, "mutation_scale": 7 + linewidth}
        ends = {"shrinkA": 0, "shrinkB": 0}
        axes.annotate("", xy=points[-1], xytext=points[-2], zorder=1, arrowprops=look | ends)


def _box(axes: Axes, node: Node, spot: tuple[float, float]) -> None:
    x, y = spot
    if node.kind == "input":
        axes.text(x, y, _label(node), fontsize=8, ha="center", va="center")
        return
    colour = COLOURS.get(node.kind, "black")
    if node.kind in SIGNS:
        circle = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": colour, "linewidth": 2}
        axes.text(x, y, SIGNS[node.kind], fontsize=9, ha="center", va="center", zorder=3, bbox=circle)
        return
    corner, width, height = (x - HALF + 0.06, y - 0.24), 2 * HALF - 0.12, 0.48
    look = {"boxstyle": "round,pad=0.04", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
    axes.add_patch(FancyBboxPatch(corner, width, height, zorder=2, **look))
    weight = "bold" if node.kind in ("conv", "attention") else "normal"
    text = textwrap.shorten(_label(node), 22, placeholder="…")
    axes.text(x, y, text, fontsize=7.5, ha="center", va="center", zorder=3, fontweight=weight)


def _label(node: Node) -> str:
    layer = node.layer
    if node.kind == "input":
        return f"x  {'×'.join(map(str, node.shape[1:]))}"
    if isinstance(layer, nn.modules.conv._ConvNd):
        text = f"{'×'.join(map(str, layer.kernel_size))} {layer.in_channels}→{layer.out_channels}"
        text += f" /{layer.stride[0]}" if layer.stride[0] != 1 else ""
        return text + (f" g={layer.groups}" if layer.groups != 1 else "")
    if isinstance(layer, nn.Linear):
        return f"fc {layer.in_features}→{layer.out_features}"
    if node.kind == "norm" and isinstance(layer, nn.modules.batchnorm._NormBase):
        return "BN"
    if layer is not None:
        return type(layer).__name__
    return SIGNS.get(node.kind, node.name)


def _sentence(title: str, graph: Dataflow, plan: Layout, words: Catalogue) -> str:
    """What the picture shows, for whoever does not see it."""
    chain = " → ".join(_label(graph.nodes[node]) for node in plan.main)
    sides = []
    for way in plan.ways:
        through = " → ".join(_label(graph.nodes[node]) for node in way.through) or words.text("block.identity")
        start, end = (_label(graph.nodes[node]) for node in (way.start, way.end))
        sides.append(words.text("block.way", start=start, end=end, through=through))
    return words.text(
        "block.alt", title=title, chain=chain, sides=" ".join(sides),
        total=_total(graph, words),
    )  # fmt: skip
