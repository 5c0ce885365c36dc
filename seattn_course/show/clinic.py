"""Attention's share of its host, and a patient's chart: what the instruments say of one network."""

import textwrap
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seattn_course.course.language import Catalogue
from seattn_course.lab.instruments import Chart
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, ORANGE, PURPLE, Picture, blank, drawn, labels

COLOURS = (BLUE, ORANGE, GREEN, PURPLE)


@drawn
def share_by_host(shares: Mapping[str, Mapping[str, float]], *, language: str) -> Picture:
    """Parameters of attention as a share of the block's convolution weights: a group of bars for each host.

    shares: host -> kind of attention -> percent; up to four kinds, the same for all hosts.
    """
    kinds = [list(by_kind) for by_kind in shares.values()]
    if not kinds or not 1 <= len(kinds[0]) <= len(COLOURS) or any(kind != kinds[0] for kind in kinds):
        raise ValueError(f"shares must give each host the same 1 to {len(COLOURS)} kinds, got {kinds}")
    words = labels(language)
    height = 0.8 / len(kinds[0])
    figure = blank(7.4, 0.9 + 0.17 * len(shares) * (len(kinds[0]) + 1))
    axes = figure.subplots()
    for place, kind in enumerate(kinds[0]):
        at = np.arange(len(shares)) + place * height
        values = [by_kind[kind] for by_kind in shares.values()]
        axes.barh(at, values, height * 0.92, color=COLOURS[place], label=kind)
        for y, value in zip(at, values):
            axes.annotate(_percent(value), (value, y), (3, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks(np.arange(len(shares)) + 0.4 - height / 2, list(shares))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08 * max(value for by_kind in shares.values() for value in by_kind.values()))
    axes.set_xlabel(words.text("clinic.share"))
    axes.legend(loc="upper right", fontsize=8)
    rows = "; ".join(
        f"{host}: " + ", ".join(f"{kind} {_percent(value)}" for kind, value in by_kind.items())
        for host, by_kind in shares.items()
    )
    return Picture(figure, words.text("clinic.share_alt", rows=rows), language, dpi=90)


@drawn
def chart_at(charts: Mapping[str, Chart], name: str, *, language: str) -> Picture:
    """The chart of one network: its gates, the gradients of its attentions, and the other instruments' readings.

    charts: name -> what :func:`~seattn_course.lab.instruments.examine` returned. ValueError for an unknown name,
    or a chart without gates.
    """
    if name not in charts:
        raise ValueError(f"name must be one of {', '.join(charts)}, got {name!r}")
    chart = charts[name]
    if not chart.gates:
        raise ValueError(f"charts[{name!r}] must hold gates, got none")
    words = labels(language)
    figure = blank(8.4, 5.0)
    upper, lower = figure.subfigures(2, 1, height_ratios=[1, 1.15])
    widths = [s.shape[1] for s in chart.gates.values()]
    panels = upper.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
    said = [_gate_map(axes, *entry, words) for axes, entry in zip(panels, chart.gates.items())]
    upper.colorbar(panels[0].images[0], ax=list(panels), shrink=0.9, pad=0.01).set_label(words.text("clinic.gate"))
    upper.suptitle(words.text("clinic.title", name=name), x=0.01, ha="left", fontsize=11)
    bars, page = lower.subplots(1, 2, width_ratios=[1, 1.75])
    blocks = list(chart.attention_gradients)
    values = list(chart.attention_gradients.values())
    bars.barh(blocks, values, color=ORANGE)
    for y, value in enumerate(values):
        bars.annotate(f"{value:.1f}", (value, y), (3, 0), textcoords="offset points", va="center", fontsize=8)
    bars.invert_yaxis()
    bars.set_xlim(0, 1.25 * max(*values, 0.1))
    bars.xaxis.set_major_locator(MaxNLocator(4))
    bars.set_title(words.text("clinic.gradient"), fontsize=9)
    page.axis("off")
    lines = _readings(chart, words)
    text = "\n".join(textwrap.fill(line, 58, subsequent_indent="    ") for line in lines)
    page.text(0, 1, text, va="top", fontsize=8.5, linespacing=1.35, transform=page.transAxes)
    gradients = ", ".join(f"{block} {value:.1f}" for block, value in zip(blocks, values))
    alt = words.text("clinic.alt", name=name, gates="; ".join(said), gradients=gradients, readings=" ".join(lines))
    return Picture(figure, alt, language, dpi=90)


def chart_explorer(charts: Mapping[str, Chart], *, language: str) -> Explorer:
    """:func:`chart_at`, the network picked from a list."""
    import ipywidgets

    words = labels(language)
    control = ipywidgets.Dropdown(options=list(charts), description=words.text("clinic.patient"))
    return Explorer(lambda name: chart_at(charts, name, language=language), {"name": control}, language)


def _percent(value: float) -> str:
    return f"{value:.1f}" if value >= 0.05 else "< 0.1"


def _gate_map(axes: Axes, name: str, s, words: Catalogue) -> str:
    """Draws the gates (N, C) as a map of images by channels, and says their numbers."""
    values = s.numpy()
    axes.imshow(values, cmap="viridis", vmin=0, vmax=1, aspect="auto")
    block = name.partition(".")[0]
    axes.set_title(block, fontsize=9)
    axes.set_xlabel(words.text("clinic.channel"), fontsize=8)
    axes.set_xticks([0, values.shape[1] - 1], [1, values.shape[1]])
    axes.set_yticks([0, len(values) - 1], [1, len(values)])
    if axes.get_subplotspec().is_first_col():
        axes.set_ylabel(words.text("clinic.image"), fontsize=8)
    spread = np.ptp(values, axis=0).max()
    return words.text(
        "clinic.gates_alt", block=block, images=len(values), channels=values.shape[1],
        low=f"{values.min():.2f}", mean=f"{values.mean():.2f}", high=f"{values.max():.2f}", spread=f"{spread:.2f}",
    )  # fmt: skip


def _readings(chart: Chart, words: Catalogue) -> list[str]:
    """One line an instrument."""
    none = words.text("clinic.none")

    def listing(by_block: Mapping[str, float]) -> str:
        return ", ".join(f"{block} {value:.2f}" for block, value in by_block.items())

    return [
        words.text("clinic.parameters", values=", ".join(f"{k} {v}" for k, v in chart.parameters.items())),
        words.text("clinic.silent", values=", ".join(chart.silent) or none),
        words.text("clinic.shared", values="; ".join(" = ".join(names) for names in chart.shared) or none),
        words.text("clinic.leak", value=f"{chart.leak:.2f}"),
        words.text("clinic.overwritten", values=", ".join(chart.overwritten) or none),
        words.text("clinic.skip_kept", values=listing(chart.skip_kept)),
        words.text("clinic.lowered", values=listing(chart.lowered)),
        words.text("clinic.runs" if chart.other_size else "clinic.fails"),
    ]
