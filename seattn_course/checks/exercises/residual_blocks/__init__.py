"""Lesson 09_residual_blocks: its number and its exercises, in the order of the lesson."""

NUMBER = 9
ORDER = (
    "basic",
    "projection",
    "preact",
    "cancelled",
    "bottleneck_count",
    "groups",
    "gradient_ratio",
    "published_total",
)
