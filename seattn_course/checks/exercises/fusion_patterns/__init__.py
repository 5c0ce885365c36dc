"""Lesson 11_fusion_patterns: its number and its exercises, in the order of the lesson."""

NUMBER = 11
ORDER = ("p1", "p2", "p3", "p4", "name", "closed", "shared", "stride")
