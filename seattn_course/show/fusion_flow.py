"""Residual blocks with attention as data flows: what becomes of the identity path and of the branch.

The flow is read off the block itself (``lab.dataflow``). Two strands run through it: blue is what is left of x on
the identity path, orange is what the branch F has made. A strand is as wide as the gates that it passed let it be.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from torch import Tensor, nn

from seattn_course import arguments
from seattn_course.course.language import Catalogue
from seattn_course.lab.dataflow import Dataflow, Node, dataflow
from seattn_course.show.block_layout import Layout, layout
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, Picture, blank, drawn, labels

PATTERNS = ("P1", "P2", "P3", "P4")
FULL = 6.0  # line width, in points, of a strand that nothing has weakened
ROUTE = (("input", "x"), ("f", "F"), ("attn", "A"), ("attn_skip", "A"), ("add", "+"))

# parts(pattern, gate, gate_skip, training) -> the block, and the maps (H, W) that its two paths bring to the sum
Parts = Callable[[str, float, float, bool], tuple[nn.Module, Tensor, Tensor]]


@dataclass(frozen=True)
class _Flow:
    graph: Dataflow
    plan: Layout
    strands: dict[int, tuple[float, float]]  # behind each node: what is left of the identity path, of the branch

    @property
    def output(self) -> tuple[float, float]:
        return self.strands[self.graph.output]

    def name(self, index: int) -> str:
        return _name(self.graph.nodes, self.graph.nodes[index])


def _name(nodes: Sequence[Node], node: Node) -> str:
    if node.kind == "attention":
        both = any(other.name == "attn_skip" for other in nodes)
        return {"attn": "A_r" if both else "A", "attn_skip": "A_s"}.get(node.name, node.name)
    if node.kind == "act":
        return type(node.layer).__name__ if node.layer is not None else node.name
    return dict(ROUTE).get(node.name if node.kind != "input" else "input", node.name)


def _flow(block: nn.Module, shape: Sequence[int], gates: Mapping[str, float], branch: float) -> _Flow:
    graph = dataflow(copy.deepcopy(block).float(), shape, (type(_branch(block)),))
    strands: dict[int, tuple[float, float]] = {0: (1.0, 0.0)}
    for index, node in enumerate(graph.nodes[1:], start=1):
        incoming = [strands[source] for source in node.sources]
        identity, made = (sum(values) for values in zip(*incoming))
        gate = gates.get(node.name, 1.0) if node.kind == "attention" else 1.0
        strands[index] = (0.0, branch) if node.name == "f" else (identity * gate, made * gate)
    return _Flow(graph, layout(graph), strands)


@drawn
def pattern_flows(blocks: Mapping[str, nn.Module], *, language: str) -> Picture:
    """Up to four blocks as data flows, titled by the mapping's keys; a strand is thin from its first gate on.

    Each block holds F as ``.f`` and its attentions as ``.attn`` and ``.attn_skip``, and takes maps of 8 channels
    at least of 4x4; ValueError if it has no ``.f``.
    """
    if not 1 <= len(blocks) <= 4:
        raise ValueError(f"blocks must hold 1 to 4 modules, got {len(blocks)}")
    words = labels(language)
    thin = {"attn": 0.25, "attn_skip": 0.25}
    rows = (len(blocks) + 1) // 2
    figure = blank(9.4 if len(blocks) > 1 else 4.9, 1.65 * rows + 0.3)
    grid = figure.subplots(rows, min(2, len(blocks)), squeeze=False).flatten()
    said = []
    for axes in grid:
        axes.set_axis_off()
    for axes, (title, block) in zip(grid, blocks.items()):
        flow = _flow(block, (2, _channels(block), 4, 4), thin, 1.0)
        _draw(axes, flow, {})
        axes.set_title(title)
        kept = "touched" if flow.output[0] < 1 else "untouched"
        said.append(f"{title}: {_route(flow, words)} {words.text(f'fusion.{kept}')}")
    _legend(figure, words)
    return Picture(figure, words.text("fusion.alt_flows", flows=" ".join(said)), language, dpi=90)


def _branch(block: nn.Module) -> nn.Module:
    arguments.module("block", block)
    f = getattr(block, "f", None)
    if not isinstance(f, nn.Module):
        raise ValueError(f"block must hold its branch F as .f, got {type(block).__name__} without one")
    return f


def _channels(block: nn.Module) -> int:
    convolution = next((part for part in _branch(block).modules() if isinstance(part, nn.Conv2d)), None)
    return convolution.in_channels if convolution is not None else 8


@drawn
@torch.no_grad()
def pattern_at(
    parts: Parts,
    pattern: str = "P1",
    gate: float = 1.0,
    gate_skip: float = 1.0,
    training: bool = True,
    *,
    language: str,
) -> Picture:
    """A pattern with its gates set by hand: the flow, and what each path brings to y, as pictures.

    ``parts(pattern, gate, gate_skip, training)`` returns the block and two maps (H, W): what the identity path and
    what the branch bring to the sum, before the ReLU. The figure states the contrast (standard deviation over
    the places) of each, as a share of its contrast with open gates. gate, gate_skip: from 0 to 1; only P4 has the
    second.
    """
    arguments.choice("pattern", pattern, PATTERNS)
    for name, value in (("gate", gate), ("gate_skip", gate_skip)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be from 0 to 1, got {value}")
    words = labels(language)
    block, identity, branch = parts(pattern, gate, gate_skip, training)
    _, *whole = parts(pattern, 1.0, 1.0, training)
    kept = [float(part.std() / full.std()) for part, full in zip((identity, branch), whole)]
    used = {"attn": gate, "attn_skip": gate_skip}
    f_gated = pattern == "P3"
    flow = _flow(block, (2, _channels(block), *identity.shape), used, kept[1] if f_gated else 1.0)
    figure = blank(9.6, 2.5)
    axes, *pictures = figure.subplots(1, 4, width_ratios=[2.6, 1, 1, 1])
    _draw(axes, flow, used)
    axes.set_title(words.text(f"fusion.formula_{pattern}"))
    shares = dict(zip(("identity", "branch"), kept))
    titles = [words.text(f"fusion.{path}", share=f"{share:.2f}") for path, share in shares.items()]
    shown = (identity, branch, (identity + branch).relu())
    scales = ((0.0, 1.0), (-1.0, 1.0), (0.0, 1.0))
    for picture, values, title, (low, high) in zip(pictures, shown, [*titles, words.text("fusion.sum")], scales):
        picture.imshow(values.cpu().numpy(), cmap="gray", vmin=low, vmax=high)
        picture.set_title(title, fontsize=9)
        picture.set_xticks([])
        picture.set_yticks([])
        picture.spines[["top", "right"]].set_visible(True)
    for picture, colour in zip(pictures, (BLUE, ORANGE, "black")):
        for spine in picture.spines.values():
            spine.set_color(colour)
            spine.set_linewidth(2)
    gates = words.text("fusion.gate", gate=f"{gate:.2f}")
    gates += words.text("fusion.gate_skip", gate=f"{gate_skip:.2f}") if pattern == "P4" else ""
    alt = words.text(
        "fusion.alt_dial", pattern=pattern, gates=gates, route=_route(flow, words),
        mode=words.text("fusion.training" if training else "fusion.evaluation"),
        identity=f"{kept[0]:.2f}", branch=f"{kept[1]:.2f}", total=f"{shown[2].std():.2f}",
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def pattern_explorer(parts: Parts, *, language: str) -> Explorer:
    """``pattern_at`` with a choice of pattern, a slider for each gate, and training or evaluation mode."""
    import ipywidgets

    words = labels(language)
    style = {"description_width": "5em"}
    controls = {
        "pattern": ipywidgets.ToggleButtons(
            options=PATTERNS, description=words.text("fusion.pattern"), style=style
        ),
        "gate": ipywidgets.FloatSlider(1.0, min=0.0, max=1.0, step=0.05, description="A, A_r", style=style),
        "gate_skip": ipywidgets.FloatSlider(
            1.0, min=0.0, max=1.0, step=0.05, description=words.text("fusion.only_P4"), style=style
        ),
        "training": ipywidgets.Checkbox(True, description=words.text("fusion.training"), style=style),
    }

    def draw(**chosen) -> Picture:
        return pattern_at(parts, **chosen, language=language)

    return Explorer(draw, controls, language, {"gate_skip": lambda values: values["pattern"] == "P4"})


def _route(flow: _Flow, words: Catalogue) -> str:
    """The flow in words: the longest way, and the one beside it."""
    main = " → ".join([*map(flow.name, flow.plan.main), "y"])
    for way in flow.plan.ways:
        through = " → ".join(map(flow.name, way.through)) or words.text("fusion.nothing")
        main += words.text("fusion.beside", start=flow.name(way.start), end=flow.name(way.end), through=through)
    return main + "."


def _draw(axes: Axes, flow: _Flow, gates: Mapping[str, float]) -> None:
    """Left to right: the branch's way below, the other way above it."""
    spots = {node: (float(row), float(lane)) for node, (lane, row) in flow.plan.places.items()}
    end = len(flow.plan.main)
    axes.set(xlim=(-0.4, end + 0.3), ylim=(-0.75, 1.7))
    axes.set_axis_off()
    for start, stop in pairwise(flow.plan.main):
        _edge(axes, [spots[start], spots[stop]], flow.strands[start])
    _edge(axes, [spots[flow.plan.main[-1]], (end, 0.0)], flow.output)
    axes.text(end + 0.08, 0, "y", va="center", fontsize=11, style="italic")
    for way in flow.plan.ways:
        stops = [way.start, *way.through, way.end]
        for start, stop in pairwise(stops):
            (x0, y0), (x1, y1) = spots[start], spots[stop]
            points = [(x0, y0), (x0, way.lane), (x1, way.lane), (x1, y1)]
            _edge(axes, list(dict.fromkeys(points)), flow.strands[start])
    for index, spot in spots.items():
        _box(axes, flow, index, spot, gates.get(flow.graph.nodes[index].name))


