"""How fast the attention modules are, beside timm's, torchvision's and the textbook's, on this machine.

    python benchmarks/attention_speed.py [--batch 8] [--rounds 41] [--folder .bench] [--family SE ...]

The candidates of a row run in turn, round after round, in one process with one thread, so that a slow second of
the machine hits all of them; what is read is the thread's own CPU time, which leaves out the turns of others. A
figure is the lower quartile over the rounds of a module's time, divided by that of the floor, x * mean(x): a
neighbour on a shared machine makes rounds slower, never faster, and the median still wavers by a tenth with it.
Prints the table and writes it, and a plot, to the folder.
"""

import argparse
import ctypes
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import textbook
import torch
from torch import nn

from seattn_course import attention

SHAPES = ((64, 56, 56), (256, 28, 28), (512, 7, 7))
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
MODES = ("forward", "forward+backward")
OURS = "course"


@dataclass(frozen=True)
class Row:
    """One measured line: a family of modules on one shape, layout and mode; ratios to the floor, by maker."""

    family: str
    shape: tuple[int, int, int]
    layout: str
    mode: str
    ratios: dict[str, float]


def keep_freed_memory() -> str:
    """Tells glibc to keep what is freed, as a process in the middle of its work does; says which allocator runs.

    Otherwise a 6 MB tensor is given back to the system or not by the accident of where it lies, and a module whose
    tensors are handed back each time takes up to twice as long for fresh pages: luck, the same for all makers.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return "the system's allocator"
    trim_threshold, mmap_max = -1, -4  # from malloc.h
    mallopt(trim_threshold, 2**31 - 1)
    mallopt(mmap_max, 0)
    return "glibc's allocator, keeping freed memory"


def import_peers():
    """timm's layers and torchvision's SqueezeExcitation.

    A torchvision built for CUDA lacks two operators beside a CPU torch and fails on import; empty ones suffice.
    """
    library = torch.library.Library("torchvision", "FRAGMENT")
    if not hasattr(torch.ops.torchvision, "nms"):
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import timm.layers.cbam
    from torchvision.ops import SqueezeExcitation

    return timm.layers, SqueezeExcitation, library  # the operators live as long as the library object


def families(channels: int, timm_layers, squeeze_excitation) -> dict[str, dict[str, nn.Module]]:
    """Per family, by maker, modules of the same width that compute the same function (up to weights)."""
    C = channels
    h = attention.hidden_width(C, hidden_rounding=8)
    middle = attention.hidden_width(C, 24, hidden_rounding=8)  # timm's coordinate attention: 2/3 of C / 16
    kernel = attention.eca_kernel(C)
    return {
        "SE": {
            OURS: attention.SEBlock(C, hidden=h),
            "course, Linear": attention.SEBlockLinear(C, bias=True, hidden=h),
            "timm": timm_layers.SEModule(C),
            "torchvision": squeeze_excitation(C, h),
            "textbook": textbook.SE(C, h),
        },
        "SE avg+max": {
            OURS: attention.SEAvgMax(C, C // h, act="relu"),
            "timm": timm_layers.SEModule(C, add_maxpool=True),
            "textbook": textbook.SEAvgMax(C, h),
        },
        "ECA": {OURS: attention.ECA(C), "timm": timm_layers.EcaModule(C), "textbook": textbook.ECA(kernel)},
        "spatial": {
            OURS: attention.SpatialAttention(C, batch_norm=True),
            "timm": timm_layers.cbam.SpatialAttn(),
            "textbook": textbook.Spatial(),
        },
        "CBAM": {
            OURS: attention.CBAM(C, batch_norm=True),
            "timm": timm_layers.cbam.CbamModule(C),
            "textbook": textbook.CBAM(C, attention.hidden_width(C)),
        },
        "coordinate": {
            OURS: attention.CoordinateAttention(C, bias=False, hidden=middle),
            "timm": timm_layers.coord_attn.CoordAttn(C),
            "textbook": textbook.Coordinate(C, middle),
        },
    }


def measure(batch: int, rounds: int, wanted: list[str] | None) -> list[Row]:
    """All rows, shape by shape."""
    timm_layers, squeeze_excitation, _library = import_peers()
    rows = []
    for shape in SHAPES:
        torch.manual_seed(0)
        table = families(shape[0], timm_layers, squeeze_excitation)
        calls = 3 if shape[1] > 7 else 20  # short readings: more of them fall in a quiet moment
        for family, makers in table.items():
            if wanted is not None and family not in wanted:
                continue
            for layout, memory_format in LAYOUTS.items():
                x = torch.randn(batch, *shape).to(memory_format=memory_format)
                for mode in MODES:
                    modules = {"floor": textbook.Floor()} | makers
                    steps = {maker: _step(module, x, mode) for maker, module in modules.items()}
                    times = _interleaved(steps, rounds, calls)
                    quiet = {maker: statistics.quantiles(readings, n=4)[0] for maker, readings in times.items()}
                    ratios = {maker: quiet[maker] / quiet["floor"] for maker in makers}
                    rows.append(Row(family, shape, layout, mode, ratios))
    return rows


def _interleaved(steps: dict[str, Callable], rounds: int, calls: int) -> dict[str, list[float]]:
    """Seconds a call, for each round. Two habits beside taking turns, without which a row measures its neighbours:

    the order is drawn anew each round, and one call before the clock starts leaves caches and allocator as the
    module itself leaves them.
    """
    order = list(steps)
    shuffle = random.Random(0).shuffle
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            step = steps[name]
            step()
            start = time.thread_time()
            for _ in range(calls):
                step()
            times[name].append((time.thread_time() - start) / calls)
    return times


def _step(module: nn.Module, x: torch.Tensor, mode: str) -> Callable[[], None]:
    """One step of ``mode``: evaluation without gradients, or training with them."""
    if mode == "forward":
        module.eval()

        def step():
            with torch.no_grad():
                module(x)

        return step

    x = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    grad = torch.randn_like(x)

    def step():
        module.train()
        module.zero_grad(set_to_none=True)
        x.grad = None
        module(x).backward(grad)

    return step


def as_markdown(rows: list[Row], batch: int, allocator: str) -> str:
    """The rows as one table for each mode."""
    makers = list(dict.fromkeys(maker for row in rows for maker in row.ratios))
    lines = [
        f"Ratio of the time to that of the floor x * mean(x); batch {batch}, one thread, {allocator}, "
        f"torch {torch.__version__}, {platform.machine()}, load average {os.getloadavg()[0]:.1f}.",
    ]
    for mode in MODES:
        lines += ["", f"**{mode}**", "", "| module | shape | layout | " + " | ".join(makers) + " |"]
        lines += ["|---|---|---|" + "---:|" * len(makers)]
        for row in sorted((row for row in rows if row.mode == mode), key=lambda row: row.family):
            shape = "x".join(map(str, row.shape))
            cells = [f"{row.ratios[maker]:.2f}" if maker in row.ratios else "" for maker in makers]
            lines.append(f"| {row.family} | {shape} | {row.layout} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def aims(rows: list[Row]) -> str:
    """What the course aims at, and in how many rows this run reached it."""
    se = [row for row in rows if row.family == "SE"]
    avg_max = [row for row in rows if row.family == "SE avg+max"]
    large = [row for row in se if row.shape[1] > 7]
    checks = [
        ("SE at most 1.0 x timm", [row.ratios[OURS] / row.ratios["timm"] for row in se], 1.0),
        ("SE at most 1.0 x torchvision", [row.ratios[OURS] / row.ratios["torchvision"] for row in se], 1.0),
        ("SE at most 1.3 x floor, large maps", [row.ratios[OURS] for row in large], 1.3),
    ]
    for mode, limit in (("forward", 0.6), ("forward+backward", 0.8)):
        against = [row.ratios[OURS] / row.ratios["textbook"] for row in avg_max if row.mode == mode]
        checks.append((f"avg+max at most {limit} x AdaptiveMaxPool, {mode}", against, limit))
    lines = ["| aim | rows that reach it | best | worst |", "|---|---:|---:|---:|"]
    for name, values, limit in checks:
        if values:
            reached = sum(value <= limit for value in values)
            lines.append(f"| {name} | {reached} of {len(values)} | {min(values):.2f} | {max(values):.2f} |")
    return "\n".join(lines) + "\n"


def plot(rows: list[Row], path: Path) -> None:
    """Ratios to the floor on a logarithmic axis: a panel for each mode and shape, hollow for channels_last."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    makers = list(dict.fromkeys(maker for row in rows for maker in row.ratios))
    names = list(dict.fromkeys(row.family for row in rows))
    figure, axes = pyplot.subplots(len(MODES), len(SHAPES), figsize=(12, 7), sharex=True, sharey=True)
    for row in rows:
        axis = axes[MODES.index(row.mode)][SHAPES.index(row.shape)]
        for maker, ratio in row.ratios.items():
            height = names.index(row.family) + 0.13 * (makers.index(maker) - (len(makers) - 1) / 2)
            marker, fill = ("s", "none") if row.layout == "channels_last" else ("o", "full")
            axis.plot(ratio, height, marker, color=f"C{makers.index(maker)}", markersize=5, fillstyle=fill)
    for i, mode in enumerate(MODES):
        for j, shape in enumerate(SHAPES):
            axes[i][j].set_title(f"{'x'.join(map(str, shape))}, {mode}", fontsize=10)
            axes[i][j].axvline(1, color="0.6", linewidth=1)
            axes[i][j].set_xscale("log")
            axes[i][j].set_yticks(range(len(names)), names)
            axes[i][j].grid(axis="x", which="both", color="0.9")
    axes[0][0].invert_yaxis()
    for axis in axes[-1]:
        axis.set_xlabel("time / time of x * mean(x)")
    handles = [pyplot.Line2D([], [], marker="o", linestyle="", color=f"C{i}") for i in range(len(makers))]
    handles.append(pyplot.Line2D([], [], marker="s", linestyle="", color="0.3", fillstyle="none"))
    labels = [*makers, "hollow: channels_last"]
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0.05, 1, 1))
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--folder", type=Path, default=Path(".bench"))
    parser.add_argument("--family", nargs="*", help="only these families, for example SE ECA")
    options = parser.parse_args()
    torch.set_num_threads(1)
    allocator = keep_freed_memory()
    rows = measure(options.batch, options.rounds, options.family)
    report = as_markdown(rows, options.batch, allocator) + "\n" + aims(rows)
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "attention_speed.md").write_text(report, encoding="utf-8")
    plot(rows, options.folder / "attention_speed.png")
    print(report)


if __name__ == "__main__":
    main()
