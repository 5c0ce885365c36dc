"""A finished figure with its description; the description carries the figure's numbers."""

import base64
import functools
import html
import io
from collections.abc import Callable
from functools import cached_property

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from seattn_course.course.language import Catalogue
from seattn_course.show.steady import draw

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


def drawn(figure_function: Callable) -> Callable:
    """Gives a figure function the course's style, without touching the learner's own matplotlib settings."""

    @functools.wraps(figure_function)
    def with_style(*args, **kwargs):
        with rc_context(STYLE):
            return figure_function(*args, **kwargs)

    return with_style


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
        figure.set_dpi(dpi)
        canvas = draw(figure)  # figure.savefig would draw it twice
        self._image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])

    @cached_property
    def png(self) -> bytes:
        """The image to store: in 256 colours it takes a third, and every notebook has to stay under 1 MiB."""
        small = io.BytesIO()
        self._image.quantize(256).save(small, format="png", optimize=True)
        return small.getvalue()

    @property
    def quick_png(self) -> bytes:
        """The same image for a widget, which stores nothing and must not let its slider wait."""
        large = io.BytesIO()
        self._image.save(large, format="png", compress_level=1)
        return large.getvalue()

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
        description = html.escape(self.alt, quote=False)
        publish_display_data(
            {
                "text/html": f"<details><summary>{summary}</summary>{description}</details>",
                "text/plain": f"{summary}: {self.alt}",
            }
        )
