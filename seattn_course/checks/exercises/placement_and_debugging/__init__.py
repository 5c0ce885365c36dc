"""Lesson 13_placement_and_debugging: its number and its exercises, in the order of the lesson."""

NUMBER = 13
ORDER = ("place_cost", "made_for_cout", "clinic", "applied_twice", "neighbours", "shared_elements", "overuse")
