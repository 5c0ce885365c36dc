"""Lesson 01_channels_and_squeeze: its number and its exercises, in the order of the lesson."""

NUMBER = 1
ORDER = ("to_nchw", "squeeze", "shuffle_prediction", "bug", "measure", "same_squeeze", "gradient")
