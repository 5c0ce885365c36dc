"""The course's attention modules side by side, and which of them meet what somebody needs."""

from collections.abc import Mapping

from matplotlib.axes import Axes

from seattn_course.course.language import Catalogue
from seattn_course.show.ablation import model_name
from seattn_course.show.explorer import Explorer
from seattn_course.show.picture import BLUE, GREY, RED, Picture, blank, drawn, labels

# measure: digits of its numbers
MEASURES = {"keybar": 1, "marker": 1, "parameters": 0, "macs": 0, "latency": 2, "read": 0}
PERCENT = ("keybar", "marker", "read")
NOTHING = {"keybar": 100 * 9 / 16, "marker": 100 * 9 / 16, "read": 100 / 3}  # a guess without the cue
PALE = "#c9d7e2"
TURKISH_MARKS = str.maketrans(",.", ".,")  # 1,096.5 is 1.096,5
LARGEST = 10_000  # parameters: the slider's end


@drawn
def dashboard_at(
    modules: Mapping[str, Mapping[str, float]],
    keybar: float = 0,
    marker: float = 0,
    parameters: float = LARGEST,
    latency: float = 10,
    *,
    language: str,
) -> Picture:
    """A panel a measure, a bar a module; those that meet all four demands are dark, the others pale.

    modules: for each its accuracy on "keybar" and "marker" and the cue that is "read" from its gates, in percent;
    "parameters" and "macs"; "latency" of a block with it over one without. keybar, marker: accuracy asked for at
    least. parameters, latency: allowed at most. ValueError unless each module has all measures.
    """
    for name, values in modules.items():
        if set(values) != set(MEASURES):
            raise ValueError(f"modules[{name!r}] must hold {', '.join(MEASURES)}, got {', '.join(values)}")
    words = labels(language)
    asked = {"keybar": keybar, "marker": marker, "parameters": parameters, "latency": latency}
    left = [name for name, values in modules.items() if meets(values, asked)]
    names = {name: model_name(name, words) for name in modules}
    figure = blank(10.6, 1.25 + 0.36 * len(modules))
    panels = figure.subplots(1, len(MEASURES), sharey=True)
    for axes, measure in zip(panels, MEASURES):
        _bars(axes, modules, measure, left, words)
        if measure in asked and 0 < asked[measure] < (LARGEST if measure == "parameters" else 1e9):
            axes.axvline(asked[measure], color=RED, linewidth=1.5, linestyle="--")
    panels[0].set_yticks(range(len(modules)), names.values())
    panels[0].invert_yaxis()
    for tick, name in zip(panels[0].get_yticklabels(), modules):
        tick.set(fontweight="bold" if name in left else "normal", color="black" if name in left else GREY)
    figure.supxlabel(words.text("dashboard.key"), fontsize=8.5, x=0.01, ha="left")
    alt = words.text(
        "dashboard.alt",
        keybar=f"{keybar:g}",
        marker=f"{marker:g}",
        parameters=f"{parameters:g}",
        latency=f"{latency:g}",
        left=", ".join(names[name] for name in left) or words.text("dashboard.none"),
        rows="; ".join(f"{names[name]}: {_numbers(values, words)}" for name, values in modules.items()),
    )
    return Picture(figure, alt, language, dpi=90)


def dashboard_explorer(modules: Mapping[str, Mapping[str, float]], *, language: str) -> Explorer:
    """:func:`dashboard_at` with a slider for each demand."""
    import ipywidgets

    words = labels(language)

    def described(measure: str) -> str:
        return words.text(f"dashboard.ask_{measure}")

    sizes = [*sorted({int(values["parameters"]) for values in modules.values()}), LARGEST]
    slow = max(values["latency"] for values in modules.values())

    def reached(task: str) -> int:
        """What one may ask for: above it no module is left, and no other slider does anything."""
        return int(max(values[task] for values in modules.values()) // 5 * 5)

    controls = {
        **{
            task: ipywidgets.IntSlider(0, 0, reached(task), 5, description=described(task))
            for task in ("keybar", "marker")
        },
        "parameters": ipywidgets.SelectionSlider(
            options=sizes, value=LARGEST, description=described("parameters")
        ),
        "latency": ipywidgets.FloatSlider(
            round(slow + 0.1, 1), min=1, max=round(slow + 0.1, 1), step=0.1, description=described("latency")
        ),
    }

    def draw(**values) -> Picture:
        return dashboard_at(modules, **values, language=language)

    return Explorer(draw, controls, language)


def meets(values: Mapping[str, float], asked: Mapping[str, float]) -> bool:
    """Whether a module is as accurate as asked on both tasks, and no larger and no slower."""
    accurate = all(values[task] >= asked[task] for task in ("keybar", "marker"))
    return accurate and all(values[cost] <= asked[cost] for cost in ("parameters", "latency"))


def _bars(
    axes: Axes, modules: Mapping[str, Mapping[str, float]], measure: str, left: list[str], words: Catalogue
) -> None:
    numbers = [values[measure] for values in modules.values()]
    colours = [BLUE if name in left else PALE for name in modules]
    start = 1 if measure == "latency" else 0
    axes.barh(range(len(numbers)), [number - start for number in numbers], left=start, color=colours, height=0.72)
    if measure in NOTHING:
        axes.axvline(NOTHING[measure], color=GREY, linewidth=1, linestyle=":")
    largest = 100 if measure in PERCENT else max(*numbers, start + 1e-9)
    room = 1.42 if measure in PERCENT else 1.6
    axes.set_xlim(start, start + room * (largest - start))
    for row, number in enumerate(numbers):
        axes.annotate(
            _number(number, measure, words, ","), (number, row), (3, 0), textcoords="offset points", va="center",
            fontsize=8.5, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip
    axes.set_title(words.text(f"dashboard.{measure}"), fontsize=9)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def _numbers(values: Mapping[str, float], words: Catalogue) -> str:
    said = {measure: _number(values[measure], measure, words) for measure in MEASURES}
    return words.text("dashboard.row", **said)


def _number(value: float, measure: str, words: Catalogue, thousands: str = "") -> str:
    """``value`` with as many digits as the measure has and the language's marks; "," groups by thousands."""
    text = f"{value:{thousands}.{MEASURES[measure]}f}"
    return text.translate(TURKISH_MARKS) if words.language == "tr" else text
