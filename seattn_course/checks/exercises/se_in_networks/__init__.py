"""Lesson 04_se_in_networks: its number and its exercises, in the order of the lesson."""

NUMBER = 4
ORDER = (
    "conv_se",
    "macs_bug",
    "choose_reduction",
    "stage_shares",
    "larger_image",
    "overhead",
    "published_total",
)
