"""The course's figures and widgets, drawn from the values a notebook hands over, in the notebook's language."""

import importlib
from collections.abc import Callable
from functools import partial

# figure: the module that draws it; modules are imported when their first figure is asked for
FIGURES = {
    "road_map": "road",
    "photo_to_gates": "photo_gates",
    "gate_table": "photo_gates",
    "channel_explorer": "photo_gates",
    "channel_before_after": "photo_gates",
    "hand_steps": "by_hand",
    "hand_explorer": "by_hand",
    "absolute_relative": "by_hand",
    "what_and_where": "by_hand",
    "parameters_by_reduction": "cost",
}


class Show:
    """The figures in one language: ``show.gate_table(...)`` draws with labels in that language."""

    def __init__(self, language: str):
        self.language = language

    def __getattr__(self, figure: str) -> Callable:
        if figure not in FIGURES:
            raise AttributeError(f"no figure {figure!r}; there are {', '.join(sorted(FIGURES))}")
        module = importlib.import_module(f"seattn_course.show.{FIGURES[figure]}")
        return partial(getattr(module, figure), language=self.language)

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *FIGURES])
