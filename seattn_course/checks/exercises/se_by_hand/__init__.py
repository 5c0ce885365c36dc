"""Lesson 02_se_by_hand: its number and its exercises, in the order of the lesson."""

NUMBER = 2
ORDER = ("gates",)
