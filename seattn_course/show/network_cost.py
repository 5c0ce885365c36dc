"""What SE costs a whole network, drawn: shares by stage, size and published error by r, operations beside time."""

from collections.abc import Mapping, Sequence

import numpy as np

from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, Picture, blank, drawn, labels

COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
MILLION = 1e6


@drawn
def cost_per_stage(costs: Mapping[str, Sequence[float]], *, language: str) -> Picture:
    """How a network's costs are spread over its stages, in percent: one group of bars a stage, one bar a cost.

    ``costs`` maps the name of a cost to its amount in each stage, in any unit.
    """
    if not 1 <= len(costs) <= len(COLOURS):
        raise ValueError(f"costs must hold 1 to {len(COLOURS)} entries, got {len(costs)}")
    stages = len(next(iter(costs.values())))
    shares = {}
    for name, amounts in costs.items():
        amounts = np.asarray(amounts, dtype=float)
        if amounts.shape != (stages,) or amounts.min() < 0 or not amounts.sum() > 0:
            raise ValueError(
                f"costs[{name!r}] must have {stages} amounts, one per stage, none negative and not all 0, "
                f"got {amounts.tolist()}"
            )
        shares[name] = 100 * amounts / amounts.sum()
    words = labels(language)
    figure = blank(7.4, 3.0)
    axes = figure.subplots()
    width = 0.8 / len(shares)
    for index, ((name, share), colour) in enumerate(zip(shares.items(), COLOURS)):
        places = np.arange(stages) + (index - (len(shares) - 1) / 2) * width
        axes.bar(places, share, width * 0.92, color=colour, label=name)
        for place, percent in zip(places, share):
            axes.annotate(
                f"{percent:.1f}", (place, percent), xytext=(0, 2), textcoords="offset points", ha="center",
                fontsize=8,
            )  # fmt: skip
    axes.set_xticks(range(stages), [words.text("network.stage", number=i + 1) for i in range(stages)])
    axes.set_ylabel(words.text("network.share"))
    axes.set_ylim(0, 1.15 * max(share.max() for share in shares.values()))
    axes.legend(fontsize=9)
    rows = (f"{name}: {', '.join(f'{percent:.1f}' for percent in share)}" for name, share in shares.items())
    table = "; ".join(rows)
    return Picture(figure, words.text("network.alt_stages", stages=stages, table=table), language, dpi=90)


@drawn
def reduction_at(
    totals: Mapping[int, int],
    plain: int,
    errors: Mapping[int, float],
    plain_error: float,
    reduction: int,
    *,
    language: str,
) -> Picture:
    """Size of a network for each r, and the error published for it, with one r picked out.

    totals: r -> parameters of the whole network with SE. plain: parameters without SE.
    errors: r -> published error in percent; an r may be missing. plain_error: without SE. reduction: the r shown.
    """
    if reduction not in totals:
        raise ValueError(f"reduction must be one of {', '.join(map(str, totals))}, got {reduction}")
    smaller = [r for r, total in totals.items() if total < plain]
    if smaller:
        raise ValueError(f"totals[{smaller[0]}] must not be below plain={plain}, got {totals[smaller[0]]}")
    words = labels(language)
    figure = blank(7.6, 3.1)
    left, right = figure.subplots(1, 2)
    places = {r: place for place, r in enumerate(totals)}
    chosen = places[reduction]
    added = [(total - plain) / MILLION for total in totals.values()]
    slots = list(places.values())
    left.bar(slots, plain / MILLION, color="#d0d0d0", width=0.7, label=words.text("network.backbone"))
    left.bar(slots, added, bottom=plain / MILLION, color=SKY, width=0.7, label=words.text("network.added"))
    left.bar(chosen, added[chosen], bottom=plain / MILLION, color=RED, width=0.7)
    total = totals[reduction]
    left.annotate(
        f"{total / MILLION:.2f} M", (chosen, total / MILLION), xytext=(0, 2), textcoords="offset points",
        ha="center", fontsize=9,
    )  # fmt: skip
    left.set_title(words.text("network.millions"))
    left.set_ylim(0, 1.12 * max(totals.values()) / MILLION)
    left.legend(fontsize=8, loc="upper right")
    known = [r for r in totals if r in errors]
    right.plot([places[r] for r in known], [errors[r] for r in known], color=SKY, marker="o", zorder=2)
    right.axhline(plain_error, color=GREY, linestyle="--", linewidth=1)
    right.annotate(
        words.text("network.without", error=f"{plain_error:.2f}"), (0, plain_error), xytext=(0, -11),
        textcoords="offset points", fontsize=8, color=GREY,
    )  # fmt: skip
    if reduction in errors:
        right.plot(chosen, errors[reduction], color=RED, marker="o", markersize=9, zorder=3)
        right.annotate(
            f"{errors[reduction]:.2f}", (chosen, errors[reduction]), xytext=(6, -14), textcoords="offset points",
            fontsize=9,
        )  # fmt: skip
    else:
        right.axvline(chosen, color=RED, linewidth=1)
    right.set_title(words.text("network.error"))
    lowest = min([*errors.values(), plain_error])
    right.set_ylim(lowest - 0.25, plain_error + 0.15)
    for axes in (left, right):
        axes.set_xticks(slots, [str(r) for r in totals])
        axes.set_xlim(-0.6, len(totals) - 0.4)
        axes.set_xlabel(words.text("axis.reduction"))
    published = (
        words.text("network.published", error=f"{errors[reduction]:.2f}", plain=f"{plain_error:.2f}")
        if reduction in errors
        else words.text("network.unpublished", plain=f"{plain_error:.2f}")
    )
    alt = words.text(
        "network.alt_reduction", r=reduction, total=total, plain=plain,
        percent=f"{100 * (total - plain) / plain:.2f}", published=published,
    )  # fmt: skip
    return Picture(figure, alt, language, dpi=90)


