"""Lesson 15_capstone: its number and its exercises, in the order of the lesson."""

NUMBER = 15
ORDER = (
    "classifier",
    "needs_place",
    "cpu_edge",
    "very_deep",
    "mixed_precision",
    "seeds",
    "rubric",
    "invent_and_refute",
)
