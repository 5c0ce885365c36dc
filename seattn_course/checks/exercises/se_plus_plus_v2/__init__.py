"""Lesson 07_se_plus_plus_v2: its number and its exercises, in the order of the lesson."""

NUMBER = 7
ORDER = (
    "fusion",
    "inverse_softplus",
    "fold_temperature",
    "enough_alpha",
    "without_gradient",
    "parameter_groups",
    "identity_start",
)
