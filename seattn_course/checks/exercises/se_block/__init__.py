"""Lesson 03_se_block: its number and its exercises, in the order of the lesson."""

NUMBER = 3
ORDER = ("linear", "conv")
