"""Lesson 05_better_se_step_by_step: its number and its exercises, in the order of the lesson."""

NUMBER = 5
ORDER = (
    "silu",
    "effective_reduction",
    "safe",
    "avg_max",
    "gated",
    "dead_units",
    "sum_after",
)
