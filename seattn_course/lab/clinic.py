"""The clinic of lesson 13: twelve networks that run without an error, each with one disease.

Every patient is the same small network with the same weights, but for its disease: what an instrument says of it
can be held against :func:`healthy`. Each disease is a mistake that is made in real code.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seattn_course import arguments
from seattn_course.attention import SEBlock
from seattn_course.attention.pooling import squeeze_mean
from seattn_course.residual import PreActBlock

REDUCTION = 2


class Ward(nn.Module):
    """stem -> block1 -> block2 (half the size, twice the channels) -> block3 -> head, pre-activation with SE.

    Shapes: x (N, 3, H, W) -> logits (N, 10). block1 has no norm in front: the stem ends in one.
    """

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8))
        self.block1 = PreActBlock(8, 8, attention="se", reduction=REDUCTION)
        self.block1.bn1 = nn.Identity()
        self.block2 = PreActBlock(8, 16, 2, attention="se", reduction=REDUCTION)
        self.block3 = PreActBlock(16, 16, attention="se", reduction=REDUCTION)
        self.head = nn.Sequential(nn.BatchNorm2d(16), nn.ReLU())
        self.fc = nn.Linear(16, 10)

    def blocks(self) -> dict[str, PreActBlock]:
        """The residual blocks by name, from input to output."""
        return {"block1": self.block1, "block2": self.block2, "block3": self.block3}

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)  # (N, 3, H, W) -> (N, 8, H, W)
        x = self.block3(self.block2(self.block1(x)))  # -> (N, 16, H / 2, W / 2)
        return self.fc(squeeze_mean(self.head(x)).flatten(1))  # -> (N, 10)


def healthy(seed: int = 0) -> Ward:
    """The network without a disease, in double precision, its gates spread as if it had been trained."""
    generator = torch.Generator().manual_seed(seed)
    net = Ward().double()
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)
            if parameter.dim() > 1:  # weights: variance 2 / fan-in
                parameter.copy_(noise * (2 / parameter[0].numel()) ** 0.5)
            elif name.endswith("fc1.bias"):
                parameter.fill_(0.5)  # no hidden unit is off for all images
            elif name.endswith("weight"):
                parameter.copy_(1 + 0.1 * noise)  # norms
            else:
                parameter.copy_(0.1 * noise)
        for block in net.blocks().values():
            block.attn.fc2.weight.mul_(2)
    return net


def images(count: int = 8, seed: int = 0) -> Tensor:
    """Random images (count, 3, 8, 8) in double precision, whose means differ, so that the gates differ."""
    generator = torch.Generator().manual_seed(1000 + seed)
    noise = torch.randn(count, 3, 8, 8, generator=generator, dtype=torch.float64)
    return noise + 1.5 * torch.randn(count, 3, 1, 1, generator=generator, dtype=torch.float64)


class _Disguised(SEBlock):
    """Printed as a plain SEBlock: the printed network does not give the disease away."""

    def _get_name(self) -> str:
        return "SEBlock"


class _Detached(_Disguised):
    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x).detach()


class _PoolsOverBatch(_Disguised):
    def squeeze(self, x: Tensor) -> Tensor:
        return x.mean((0, 2, 3), keepdim=True).expand(len(x), -1, -1, -1)


class _WrongAxis(_Disguised):
    """Takes the rows for the channels, which fits while H = C."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class _MadeForInput(_Disguised):
    """Made for half the channels: looks at the first half, and its gates are repeated until they fit."""

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x[:, : self.channels]).repeat(1, 2, 1, 1)


class _ActivatedBranch(_Disguised):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.relu())


class _InPlace(nn.ReLU):
    def _get_name(self) -> str:
        return "ReLU"

    def forward(self, x: Tensor) -> Tensor:
        return x.relu_()


