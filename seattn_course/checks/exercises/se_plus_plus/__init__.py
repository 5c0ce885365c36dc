"""Lesson 06_se_plus_plus: its number and its exercises, in the order of the lesson."""

NUMBER = 6
ORDER = (
    "equal_580",
    "build",
    "skip_pool",
    "errors",
    "reduce",
    "switch_effect",
    "own_gate",
)
