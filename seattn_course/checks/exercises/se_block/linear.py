"""se_block.linear: squeeze-and-excitation with two Linear layers without bias."""

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


class SEBlockLinear(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.fc1 = nn.Linear(channels, hidden, bias=False)
        self.act = nn.ReLU()
        self.fc2 = nn.Linear(hidden, channels, bias=False)
        self.gate_fn = nn.Sigmoid()

    def gate(self, x):
        z = x.mean((2, 3))  # (N, C)
        s = self.gate_fn(self.fc2(self.act(self.fc1(z))))  # (N, C)
        return s[:, :, None, None]  # (N, C, 1, 1)

    def forward(self, x):
        return x * self.gate(x)


EXERCISE = Exercise(
    id="se_block.linear",
    kind="class",
    name="SEBlockLinear",
    reference=SEBlockLinear,
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
EXERCISE.wrong_layers("no_sigmoid", gate_fn=lambda channels, reduction: nn.Identity())
EXERCISE.wrong_layers("no_relu", act=lambda channels, reduction: nn.Identity())
EXERCISE.wrong_layers(
    "relu_after_both", gate_fn=lambda channels, reduction: nn.Sequential(nn.ReLU(), nn.Sigmoid())
)
EXERCISE.wrong_layers("sigmoid_twice", act=lambda channels, reduction: nn.Sigmoid())
EXERCISE.wrong_layers("tanh", gate_fn=lambda channels, reduction: nn.Tanh())
EXERCISE.wrong_layers("relu_gate", gate_fn=lambda channels, reduction: nn.ReLU())
EXERCISE.wrong_layers("hard_sigmoid", gate_fn=lambda channels, reduction: nn.Hardsigmoid())


def _wrong_width(key, width, bias=False):
    EXERCISE.wrong_layers(
        key,
        fc1=lambda channels, reduction: nn.Linear(channels, width(channels, reduction), bias),
        fc2=lambda channels, reduction: nn.Linear(width(channels, reduction), channels, bias),
    )


_wrong_width("bias", lambda channels, reduction: max(1, channels // reduction), bias=True)
_wrong_width("rounded_width", lambda channels, reduction: max(1, round(channels / reduction)))
_wrong_width("unguarded_width", lambda channels, reduction: channels // reduction)
_wrong_width("no_bottleneck", lambda channels, reduction: channels)
_wrong_width("reduction_as_width", lambda channels, reduction: reduction)
_wrong_width("widened", lambda channels, reduction: channels * reduction)
_wrong_width("float_width", lambda channels, reduction: max(1, channels / reduction))
EXERCISE.wrong_layers(
    "sizes_swapped",
    fc1=lambda channels, reduction: nn.Linear(max(1, channels // reduction), channels, bias=False),
    fc2=lambda channels, reduction: nn.Linear(channels, max(1, channels // reduction), bias=False),
)


@EXERCISE.wrong("default_reduction")
class _DefaultReduction(SEBlockLinear):
    def __init__(self, channels, reduction=4):
        super().__init__(channels, reduction)


@EXERCISE.wrong("super_forgotten")
class _SuperForgotten(SEBlockLinear):
    def __init__(self, channels, reduction=16):
        self.fc1 = nn.Linear(channels, max(1, channels // reduction), bias=False)


@EXERCISE.wrong("frozen")
class _Frozen(SEBlockLinear):
    def __init__(self, channels, reduction=16):
        super().__init__(channels, reduction)
        self.requires_grad_(False)


@EXERCISE.wrong("made_in_forward")
class _MadeInForward(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.channels, self.hidden = channels, max(1, channels // reduction)

    def forward(self, x):
        h = F.relu(nn.Linear(self.channels, self.hidden, bias=False)(x.mean((2, 3))))
        return x * torch.sigmoid(nn.Linear(self.hidden, self.channels, bias=False)(h))[:, :, None, None]


@EXERCISE.wrong("plain_list")
class _PlainList(SEBlockLinear):
    def __init__(self, channels, reduction=16):
        nn.Module.__init__(self)
        hidden = max(1, channels // reduction)
        self.layers = [nn.Linear(channels, hidden, bias=False), nn.Linear(hidden, channels, bias=False)]

    def gate(self, x):
        return torch.sigmoid(self.layers[1](F.relu(self.layers[0](x.mean((2, 3))))))[:, :, None, None]


def _wrong_squeeze(key, squeeze):
    class OtherSqueeze(SEBlockLinear):
        def gate(self, x):
            return self.gate_fn(self.fc2(self.act(self.fc1(squeeze(x)))))[:, :, None, None]

    OtherSqueeze.__name__ = key
    EXERCISE.wrong(key)(OtherSqueeze)


_wrong_squeeze("summed", lambda x: x.sum((2, 3)))
_wrong_squeeze("max_pooled", lambda x: x.amax((2, 3)))
_wrong_squeeze("pooled_over_batch", lambda x: x.mean((0, 2, 3))[None].expand(x.shape[0], -1))
_wrong_squeeze("square_pool", lambda x: F.avg_pool2d(x, x.shape[2]).flatten(2)[:, :, 0])
_wrong_squeeze("squeezed_batch", lambda x: F.adaptive_avg_pool2d(x, 1).squeeze())
_wrong_squeeze("view", lambda x: x.view(x.shape[0], x.shape[1], -1).mean(2))
_wrong_squeeze("axes_kept", lambda x: x.mean((2, 3), keepdim=True))
_wrong_squeeze("channels_averaged", lambda x: x.mean((1, 2)))
_wrong_squeeze("all_but_batch", lambda x: x.mean((1, 2, 3)))
_wrong_squeeze("all_averaged", lambda x: x.mean())


@EXERCISE.wrong("not_pooled")
class _NotPooled(SEBlockLinear):
    def gate(self, x):
        return self.gate_fn(self.fc2(self.act(self.fc1(x.permute(0, 2, 3, 1))))).permute(0, 3, 1, 2)


@EXERCISE.wrong("one_axis_mean")
class _OneAxisMean(SEBlockLinear):
    def gate(self, x):
        return self.gate_fn(self.fc2(self.act(self.fc1(x.mean(2).transpose(1, 2))))).transpose(1, 2)[:, :, None]


@EXERCISE.wrong("lost_axes")
class _LostAxes(SEBlockLinear):
    def gate(self, x):
        return super().gate(x)[:, :, 0, 0]


@EXERCISE.wrong("residual")
class _Residual(SEBlockLinear):
    def forward(self, x):
        return x + x * self.gate(x)


@EXERCISE.wrong("added")
class _Added(SEBlockLinear):
    def forward(self, x):
        return x + self.gate(x)


@EXERCISE.wrong("gate_returned")
class _GateReturned(SEBlockLinear):
    def forward(self, x):
        return self.gate(x)


@EXERCISE.wrong("gate_expanded")
class _GateExpanded(SEBlockLinear):
    def forward(self, x):
        return self.gate(x).expand_as(x)


@EXERCISE.wrong("not_returned")
class _NotReturned(SEBlockLinear):
    def forward(self, x):
        x * self.gate(x)


@EXERCISE.wrong("inverted")
class _Inverted(SEBlockLinear):
    def forward(self, x):
        return x * (1 - self.gate(x))


@EXERCISE.wrong("detached")
class _Detached(SEBlockLinear):
    def gate(self, x):
        return super().gate(x.detach())


@EXERCISE.wrong("no_grad_gate")
class _NoGradGate(SEBlockLinear):
    def gate(self, x):
        with torch.no_grad():
            return super().gate(x)


@EXERCISE.wrong("in_place")
class _InPlace(SEBlockLinear):
    def forward(self, x):
        return x.mul_(self.gate(x))


@EXERCISE.wrong("reseeds")
class _Reseeds(SEBlockLinear):
    def forward(self, x):
        torch.manual_seed(0)
        return super().forward(x)


@EXERCISE.wrong("single_precision")
class _SinglePrecision(SEBlockLinear):
    def gate(self, x):
        z = x.float().mean((2, 3)).to(self.fc1.weight.dtype)
        return self.gate_fn(self.fc2(self.act(self.fc1(z))))[:, :, None, None]


@EXERCISE.wrong("named_device")
class _NamedDevice(SEBlockLinear):
    def gate(self, x):
        return super().gate(x) * torch.ones(x.shape[1], 1, 1, device="cpu")


@EXERCISE.accepted
class ConvolutionsInside(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.excite = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, hidden, 1, bias=False),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden, channels, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.excite(x) * x


@EXERCISE.accepted
class BareParametersAndEinsum(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = channels // reduction or 1
        self.up = nn.Parameter(torch.randn(hidden, channels) * 0.1)
        self.down = nn.Parameter(torch.randn(channels, hidden) * 0.1)

    def forward(self, x):
        h = F.relu(torch.einsum("nchw,ck->nk", x, self.down) / (x.shape[2] * x.shape[3]))
        return torch.einsum("nchw,nc->nchw", x, torch.sigmoid(h @ self.up))


@EXERCISE.accepted
class LayersInReverseOrder(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        hidden = max(channels // reduction, 1)
        self.expand = nn.Linear(hidden, channels, bias=False)
        self.reduce = nn.Linear(channels, hidden, bias=False)

    def forward(self, x):
        n, c, _, _ = x.shape
        z = x.reshape(n, c, -1).mean(-1)
        return x * (1 / (1 + torch.exp(-self.expand(self.reduce(z).clamp(min=0))))).reshape(n, c, 1, 1)
