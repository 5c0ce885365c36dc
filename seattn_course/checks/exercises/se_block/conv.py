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
        Gradients(batteries.many_images),
        GlobalsLeftAlone(batteries.small),
        DoublePrecision(batteries.small),
        AnyDevice(batteries.small),
    ),
)


EXERCISE.wrong_layers("softmax", gate_fn=lambda channels, reduction: nn.Softmax(dim=1))
EXERCISE.wrong_layers("softmax_over_space", gate_fn=lambda channels, reduction: nn.Softmax(dim=2))
EXERCISE.wrong_layers("hard_sigmoid", gate_fn=lambda channels, reduction: nn.Hardsigmoid())
EXERCISE.wrong_layers("tanh", gate_fn=lambda channels, reduction: nn.Tanh())
EXERCISE.wrong_layers("no_sigmoid", gate_fn=lambda channels, reduction: nn.Identity())
EXERCISE.wrong_layers("no_relu", act=lambda channels, reduction: nn.Identity())
EXERCISE.wrong_layers("max_pooled", pool=lambda channels, reduction: nn.AdaptiveMaxPool2d(1))
EXERCISE.wrong_layers("relu_gate", gate_fn=lambda channels, reduction: nn.ReLU())
EXERCISE.wrong_layers("sigmoid_twice", act=lambda channels, reduction: nn.Sigmoid())
EXERCISE.wrong_layers(
    "relu_after_both", gate_fn=lambda channels, reduction: nn.Sequential(nn.ReLU(), nn.Sigmoid())
)


