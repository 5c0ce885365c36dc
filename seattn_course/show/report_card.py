"""A report card as one page: a figure with everything on it, and HTML with the figure inside and the numbers."""

import base64
import html
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seattn_course.lab.depth_laws import PATTERNS
from seattn_course.lab.report_card import BASELINES, DEPTH, OWN, TASKS, ReportCard
from seattn_course.show.ablation import model_name
from seattn_course.show.picture import BLUE, GREEN, GREY, ORANGE, RED, SKY, Picture, blank, drawn, labels
from seattn_course.show.report_verdicts import bounds, means, number, verdicts

COLOURS = dict(zip(PATTERNS, (BLUE, ORANGE, GREEN, RED)))
GUESS = 56.25  # percent: the most frequent of three orientations
BARS = ("decoded", "untrained", "follow", "stay", "mean_gate")
PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff }}
img {{ max-width: 100% }} table {{ border-collapse: collapse; margin: 1rem 0 }}
caption {{ text-align: left; font-weight: bold }}
td, th {{ border-bottom: 1px solid #ccc; padding: .2rem .8rem; text-align: left }}
</style></head>
<body><h1>{title}</h1>
{body}
<img alt="{alt}" src="data:image/png;base64,{image}">
</body></html>
"""


class ReportPage(Picture):
    """The picture of a card with the page around it: ``html`` is whole, and ``save`` writes both."""

    def __init__(self, figure: Figure, alt: str, language: str, title: str, body: str):
        super().__init__(figure, alt, language, dpi=90)
        self.body = body
        image = base64.b64encode(self.png).decode("ascii")
        self.html = PAGE.format(
            language=language, title=html.escape(title), body=body, alt=html.escape(alt), image=image
        )

    def save(self, folder: str | Path, name: str = "report_card") -> tuple[Path, Path]:
        """Writes ``name``.html and ``name``.png into ``folder``, which is made if need be; returns both."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        page, image = folder / f"{name}.html", folder / f"{name}.png"
        page.write_text(self.html, encoding="utf-8")
        image.write_bytes(self.png)
        return page, image

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        super()._ipython_display_()
        publish_display_data({"text/html": self.body, "text/plain": self.alt})


@drawn
def report_card(card: ReportCard, *, language: str) -> ReportPage:
    """The page of a card that :func:`seattn_course.lab.report_card.report_card` measured."""
    words = labels(language)
    title = words.text("card.title", name=card.name)
    sentences = verdicts(card, language)
    lines = [line for each in sentences for line in textwrap.wrap(f"• {each}", 150, subsequent_indent="   ")]
    tall = 8.6
    figure = blank(10.6, tall + 0.18 * len(lines) + 0.1)
    top, bottom = figure.subfigures(2, 1, height_ratios=[tall, 0.18 * len(lines) + 0.1])
    top.suptitle(
        f"{title} ({words.text('card.seeds', seeds=len(card.seeds))})", fontsize=13, fontweight="bold"
    )
    rows = top.subfigures(3, 1)  # each with its own columns
    panels = [row.subplots(1, 2, width_ratios=ratios) for row, ratios in zip(rows, ((1, 1), (5, 3), (1, 1)))]
    spoken = [_accuracies(axes, card, task, language) for axes, task in zip(panels[0], TASKS)]
    _gate(panels[1][0], card, language)
    _cost(panels[1][1], card, language)
    _by_depth(panels[2][0], card, "variance", language)
    _by_depth(panels[2][1], card, "gradient", language)
    bottom.text(0.01, 0.98, "\n".join(lines), va="top", fontsize=9)
    alt = words.text("card.alt", name=card.name, accuracy=" ".join(spoken), verdicts=" ".join(sentences))
    return ReportPage(figure, alt, language, title, _body(card, sentences, language))


def _name(card: ReportCard, model: str, language: str) -> str:
    words = labels(language)
    if model != OWN:
        return model_name(model, words)
    return words.text("card.here", name=card.name) if card.name in BASELINES else card.name


def _accuracies(axes: Axes, card: ReportCard, task: str, language: str) -> str:
    words, results = labels(language), card.results[task]
    texts = []
    for row, model in enumerate((OWN, *BASELINES)):
        values = list(results.accuracies(model).values())
        axes.scatter(values, row + np.linspace(-0.15, 0.15, len(values)), color=SKY, s=14, linewidths=0)
        mean, said = float(np.mean(values)), words.text("card.one_seed")
        if len(values) > 1:
            found = results.interval(model)
            axes.plot(
                [found.lower, found.upper], [row, row], color=RED if model == OWN else BLUE, linewidth=2.5
            )
            said = bounds(found, language)
        axes.scatter([mean], [row], color="black", marker="D", s=24, zorder=4)
        shown = number(mean, 1, language)
        axes.annotate(
            shown,
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            annotation_clip=False,
        )
        texts.append(f"{_name(card, model, language)} {shown} {said}")
    axes.axvline(GUESS, color=GREY, linewidth=1, linestyle="--")
    axes.set_xlim(20, 107)
    axes.set_yticks(range(len(BASELINES) + 1), [_name(card, model, language) for model in (OWN, *BASELINES)])
    axes.get_yticklabels()[0].set_fontweight("bold")
    axes.invert_yaxis()
    axes.set_title(words.text("card.accuracy", task=task))
    axes.set_xlabel(words.text("card.guess"), fontsize=8, color=GREY)
    return words.text("card.alt_accuracy", task=task, rows="; ".join(texts))


def _gate(axes: Axes, card: ReportCard, language: str) -> None:
    words = labels(language)
    axes.set_title(words.text("card.reading"))
    if not any(card.readings.values()):
        axes.set_axis_off()
        axes.text(0.5, 0.5, words.text("card.no_gate"), ha="center", va="center", fontsize=12, color=GREY)
        return
    for offset, task, colour in ((-0.2, "keybar", BLUE), (0.2, "marker", ORANGE)):
        found = means(card.readings[task])
        shown = [(place, found[bar]) for place, bar in enumerate(BARS) if bar in found]
        places = [place + offset for place, _ in shown]
        axes.bar(places, [value for _, value in shown], width=0.36, color=colour, label=task)
        for place, (_, value) in zip(places, shown):
            axes.text(place, value + 1, f"{value:.0f}", ha="center", fontsize=8)
    axes.plot(
        [-0.5, 1.5],
        [100 / 3] * 2,
        color="black",
        linewidth=1,
        linestyle="--",
        label=words.text("card.chance"),
    )
    axes.set_ylim(0, 112)
    axes.set_xticks(range(len(BARS)), [words.text(f"card.{bar}") for bar in BARS], fontsize=8)
    axes.legend(loc="upper right", fontsize=8, ncols=3, bbox_to_anchor=(1.0, 1.17))


def _cost(axes: Axes, card: ReportCard, language: str) -> None:
    words, cost = labels(language), card.cost
    axes.set_axis_off()
    axes.set_title(words.text("card.costs"))
    text = words.text(
        "card.cost.module",
        channels=cost.channels,
        size=cost.size,
        parameters=cost.parameters,
        macs=cost.macs,
        pool=cost.pool_and_scale,
        block_parameters=cost.block_parameters,
        block_macs=cost.block_macs,
        latency=number(cost.latency, 2, language),
    )
    written = axes.text(0.02, 0.95, text, va="top", fontsize=9.5, transform=axes.transAxes)
    written.set_in_layout(False)  # else the axes would shrink to fit it


def _by_depth(axes: Axes, card: ReportCard, what: str, language: str) -> None:
    words = labels(language)
    for pattern, style in zip(PATTERNS, ("-", "--", "-.", ":")):
        values = getattr(card.depth[pattern], what).log().mean(0).exp()  # (DEPTH + 1,)
        axes.plot(
            range(DEPTH + 1), values, color=COLOURS[pattern], linewidth=2, linestyle=style, label=pattern
        )
    axes.set_yscale("log")
    axes.set_xticks(range(0, DEPTH + 1, 4))
    axes.set_title(words.text(f"card.{what}"))
    axes.legend(fontsize=8, ncols=2)


def _body(card: ReportCard, sentences: Sequence[str], language: str) -> str:
    """Verdicts and numbers as HTML, headings from h2."""
    words = labels(language)
    items = "".join(f"<li>{html.escape(each)}</li>" for each in sentences)
    parts = [
        f"<h2>{words.text('card.verdicts')}</h2><ul>{items}</ul>",
        f"<h2>{words.text('card.numbers')}</h2>",
    ]
    parts += [_table(card, task, language) for task in TASKS]
    return "\n".join([*parts, f"<p>{html.escape(words.text('card.limits', depth=DEPTH))}</p>"])


def _table(card: ReportCard, task: str, language: str) -> str:
    words, results = labels(language), card.results[task]
    compared = card.comparable and len(card.seeds) > 1
    heads = [words.text(f"card.{key}") for key in ("model", "mean", "interval", "parameters")]
    rows = []
    for model in (OWN, *BASELINES):
        values = results.accuracies(model)
        spread = bounds(results.interval(model), language) if len(values) > 1 else words.text("card.one_seed")
        size = results.outcomes[model, next(iter(values))].parameters
        row = [
            _name(card, model, language),
            number(float(np.mean(list(values.values()))), 1, language),
            spread,
            size,
        ]
        if compared:
            found = None if model == OWN else results.compare(OWN, model).interval
            row.append(
                f"{number(found.mean, 1, language, True)} {bounds(found, language, True)}" if found else ""
            )
        rows.append(row)
    if compared:
        heads.append(words.text("card.difference", name=card.name))
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in heads)
    lines = ["".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><caption>{task}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
