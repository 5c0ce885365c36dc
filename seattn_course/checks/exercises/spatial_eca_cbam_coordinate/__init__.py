"""Lesson 08_spatial_eca_cbam_coordinate: its number and its exercises, in the order of the lesson."""

NUMBER = 8
ORDER = (
    "spatial",
    "eca_kernel",
    "cbam",
    "order",
    "coordinate",
    "costs",
    "reach",
    "permute",
)
