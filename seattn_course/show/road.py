"""The course's road map, drawn from the list of its lessons."""

from collections.abc import Sequence

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from seattn_course.course.lessons import lesson_heads
from seattn_course.show.picture import BLUE, GREY, ORANGE, Picture, blank, drawn, labels

# Lessons by part, in order; the catalogue holds each one's short title.
PARTS = {
    "begin": ("00", "01", "02", "03"),
    "block": ("04", "05", "06", "07"),
    "around": ("08", "09", "10", "11"),
    "evidence": ("12", "13", "14", "15"),
}


@drawn
def road_map(ready: Sequence[str] | None = None, *, language: str) -> Picture:
    """Sixteen lessons in four parts, left to right; those whose number is in ``ready`` can be opened now.

    By default these are the lessons that there are.
    """
    if ready is None:
        ready = [f"{head.number:02d}" for head in lesson_heads(language)]
    words = labels(language)
    figure = blank(9.6, 3.6)
    axes = figure.subplots()
    axes.set_xlim(0, 4)
    axes.set_ylim(-0.15, 4.75)
    axes.set_axis_off()
    for column, (part, numbers) in enumerate(PARTS.items()):
        axes.text(column + 0.06, 4.35, words.text(f"road.part_{part}"), fontsize=11, weight="bold")
        if column:
            axes.add_patch(
                FancyArrowPatch((column - 0.07, 4.47), (column + 0.04, 4.47), arrowstyle="-|>",
                                mutation_scale=12, color=GREY)
            )  # fmt: skip
        for row, number in enumerate(numbers):
            open_now = number in ready
            axes.add_patch(
                FancyBboxPatch(
                    (column + 0.06, 3.2 - row * 1.02), 0.82, 0.74, boxstyle="round,pad=0.02,rounding_size=0.05",
                    facecolor="#e8f1f8" if open_now else "white", edgecolor=BLUE if open_now else GREY,
                    linestyle="-" if open_now else "--",
                )
            )  # fmt: skip
            middle = 3.57 - row * 1.02
            axes.text(column + 0.1, middle, number, va="center", weight="bold",
                      color=ORANGE if open_now else GREY)  # fmt: skip
            axes.text(column + 0.21, middle, words.text(f"road.lesson_{number}"), va="center", fontsize=8.5)
    listing = "; ".join(
        f"{words.text(f'road.part_{part}')}: "
        + ", ".join(f"{number} {words.text(f'road.lesson_{number}')}".replace("\n", " ") for number in numbers)
        for part, numbers in PARTS.items()
    )
    return Picture(figure, words.text("alt.road_map", parts=listing, ready=", ".join(ready)), language)
