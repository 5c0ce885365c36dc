"""Lesson 14_ablation_lab: its number and its exercises, in the order of the lesson."""

NUMBER = 14
ORDER = (
    "plan",
    "confound",
    "paired_difference",
    "sign_flip_bug",
    "floor",
    "many_tests",
    "equal_parameters",
    "pre_registration",
)
