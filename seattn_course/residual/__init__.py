"""Residual blocks with a place for attention, and the patterns in which the two can be joined."""

from seattn_course.residual.basic import BasicBlock
from seattn_course.residual.bottleneck import Bottleneck, ResNeXtBlock
from seattn_course.residual.fusion import (
    ResidualAttentionP1,
    ResidualAttentionP2,
    ResidualAttentionP3,
    ResidualAttentionP4,
)
from seattn_course.residual.preactivation import PreActBlock, WideBlock
from seattn_course.residual.se_residual import SEResBlockPostAct, SEResBlockPreAct
from seattn_course.residual.shortcut import shortcut
from seattn_course.residual.slot import attention_slot, shared_modules
from seattn_course.residual.stage import make_stage
from seattn_course.residual.starts import DoubleGate, near_identity, zero_branch

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "DoubleGate",
    "PreActBlock",
    "ResNeXtBlock",
    "ResidualAttentionP1",
    "ResidualAttentionP2",
    "ResidualAttentionP3",
    "ResidualAttentionP4",
    "SEResBlockPostAct",
    "SEResBlockPreAct",
    "WideBlock",
    "attention_slot",
    "make_stage",
    "near_identity",
    "shared_modules",
    "shortcut",
    "zero_branch",
]
