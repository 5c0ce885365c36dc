"""A finished figure with its description; the description carries the figure's numbers."""

import base64
import html
import io

from matplotlib import rc_context
from matplotlib.figure import Figure

from seattn_course.course.language import Catalogue

# Okabe and Ito's colours, told apart by colour-blind readers (Nature Methods 8, 441, 2011, Wong's table).
BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442",
)  # fmt: skip
GREY = "#6b6b6b"

STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.facecolor": "white",  # also in the dark theme: black text stays readable
}


def labels(language: str) -> Catalogue:
    """The figures' words in one language."""
    return Catalogue("seattn_course.show.labels", language)


def blank(width: float, height: float) -> Figure:
    """An empty figure of this size in inches, outside pyplot: no state is shared between figures."""
    return Figure(figsize=(width, height), layout="constrained")


class Picture:
    """A drawn figure. A notebook shows the image, and below it the description for whoever cannot see it.

    ``alt`` says what the figure shows, with its numbers: it is the image's alternative text, and being text
    it is what validation compares (pixels differ between font versions).
    """

    def __init__(self, figure: Figure, alt: str, language: str, dpi: int = 100):
        if len(alt) < 20:
            raise ValueError(f"alt must describe the figure in at least 20 characters, got {alt!r}")
        self.alt = alt
        self.language = language
        buffer = io.BytesIO()
        with rc_context(STYLE):
            figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
        self.png = buffer.getvalue()

    def __repr__(self) -> str:
        return self.alt

    def _ipython_display_(self) -> None:
        from IPython.display import publish_display_data

        image = base64.b64encode(self.png).decode("ascii")
        publish_display_data(
            {"image/png": image, "text/plain": self.alt}, metadata={"image/png": {"alt": self.alt}}
        )
        # JupyterLab gives image outputs no alt attribute, so the description is also there as text.
        summary = labels(self.language).text("figure.description")
        publish_display_data(
            {
                "text/html": f"<details><summary>{summary}</summary>{html.escape(self.alt)}</details>",
                "text/plain": f"{summary}: {self.alt}",
            }
        )
