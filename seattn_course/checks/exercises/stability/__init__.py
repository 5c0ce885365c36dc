"""Lesson 12_stability: its number and its exercises, in the order of the lesson."""

NUMBER = 12
ORDER = (
    "half_power",
    "variance_after",
    "measure",
    "zero_init",
    "silent",
    "overflow",
    "identity_p2",
)
