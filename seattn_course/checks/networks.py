"""Networks for exercises that look into one.

Apart from the exercises: frames of theirs would be shown as the learner's own.
"""

import torch
from torch import nn

from seattn_course.attention import SEBlock, SEBlockLinear
from seattn_course.residual import SEResBlockPostAct


class Decoy(nn.Module):
    """Has a sigmoid called gate_fn, but is no SE block."""

    def __init__(self):
        super().__init__()
        self.gate_fn = nn.Sigmoid()

    def forward(self, x):
        return x * self.gate_fn(x)


class Network(nn.Module):
    """Two SE blocks of different width, one of them deep inside, beside things that look like one.

    ``recorded`` says whether gradients were recorded in the last call.
    """

    def __init__(self, fails: bool = False):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 1)
        self.first = SEBlock(8, 2)
        self.stage = nn.Sequential(nn.Conv2d(8, 4, 1), nn.Sequential(nn.Sigmoid(), SEBlock(4, 2)), Decoy())
        self.linear = SEBlockLinear(4, 2)
        self.fails = fails
        self.calls = 0
        self.recorded = False

    def forward(self, x):
        self.calls += 1
        self.recorded = torch.is_grad_enabled()
        y = self.linear(self.stage(self.first(self.stem(x))))
        if self.fails:
            raise RuntimeError("the network fails on purpose")
        return y


class Recorder(nn.Module):
    """A block that does nothing but remember how it was made. ``made_as``: its id then, which no copy has."""

    def __init__(self, cin, cout, stride=1, reduction=16):
        super().__init__()
        self.made = [cin, cout, stride, reduction]
        self.made_as = id(self)

    def forward(self, x):
        return x


class SkipUnused(SEResBlockPostAct):
    """Has a projection and never asks it: its parameters get no gradient."""

    def forward(self, x):
        return self.out_act(self.branch(x))


class BranchDetached(SEResBlockPostAct):
    """Right values, and a branch that cannot learn."""

    def forward(self, x):
        return self.out_act(self.branch(x).detach() + self.proj(x))


class PoolsOverBatch(SEBlock):
    """Squeezes over the images too, so that all of them get the same gates."""

    def squeeze(self, x):
        return x.mean((0, 2, 3), keepdim=True)
