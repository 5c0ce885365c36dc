"""Lesson 03_se_block: its number and its exercises, in the order of the lesson."""

NUMBER = 3
ORDER = (
    "linear",
    "conv",
    "equal_outputs",
    "count",
    "mean_gate",
    "softmax_bug",
    "small_channels",
    "measure_gates",
)
