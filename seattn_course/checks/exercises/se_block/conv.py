"""se_block.conv: squeeze-and-excitation with two 1x1 convolutions with bias."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.semantics import GateConstantOverSpace, SamplesApart
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SEBlock(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, hidden, kernel_size=1)
        self.act = nn.ReLU()
        self.fc2 = nn.Conv2d(hidden, channels, kernel_size=1)
        self.gate_fn = nn.Sigmoid()

    def gate(self, x):
        z = self.pool(x)  # (N, C, 1, 1)
        return self.gate_fn(self.fc2(self.act(self.fc1(z))))  # (N, C, 1, 1)

    def forward(self, x):
        return x * self.gate(x)


EXERCISE = Exercise(
    id="se_block.conv",
    kind="class",
    name="SEBlock",
    reference=SEBlock,
    probes=(
        Contract(batteries.small),
        Parameters(batteries.constructors),
        SamplesApart(batteries.small),
        GateConstantOverSpace(batteries.small),
        Values(batteries.shapes),
        InputLeftAlone(batteries.small),
        Gradients(batteries.small),
        GlobalsLeftAlone(batteries.small),
        DoublePrecision(batteries.small),
        AnyDevice(batteries.small),
    ),
)
