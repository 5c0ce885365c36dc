"""What few seeds can prove: sign patterns of paired differences, winners by chance, the seeds an effect takes."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from seattn_course import arguments
from seattn_course.lab.statistics import corrected, paired, power, seeds_needed, sign_flip
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREY, ORANGE, RED, SKY, Picture, blank, drawn, labels

MOST = 10  # pairs whose 2^n sign patterns are drawn one by one
SEEDS = 10  # of each comparison in chance_at
WANTED = 0.8  # power that is asked for
_WIDE = {"style": {"description_width": "12em"}, "layout": {"width": "32em"}}


@drawn
def sign_flips_at(differences: Sequence[float], count: int, *, language: str) -> Picture:
    """The means of all 2^n sign patterns of the first ``count`` differences (2 to 10), and those that count.

    differences: one a seed, in percentage points.
    """
    count = arguments.positive_int("count", count, at_least=2)
    if count > min(len(differences), MOST):
        raise ValueError(f"count must be at most {min(len(differences), MOST)}, got {count}")
    values = np.asarray(differences[:count], dtype=float)
    means = np.array(list(product((1, -1), repeat=count))) @ values / count  # (2^n,)
    bound = abs(values.mean())
    extreme = np.abs(means) >= bound - 1e-9
    words = labels(language)
    figure = blank(7.6, 3.0)
    axes = figure.subplots()
    reach = 1.1 * max(np.abs(means).max(), 1e-9)
    bins = np.linspace(-reach, reach, 42)
    axes.hist([means[~extreme], means[extreme]], bins, stacked=True, color=[SKY, RED],
              label=[words.text("few.nearer"), words.text("few.extreme")])  # fmt: skip
    for place in (-bound, bound):
        axes.axvline(place, color="black", linewidth=1, linestyle="--")
    facts = {
        "seeds": count, "patterns": len(means), "extreme": int(extreme.sum()), "mean": f"{values.mean():+.1f}",
        "p": f"{sign_flip(values):.4f}", "floor": f"{2 / len(means):.4f}",
    }  # fmt: skip
    axes.set_title(words.text("few.flips_title", **facts))
    axes.set_xlabel(words.text("few.flips_mean"))
    axes.set_ylabel(words.text("few.patterns"))
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
    return Picture(figure, words.text("few.alt_flips", **facts), language, dpi=90)


def sign_flips_explorer(differences: Sequence[float], *, language: str) -> Explorer:
    """``sign_flips_at`` with a slider over the number of seeds."""
    import ipywidgets

    words = labels(language)
    most = min(len(differences), MOST)
    controls = {"count": ipywidgets.IntSlider(min(5, most), 2, most, description=words.text("few.seeds"), **_WIDE)}
    return Explorer(lambda count: sign_flips_at(differences, count, language=language), controls, language)


@drawn
def chance_at(comparisons: int, draw: int = 0, *, language: str) -> Picture:
    """``comparisons`` (1 to 20) of things that do not differ: ten differences each, from a normal distribution.

    draw: which draw, at least 0. Blue intervals leave out 0 all the same: winners by chance.
    """
    comparisons = arguments.positive_int("comparisons", comparisons)
    if comparisons > 20:
        raise ValueError(f"comparisons must be at most 20, got {comparisons}")
    generator = np.random.default_rng(arguments.positive_int("draw", draw, at_least=0))
    drawn_values = generator.normal(size=(comparisons, SEEDS))
    tests = [paired(row, np.zeros(SEEDS)) for row in drawn_values]
    found = [not test.interval.contains(0) for test in tests]
    holm = corrected({str(index): test.p_t for index, test in enumerate(tests)})
    words = labels(language)
    figure = blank(7.6, 3.0)
    axes = figure.subplots()
    axes.axhline(0, color=GREY, linewidth=1)
    for place, (test, winner) in enumerate(zip(tests, found), 1):
        axes.scatter([place] * SEEDS, test.differences, color=SKY, s=10, linewidths=0, zorder=2)
        ends = [test.interval.lower, test.interval.upper]
        axes.plot([place] * 2, ends, color=BLUE if winner else RED, linewidth=2.5, zorder=3)
        axes.scatter([place], [test.mean], color="black", marker="D", s=20, zorder=4)
    axes.set_xlim(0.4, comparisons + 0.6)
    axes.set_ylim(-3.5, 3.5)
    axes.set_xticks(range(1, comparisons + 1))
    facts = {
        "comparisons": comparisons, "draw": draw, "winners": sum(found),
        "p": f"{min(test.p_t for test in tests):.3f}", "holm": f"{min(holm.values()):.3f}",
    }  # fmt: skip
    axes.set_title(words.text("few.chance_title", **facts))
    axes.set_xlabel(words.text("few.comparison"))
    axes.set_ylabel(words.text("few.difference"))
    return Picture(figure, words.text("few.alt_chance", seeds=SEEDS, **facts), language, dpi=90)


def chance_explorer(*, language: str) -> Explorer:
    """``chance_at`` with sliders over the number of comparisons and the draw."""
    import ipywidgets

    words = labels(language)
    controls = {
        "comparisons": ipywidgets.IntSlider(7, 1, 20, description=words.text("few.comparisons"), **_WIDE),
        "draw": ipywidgets.IntSlider(0, 0, 30, description=words.text("few.draw"), **_WIDE),
    }
    return Explorer(lambda **values: chance_at(**values, language=language), controls, language)


@drawn
def power_at(effect: float, sd: float, comparisons: int = 1, *, language: str) -> Picture:
    """How often n seeds find a true difference of ``effect`` points, for n up to 60, alone and among many.

    sd: of the differences, in points. comparisons: Bonferroni's divisor of 0.05, at least 1.
    """
    comparisons = arguments.positive_int("comparisons", comparisons)
    words = labels(language)
    counts = range(2, 61)
    figure = blank(7.6, 3.0)
    axes = figure.subplots()
    axes.axhline(100 * WANTED, color=GREY, linewidth=1, linestyle="--")
    needed = []
    for among, colour in zip(sorted({1, comparisons}), (BLUE, ORANGE)):
        chances = [100 * power(effect, sd, n, 0.05 / among) for n in counts]
        enough = seeds_needed(effect, sd, WANTED, 0.05 / among)
        name = words.text("few.needed", comparisons=among, seeds=enough)
        axes.plot(counts, chances, color=colour, linewidth=2, label=name)
        if enough <= counts[-1]:
            axes.plot(enough, 100 * power(effect, sd, enough, 0.05 / among), "o", color=colour, markersize=7)
        needed.append(name)
    axes.set_ylim(0, 103)
    axes.set_xlabel(words.text("few.seeds"))
    axes.set_ylabel(words.text("few.power"))
    axes.set_title(words.text("few.power_title", effect=f"{effect:.1f}", sd=f"{sd:.1f}"))
    axes.legend(loc="lower right", fontsize=9)
    alt = words.text("few.alt_power", effect=f"{effect:.1f}", sd=f"{sd:.1f}", needed="; ".join(needed))
    return Picture(figure, alt, language, dpi=90)


def power_explorer(sd: float, *, language: str) -> Explorer:
    """``power_at`` with sliders over the effect and the number of comparisons."""
    import ipywidgets

    words = labels(language)
    controls = {
        "effect": ipywidgets.FloatSlider(
            1.0, min=0.2, max=5.0, step=0.1, description=words.text("few.effect"), **_WIDE
        ),
        "comparisons": ipywidgets.IntSlider(7, 1, 20, description=words.text("few.comparisons"), **_WIDE),
    }
    return Explorer(lambda **values: power_at(sd=sd, **values, language=language), controls, language)