def _wrong_convolutions(key, width=lambda channels, reduction: max(1, channels // reduction), **kwargs):
    kwargs = {"kernel_size": 1} | kwargs
    EXERCISE.wrong_layers(
        key,
        fc1=lambda channels, reduction: nn.Conv2d(channels, width(channels, reduction), **kwargs),
        fc2=lambda channels, reduction: nn.Conv2d(width(channels, reduction), channels, **kwargs),
    )


_wrong_convolutions("no_bias", bias=False)
_wrong_convolutions("three_by_three", kernel_size=3, padding=1)
_wrong_convolutions("rounded_width", lambda channels, reduction: max(1, round(channels / reduction)))
_wrong_convolutions("unguarded_width", lambda channels, reduction: channels // reduction)
_wrong_convolutions("reduction_as_width", lambda channels, reduction: reduction)
_wrong_convolutions("float_width", lambda channels, reduction: max(1, channels / reduction))
EXERCISE.wrong_layers(
    "sizes_swapped",
    fc1=lambda channels, reduction: nn.Conv2d(max(1, channels // reduction), channels, 1),
    fc2=lambda channels, reduction: nn.Conv2d(channels, max(1, channels // reduction), 1),
)


def _wrong_squeeze(key, squeeze):
    class OtherSqueeze(SEBlock):
        def gate(self, x):
            return self.gate_fn(self.fc2(self.act(self.fc1(squeeze(x)))))

    OtherSqueeze.__name__ = key
    EXERCISE.wrong(key)(OtherSqueeze)


_wrong_squeeze("summed", lambda x: x.sum((2, 3), keepdim=True))
_wrong_squeeze("channels_averaged", lambda x: x.mean((1, 2), keepdim=True))
_wrong_squeeze("all_but_batch", lambda x: x.mean((1, 2, 3), keepdim=True))
_wrong_squeeze("all_averaged", lambda x: x.mean())


@EXERCISE.wrong("relu_first")
class _ReLUFirst(SEBlock):
    def gate(self, x):
        return self.gate_fn(self.fc2(self.fc1(F.relu(self.pool(x)))))


@EXERCISE.wrong("one_bias")
class _OneBias(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Conv2d(channels, hidden, 1, bias=False)


@EXERCISE.wrong("batch_norm")
class _BatchNorm(SEBlock):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.act = nn.Sequential(nn.BatchNorm2d(max(1, channels // reduction)), nn.ReLU())


@EXERCISE.wrong("default_reduction")
class _DefaultReduction(SEBlock):
    def __init__(self, channels, reduction=8):
        super().__init__(channels, reduction)


@EXERCISE.wrong("pool_forgotten")
class _PoolForgotten(SEBlock):
    def gate(self, x):
        return self.gate_fn(self.fc2(self.act(self.fc1(x))))


@EXERCISE.wrong("pooled_late")
class _PooledLate(SEBlock):
    def gate(self, x):
        return self.gate_fn(self.pool(self.fc2(self.act(self.fc1(x)))))


@EXERCISE.wrong("pooled_over_batch")
class _PooledOverBatch(SEBlock):
    def gate(self, x):
        return super().gate(x.mean(0, keepdim=True)).expand(x.shape[0], -1, 1, 1)


@EXERCISE.wrong("squeezed")
class _Squeezed(SEBlock):
    def gate(self, x):
        return self.gate_fn(self.fc2(self.act(self.fc1(self.pool(x).squeeze()))))


@EXERCISE.wrong("axes_lost")
class _AxesLost(SEBlock):
    def gate(self, x):
        return self.gate_fn(self.fc2(self.act(self.fc1(x.mean((2, 3))))))


@EXERCISE.wrong("gate_returned")
class _GateReturned(SEBlock):
    def forward(self, x):
        return self.gate(x)


@EXERCISE.wrong("gate_expanded")
class _GateExpanded(SEBlock):
    def forward(self, x):
        return self.gate(x).expand_as(x)


@EXERCISE.wrong("pool_returned")
class _PoolReturned(SEBlock):
    def forward(self, x):
        x = self.pool(x)
        return x * self.gate_fn(self.fc2(self.act(self.fc1(x))))


@EXERCISE.wrong("residual")
class _Residual(SEBlock):
    def forward(self, x):
        return x * (1 + self.gate(x))


@EXERCISE.wrong("added")
class _Added(SEBlock):
    def forward(self, x):
        return x + self.gate(x)


@EXERCISE.wrong("gate_of_gated")
class _GateOfGated(SEBlock):
    def forward(self, x):
        y = x * self.gate(x)
        return y * self.gate(y)


@EXERCISE.wrong("detached")
class _Detached(SEBlock):
    def gate(self, x):
        return super().gate(x.detach())


@EXERCISE.wrong("in_place")
class _InPlace(SEBlock):
    def forward(self, x):
        x *= self.gate(x)
        return x


@EXERCISE.wrong("gradients_off")
class _GradientsOff(SEBlock):
    def forward(self, x):
        y = super().forward(x)
        torch.set_grad_enabled(False)
        return y


@EXERCISE.wrong("single_precision")
class _SinglePrecision(SEBlock):
    def gate(self, x):
        return super().gate(x.float().to(x.dtype))


@EXERCISE.wrong("named_device")
class _NamedDevice(SEBlock):
    def forward(self, x):
        return x * self.gate(x).to("cpu")


@EXERCISE.accepted
class LinearLayersInside(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc = nn.Sequential(nn.Linear(channels, hidden), nn.ReLU(), nn.Linear(hidden, channels), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[..., None, None]


@EXERCISE.accepted
class OneSequential(nn.Sequential):
    def __init__(self, channels, reduction=16):
        hidden = max(1, channels // reduction)
        super().__init__(
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Conv2d(channels, hidden, (1, 1)),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, (1, 1)),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return torch.mul(super().forward(x), x)


@EXERCISE.accepted
class FunctionalWithParameters(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        h = max(1, channels // reduction)
        self.b2, self.w2 = nn.Parameter(torch.zeros(channels)), nn.Parameter(torch.randn(channels, h, 1, 1))
        self.b1, self.w1 = nn.Parameter(torch.zeros(h)), nn.Parameter(torch.randn(h, channels, 1, 1))

    def forward(self, x):
        z = F.avg_pool2d(x, x.shape[-2:])
        return x * F.conv2d(F.conv2d(z, self.w1, self.b1).relu(), self.w2, self.b2).sigmoid()
