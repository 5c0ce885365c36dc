"""One small interface for every interactive figure: controls, a plain drawing function, a picture."""

import html
from collections.abc import Callable, Mapping
from typing import Any

from seattn_course.show.picture import Picture, labels
from seattn_course.show.steady import Layout, steady

LABEL_WIDTH, SLIDER_WIDTH = "12em", "36em"  # the same for all, so that labels are whole and controls aligned


class Explorer:
    """Controls above a figure that ``draw(**values)`` makes anew whenever one of them changes.

    A learner reaches the controls with Tab and moves them with the arrow keys, Home and End, or Space.

    ``draw`` is a plain function of the controls' values, so that tests call it without a browser;
    ``controls`` maps its argument names to ipywidgets controls. ``enabled`` says, for a control that does
    nothing beside some values of the others, beside which it does something: it is grey otherwise.
    """

    def __init__(
        self,
        draw: Callable[..., Picture],
        controls: dict[str, Any],
        language: str,
        enabled: Mapping[str, Callable[[dict[str, Any]], bool]] | None = None,
    ):
        import ipywidgets

        self._draw = draw
        self.controls = controls
        self._enabled = enabled or {}
        self.language = language
        self._layout = Layout()
        self.image = ipywidgets.Image(format="png")
        self.text = ipywidgets.HTML()
        self.box = ipywidgets.VBox([*controls.values(), self.image, self.text])
        for control in controls.values():
            control.style.description_width = LABEL_WIDTH
            if hasattr(control, "readout"):  # a slider
                control.layout.width = SLIDER_WIDTH
            control.observe(self._redraw, names="value")
        self._redraw()

    def values(self) -> dict[str, Any]:
        return {name: control.value for name, control in self.controls.items()}

    def draw(self, **values: Any) -> Picture:
        """The figure for these values, its axes where they were."""
        with steady(self._layout):
            return self._draw(**values)

    def _redraw(self, change: Any = None) -> None:
        for name, acts in self._enabled.items():
            self.controls[name].disabled = not acts(self.values())
        try:
            picture = self.draw(**self.values())
        except Exception as error:
            # What a widget's callback raises, Jupyter shows nowhere; the old figure would seem to be the new one.
            self.text.value = f'<div role="alert">{html.escape(f"{type(error).__name__}: {error}")}</div>'
            raise
        self.image.value = picture.quick_png
        # The description changes with the figure, so that a screen reader hears what a slider did.
        self.text.value = f'<div role="status" aria-live="polite">{picture.alt}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = self.box._repr_mimebundle_()
        # Shown by whatever cannot run a widget; constant, so that validation can compare it.
        bundle["text/plain"] = labels(self.language).text("explorer.needs_kernel")
        return bundle
