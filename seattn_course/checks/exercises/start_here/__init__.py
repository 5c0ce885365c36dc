"""Lesson 00_start_here: its number and its exercises, in the order of the lesson."""

NUMBER = 0
ORDER = ("first_check", "wrong_on_purpose", "axes", "seeds", "fair_timing")
