"""What an SE block costs, drawn."""

from collections.abc import Sequence

from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, Picture, blank, drawn, labels


@drawn
def parameters_by_reduction(
    parameters: dict[int, Sequence[int]], reductions: Sequence[int], convolution: dict[int, int], *, language: str
) -> Picture:
    """Parameters of an SE block against r: one curve per C, with the 3×3 convolution of that width as a line.

    ``parameters`` maps C to the counts at each r of ``reductions``; ``convolution`` maps C to 9C².
    """
    words = labels(language)
    for channels, counts in parameters.items():
        if len(counts) != len(reductions):
            raise ValueError(
                f"parameters[{channels}] must have {len(reductions)} counts, one per reduction, got {len(counts)}"
            )
    figure = blank(6.4, 3.4)
    axes = figure.subplots()
    for (channels, counts), colour, marker in zip(parameters.items(), (BLUE, ORANGE, GREEN), "os^"):
        axes.plot(reductions, counts, color=colour, marker=marker, label=f"SE, C = {channels}")
        axes.axhline(convolution[channels], color=colour, linewidth=1, linestyle="--")
        axes.annotate(
            words.text("cost.convolution", channels=channels),
            (reductions[-1], convolution[channels]),
            textcoords="offset points", xytext=(0, 3), ha="right", fontsize=8, color=GREY,
        )  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(reductions, [str(reduction) for reduction in reductions])
    axes.set_xlabel(words.text("axis.reduction"))
    axes.set_ylabel(words.text("axis.parameters"))
    axes.legend(loc="lower left")
    listing = "; ".join(
        f"C = {channels}: " + ", ".join(f"r = {r}: {count}" for r, count in zip(reductions, counts))
        + f" ({words.text('cost.convolution', channels=channels)}: {convolution[channels]})"
        for channels, counts in parameters.items()
    )  # fmt: skip
    return Picture(figure, words.text("alt.parameters_by_reduction", table=listing), language)