def _edge(axes: Axes, points: list[tuple[float, float]], strands: tuple[float, float]) -> None:
    axes.plot(*zip(*points), color="#d0d0d0", linewidth=1.0, linestyle=":", zorder=1)
    both = all(share > 0 for share in strands)
    for share, colour, side in zip(strands, (BLUE, ORANGE), (1, -1)):
        if share > 0:
            shift = side * 0.06 if both else 0.0
            xs, ys = zip(*points)
            axes.plot(xs, [y + shift for y in ys], color=colour, linewidth=FULL * min(share, 1.3), zorder=2,
                      solid_capstyle="butt", solid_joinstyle="miter")  # fmt: skip


def _box(axes: Axes, flow: _Flow, index: int, spot: tuple[float, float], gate: float | None) -> None:
    node, name = flow.graph.nodes[index], flow.name(index)
    x, y = spot
    if node.kind == "input":
        axes.text(x, y, "x", fontsize=11, style="italic", ha="center", va="center", zorder=4,
                  bbox={"boxstyle": "circle,pad=0.1", "facecolor": "white", "edgecolor": "none"})  # fmt: skip
        return
    if node.kind == "add":
        axes.text(x, y, "+", fontsize=12, ha="center", va="center", zorder=4,
                  bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": "black"})  # fmt: skip
        return
    colour = {"attention": GREEN, "act": GREY}.get(node.kind, ORANGE)
    axes.add_patch(FancyBboxPatch((x - 0.24, y - 0.2), 0.48, 0.4, boxstyle="round,pad=0.03", facecolor="white",
                                  edgecolor=colour, linewidth=2, zorder=3))  # fmt: skip
    text = f"${name}$" if node.kind == "attention" or name == "F" else name
    axes.text(x, y, text, ha="center", va="center", fontsize=8.5 if node.kind == "act" else 11, zorder=4)
    if node.kind == "attention" and gate is not None:
        axes.text(x, y - 0.33, f"{gate:.2f}", ha="center", va="top", fontsize=8.5, color=GREEN, zorder=4)


def _legend(figure, words: Catalogue) -> None:
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=colour, linewidth=FULL) for colour in (BLUE, ORANGE)]
    lines.append(Line2D([], [], color=GREY, linewidth=FULL * 0.25))
    names = [words.text(f"fusion.legend_{name}") for name in ("identity", "branch", "thin")]
    figure.legend(lines, names, loc="outside lower center", ncols=3, fontsize=9)
