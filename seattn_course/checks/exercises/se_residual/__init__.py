"""Lesson 10_se_residual: its number and its exercises, in the order of the lesson."""

NUMBER = 10
ORDER = ("post", "pre", "why", "mean_loss", "stages", "totals", "dead_parameters", "baseline")
