"""Lesson 02_se_by_hand: its number and its exercises, in the order of the lesson."""

NUMBER = 2
ORDER = ("hidden", "gates", "rounding", "half_prediction", "dead_hidden", "choose_w2", "derivative")