def reduction_explorer(
    totals: Mapping[int, int], plain: int, errors: Mapping[int, float], plain_error: float, *, language: str
) -> Explorer:
    """``reduction_at`` with a slider for r; it begins at 16, or at the first r there is."""
    import ipywidgets

    options = list(totals)
    slider = ipywidgets.SelectionSlider(options=options, value=16 if 16 in totals else options[0], description="r")

    def draw(reduction: int) -> Picture:
        return reduction_at(totals, plain, errors, plain_error, reduction, language=language)

    return Explorer(draw, {"reduction": slider}, language)


@drawn
def operations_and_time(parts: Mapping[str, tuple[int, float]], *, language: str) -> Picture:
    """Operations, time and operations per nanosecond of a network's parts, on logarithmic scales.

    ``parts`` maps a part's name to (operations, seconds), both above 0.
    """
    for name, (operations, seconds) in parts.items():
        if not operations > 0 or not seconds > 0:
            raise ValueError(
                f"parts[{name!r}] must be operations and seconds above 0, got {operations}, {seconds}"
            )
    words = labels(language)
    names = list(parts)
    columns = {
        "network.operations": [operations for operations, _ in parts.values()],
        "network.microseconds": [seconds * 1e6 for _, seconds in parts.values()],
        "network.rate": [operations / (seconds * 1e9) for operations, seconds in parts.values()],
    }
    figure = blank(8.2, 0.9 + 0.42 * len(parts))
    rows = range(len(names))
    for axes, (title, values), colour in zip(
        figure.subplots(1, 3, sharey=True), columns.items(), (BLUE, ORANGE, GREEN)
    ):
        axes.hlines(rows, min(values) / 4, values, color=colour, linewidth=1, alpha=0.5)
        axes.scatter(values, rows, color=colour, s=36, zorder=3)
        for row, value in zip(rows, values):
            axes.annotate(
                _label(value), (value, row), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8
            )
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 4, max(values) * 60)
        axes.minorticks_off()
        axes.set_title(words.text(title))
        axes.set_yticks(rows, names)
    figure.axes[0].invert_yaxis()
    table = "; ".join(
        words.text("network.part", name=name, operations=operations, time=_short(seconds * 1e6),
                   rate=_short(operations / (seconds * 1e9)))
        for name, (operations, seconds) in parts.items()
    )  # fmt: skip
    return Picture(figure, words.text("network.alt_parts", table=table), language, dpi=90)


def _label(value: float) -> str:
    """Beside a dot there is room for few characters."""
    return f"{value / MILLION:.0f} M" if value >= MILLION else _short(value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
