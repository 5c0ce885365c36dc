"""What stored plans found: each planned comparison with its interval, its verdict and its corrected p."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from seattn_course import arguments
from seattn_course.lab import plans
from seattn_course.lab.statistics import corrected, verdict
from seattn_course.show.ablation import model_name
from seattn_course.show.picture import BLUE, GREY, RED, SKY, Picture, blank, drawn, labels
from seattn_course.show.report_verdicts import number

COLOURS = {"better": BLUE, "worse": RED, "none": GREY, "open": SKY}


@drawn
def planned_differences(names: Sequence[str], *, language: str) -> Picture:
    """A panel for each plan of ``names``: mean difference, 95 % interval, verdict, p after Holm within the plan.

    The shaded band is the plan's ``worth``. ValueError without a name, and for an unknown plan.
    """
    if isinstance(names, str) or not names:
        raise ValueError(f"names must be a list of at least one plan, got {names!r}")
    chosen = [plans.PLANS[arguments.choice("names", name, plans.PLANS)] for name in names]
    words = labels(language)
    rows = [len(plan.comparisons()) for plan in chosen]
    figure = blank(8.6, 0.5 + sum(0.42 + 0.25 * count for count in rows))
    panels = figure.subplots(
        len(names), 1, sharex=True, squeeze=False, height_ratios=[count + 1 for count in rows]
    )
    texts = [_panel(axes[0], name, language) for axes, name in zip(panels, names)]
    panels[-1][0].set_xlabel(words.text("planned.axis"))
    alt = words.text("planned.alt", seeds=len(chosen[0].seeds), rows=" ".join(texts))
    return Picture(figure, alt, language, dpi=90)


def _panel(axes: Axes, name: str, language: str) -> str:
    words, plan, results = labels(language), plans.PLANS[name], plans.stored(name)
    title = words.text(f"planned.question.{name}")
    tests = {pair: results.compare(*pair) for pair in plan.comparisons()}
    holm = corrected({pair: test.p_sign_flip for pair, test in tests.items()})
    axes.axvspan(-plan.worth, plan.worth, color=GREY, alpha=0.15, linewidth=0)
    axes.axvline(0, color=GREY, linewidth=1)
    ticks, told = [], []
    for row, (pair, test) in enumerate(tests.items()):
        low, high, said = test.interval.lower, test.interval.upper, verdict(test.interval, plan.worth)
        axes.plot([low, high], [row, row], color=COLOURS[said], linewidth=3)
        axes.scatter([test.mean], [row], color="black", marker="D", s=18, zorder=3)
        mean, p = number(test.mean, 1, language, sign=True), number(holm[pair], 3, language)
        shown = f"{mean}   {words.text(f'planned.{said}')}   p {p}"
        axes.text(1.01, row, shown, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
        model, other = (model_name(model, words) for model in pair)
        ticks.append(words.text("planned.row", model=model, other=other))
        told.append(
            words.text(
                "planned.alt_row",
                row=ticks[-1],
                mean=mean,
                low=number(low, 1, language, sign=True),
                high=number(high, 1, language, sign=True),
                verdict=words.text(f"planned.{said}"),
                p=p,
            )
        )
    axes.set_yticks(range(len(ticks)), ticks, fontsize=8)
    axes.set_ylim(len(ticks) - 0.4, -0.6)
    axes.set_title(title, fontsize=9, fontweight="bold")
    return f"{title}: {'; '.join(told)}."
