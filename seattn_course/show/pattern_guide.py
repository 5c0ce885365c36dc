"""The decision guide for the fusion patterns as a tree, each leaf with what the lesson has measured for it."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from seattn_course import arguments
from seattn_course.course.language import Catalogue
from seattn_course.show.explorer import Explorer
from seattn_course.show.fusion_flow import PATTERNS
from seattn_course.show.picture import BLUE, GREEN, GREY, Picture, blank, drawn, labels

MEASURED = ("dead", "closed", "noise_own", "noise_others")

# question or leaf: its place
PLACES = {"skip": (2.0, 2.0), "filter": (0.95, 1.0), "paths": (3.05, 1.0), "P1": (0.4, 0.0), "P3": (1.47, 0.0),
          "P2": (2.53, 0.0), "P4": (3.6, 0.0)}  # fmt: skip
# question, the answer, where it leads
BRANCHES = (
    ("skip", "yes", "filter"), ("skip", "no", "paths"), ("filter", "no", "P1"), ("filter", "yes", "P3"),
    ("paths", "no", "P2"), ("paths", "yes", "P4"),
)  # fmt: skip


@drawn
def guide_at(
    measured: Mapping[str, Mapping[str, float]],
    skip: str = "yes",
    filter: str = "no",
    paths: str = "no",
    *,
    language: str,
) -> Picture:
    """The tree with the way to one pattern marked.

    measured: for each of P1 to P4 the share of x that is left with a dead branch and a fresh gate ("dead") and
    with a closed gate ("closed"), and what is left of a change in a closed channel, in that channel ("noise_own")
    and in the others ("noise_others").
    skip: "yes" or "no", must x reach y untouched by a gate? filter: should F see only chosen channels of x?
    paths: a gate for each of the two paths? ``filter`` counts if skip is "yes", ``paths`` if it is "no".
    """
    answers = {"skip": skip, "filter": filter, "paths": paths}
    for name, answer in answers.items():
        arguments.choice(name, answer, ("yes", "no"))
    for pattern in PATTERNS:
        if pattern not in measured or set(measured[pattern]) != set(MEASURED):
            raise ValueError(f"measured must hold {', '.join(MEASURED)} for P1 to P4, got {measured!r}")
    words = labels(language)
    steps = {(question, answer): place for question, answer, place in BRANCHES}
    way = ["skip"]
    while way[-1] in answers:
        way.append(steps[way[-1], answers[way[-1]]])
    figure = blank(9.6, 4.3)
    axes = figure.subplots()
    axes.set(xlim=(-0.2, 4.2), ylim=(-0.85, 2.35))
    axes.set_axis_off()
    for question, answer, place in BRANCHES:
        _branch(axes, question, place, words.text(f"guide.{answer}"), question in way and place in way)
    for place in PLACES:
        _box(axes, place, measured.get(place), words, place in way)
    alt = words.text(
        "guide.alt",
        asked=" ".join(
            f"{words.text(f'guide.ask_{question}')} {words.text(f'guide.{answers[question]}')}."
            for question in way[:-1]
        ),
        pattern=way[-1],
        leaves=" ".join(f"{pattern}: {_numbers(measured[pattern], words, '; ')}." for pattern in PATTERNS),
    )
    return Picture(figure, alt.replace("\n", " "), language, dpi=90)


def guide_explorer(measured: Mapping[str, Mapping[str, float]], *, language: str) -> Explorer:
    """``guide_at`` with a switch for each question."""
    import ipywidgets

    words = labels(language)
    options = [(words.text(f"guide.{answer}"), answer) for answer in ("yes", "no")]
    controls = {
        name: ipywidgets.ToggleButtons(
            options=options, value=start, description=words.text(f"guide.short_{name}"),
            style={"description_width": "11em"},
        )
        for name, start in (("skip", "yes"), ("filter", "no"), ("paths", "no"))
    }  # fmt: skip

    def draw(**answers) -> Picture:
        return guide_at(measured, **answers, language=language)

    enabled = {
        "filter": lambda answers: answers["skip"] == "yes",
        "paths": lambda answers: answers["skip"] == "no",
    }
    return Explorer(draw, controls, language, enabled)


def _numbers(values: Mapping[str, float], words: Catalogue, between: str) -> str:
    numbers = {name: f"{values[name]:.2f}" for name in MEASURED}
    return between.join(words.text(f"guide.{line}", **numbers) for line in ("dead", "closed", "noise"))


def _branch(axes: Axes, start: str, stop: str, answer: str, chosen: bool) -> None:
    (x0, y0), (x1, y1) = PLACES[start], PLACES[stop]
    axes.plot([x0, x1], [y0, y1], color=BLUE if chosen else GREY, linewidth=3.5 if chosen else 1.2, zorder=1)
    axes.text((x0 + x1) / 2, (y0 + y1) / 2, answer, ha="center", va="center", fontsize=9, zorder=2,
              fontweight="bold" if chosen else "normal",
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _box(axes: Axes, place: str, values: Mapping[str, float] | None, words: Catalogue, chosen: bool) -> None:
    x, y = PLACES[place]
    leaf = values is not None
    half, low, high = (0.46, 0.72, 0.3) if leaf else (0.72, 0.2, 0.2)
    axes.add_patch(FancyBboxPatch((x - half, y - low), 2 * half, low + high, boxstyle="round,pad=0.03", zorder=3,
                                  facecolor="white", edgecolor=(GREEN if leaf else BLUE) if chosen else GREY,
                                  linewidth=3 if chosen else 1.2))  # fmt: skip
    if not leaf:
        axes.text(x, y, words.text(f"guide.ask_{place}"), ha="center", va="center", fontsize=9, zorder=4)
        return
    axes.text(x, y + 0.16, words.text(f"fusion.formula_{place}"), ha="center", va="center", fontsize=9.5, zorder=4)
    axes.text(x - half + 0.02, y - 0.33, _numbers(values, words, "\n"), va="center", fontsize=7.8, zorder=4,
              linespacing=1.5)  # fmt: skip