class _Sliced(nn.Module):
    """Halves the map by leaving places out and doubles the channels by repeating them: nothing to learn."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, ::2, ::2].repeat(1, 2, 1, 1)


class _GateOnSum(PreActBlock):
    def _get_name(self) -> str:
        return "PreActBlock"

    def branch(self, h: Tensor) -> Tensor:
        return self.conv2(self.act2(self.bn2(self.conv1(h))))

    def forward(self, x: Tensor) -> Tensor:
        return self.attn(x + self.branch(self.act1(self.bn1(x))))


def _attention(net: Ward, block: str, kind: type[SEBlock]) -> None:
    """Puts an attention of another kind into a block, with the weights that were there."""
    old = net.blocks()[block].attn
    new = kind(old.channels, REDUCTION).double()
    new.load_state_dict(old.state_dict())
    net.blocks()[block].attn = new


def _wrong_axis(net: Ward) -> None:
    _attention(net, "block1", _WrongAxis)


def _sliced_skip(net: Ward) -> None:
    net.block2.proj = _Sliced()


def _gate_detached(net: Ward) -> None:
    _attention(net, "block2", _Detached)


def _shared_attention(net: Ward) -> None:
    net.block3.attn = net.block2.attn


def _in_place(net: Ward) -> None:
    net.block1.act1 = _InPlace()


def _batch_statistics(net: Ward) -> None:
    old = net.block2.bn2
    net.block2.bn2 = nn.BatchNorm2d(16, track_running_stats=False).double()
    net.block2.bn2.load_state_dict({"weight": old.weight, "bias": old.bias})


def _softmax_gate(net: Ward) -> None:
    net.block3.attn.gate_fn = nn.Softmax(dim=1)


def _pooled_over_batch(net: Ward) -> None:
    _attention(net, "block3", _PoolsOverBatch)


def _dead_hidden(net: Ward) -> None:
    nn.init.constant_(net.block2.attn.fc1.bias, -50.0)


def _made_for_input(net: Ward) -> None:
    small = _MadeForInput(8, REDUCTION).double()
    with torch.no_grad():
        for mine, theirs in zip(small.parameters(), net.block2.attn.parameters()):
            mine.copy_(theirs[tuple(slice(size) for size in mine.shape)])
    net.block2.attn = small


def _activated_branch(net: Ward) -> None:
    _attention(net, "block3", _ActivatedBranch)


def _gate_on_sum(net: Ward) -> None:
    block = _GateOnSum(16, 16, attention="se", reduction=REDUCTION).double()
    block.load_state_dict(net.block3.state_dict())
    net.block3 = block


DISEASES: dict[str, Callable[[Ward], None]] = {
    "wrong_axis": _wrong_axis,
    "sliced_skip": _sliced_skip,
    "gate_detached": _gate_detached,
    "shared_attention": _shared_attention,
    "in_place": _in_place,
    "batch_statistics": _batch_statistics,
    "softmax_gate": _softmax_gate,
    "pooled_over_batch": _pooled_over_batch,
    "dead_hidden": _dead_hidden,
    "made_for_input": _made_for_input,
    "activated_branch": _activated_branch,
    "gate_on_sum": _gate_on_sum,
}
DIAGNOSES = {
    "A": "shared_attention",
    "B": "pooled_over_batch",
    "C": "sliced_skip",
    "D": "gate_detached",
    "E": "made_for_input",
    "F": "batch_statistics",
    "G": "activated_branch",
    "H": "dead_hidden",
    "I": "wrong_axis",
    "J": "gate_on_sum",
    "K": "in_place",
    "L": "softmax_gate",
}


def ill(disease: str, seed: int = 0) -> Ward:
    """The network of :func:`healthy` with one of DISEASES; ValueError for any other name.

    >>> ill("softmax_gate")(images()).shape
    torch.Size([8, 10])
    """
    net = healthy(seed)
    DISEASES[arguments.choice("disease", disease, DISEASES)](net)
    return net


def patient(name: str, seed: int = 0) -> Ward:
    """One of the patients "A" to "L"; its disease is for its doctor to find. ValueError for others."""
    if name not in DIAGNOSES:
        raise ValueError(f"name must be one of {', '.join(DIAGNOSES)}, got {name!r}")
    return ill(DIAGNOSES[name], seed)
