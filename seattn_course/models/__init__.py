"""Whole networks: the course's small ones, and the ImageNet-shaped ones whose published totals it reproduces."""

from seattn_course.models.local_features import ChannelScale, LocalFeatures
from seattn_course.models.parameters import count_params
from seattn_course.models.resnet import (
    ResNet,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    wide_resnet50_2,
)
from seattn_course.models.tiny import SEResNetTiny

__all__ = [
    "ChannelScale",
    "LocalFeatures",
    "ResNet",
    "SEResNetTiny",
    "count_params",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnext50_32x4d",
    "wide_resnet50_2",
]
