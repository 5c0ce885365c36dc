"""The attention modules that the lessons build: one file for each idea, one class for each module.

Every module but ``ConvSEBlock`` maps (N, C, H, W) to the same shape. ``gate(x)`` returns the gate, which is
what the figures read; ``forward(x)`` applies it.
"""

from seattn_course.attention.cbam import CBAM, ChannelAttention
from seattn_course.attention.conv_blocks import ConvBNAct, DescriptorConv
from seattn_course.attention.coordinate import CoordinateAttention
from seattn_course.attention.eca import ECA, eca_kernel
from seattn_course.attention.factory import ATTENTION_NAMES, IdentityAttention, make_attention
from seattn_course.attention.se_plus_plus import SEPlusPlus, SEPlusPlusV2
from seattn_course.attention.se_variants import SEAvgMax, SEGated, SESafe, SEStable, SEv2
from seattn_course.attention.spatial import SpatialAttention
from seattn_course.attention.squeeze_excitation import ConvSEBlock, SEBlock, SEBlockLinear, hidden_width

__all__ = [
    "ATTENTION_NAMES",
    "CBAM",
    "ECA",
    "ChannelAttention",
    "ConvBNAct",
    "ConvSEBlock",
    "CoordinateAttention",
    "DescriptorConv",
    "IdentityAttention",
    "SEAvgMax",
    "SEBlock",
    "SEBlockLinear",
    "SEGated",
    "SEPlusPlus",
    "SEPlusPlusV2",
    "SESafe",
    "SEStable",
    "SEv2",
    "SpatialAttention",
    "eca_kernel",
    "hidden_width",
    "make_attention",
]
