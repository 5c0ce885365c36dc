"""The convolutions beside attention: conv-BN-act blocks, and the 1x1 convolution of a channel descriptor."""

import torch
import torch.nn.functional as F
from torch import nn

from seattn_course import arguments

_ACTIVATIONS = {"relu": nn.ReLU, "silu": nn.SiLU}


def activation(name: str | None) -> nn.Module:
    """``nn.ReLU()``, ``nn.SiLU()`` or, for None, ``nn.Identity()``; none of them works in place.

    TypeError or ValueError for anything else: an unknown name is a mistake, not a ReLU (erratum E19).
    """
    if name is None:
        return nn.Identity()
    return _ACTIVATIONS[arguments.choice("act", name, _ACTIVATIONS)]()


class ConvBNAct(nn.Module):
    """Convolution, batch normalization, activation.

    y = act(BN(W * x)) (BN: Ioffe and Szegedy 2015, algorithm 1; W * x + b loses its b there, section 3.2, so the
    convolution has none).

    Shapes: x (N, cin, H, W) -> y (N, cout, (H + 2p - k) // s + 1, likewise W), so (H, W) stays for s = 1.
    cin, cout: channels in and out. k: kernel size. s: stride.
    p: padding; None means k // 2, which keeps the size at stride 1 and therefore wants an odd k (erratum E19).
    groups: groups of the convolution; must divide cin and cout. act: "relu", "silu" or None.

    TypeError or ValueError, naming the argument, for wrong arguments and a wrong x.

    >>> ConvBNAct(3, 8, k=1, act=None)(torch.rand(2, 3, 10, 7)).shape
    torch.Size([2, 8, 10, 7])
    """

    def __init__(
        self,
        cin: int,
        cout: int,
        k: int = 3,
        s: int = 1,
        p: int | None = None,
        groups: int = 1,
        act: str | None = "relu",
    ):
        super().__init__()
        cin, cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
        k, s = arguments.positive_int("k", k), arguments.positive_int("s", s)
        if p is None:
            if k % 2 == 0:
                raise ValueError(f"k must be odd when p is None, got {k}: k // 2 would change the size")
            p = k // 2
        p = arguments.positive_int("p", p, at_least=0)
        groups = arguments.positive_int("groups", groups)
        if cin % groups or cout % groups:
            raise ValueError(f"groups must divide cin={cin} and cout={cout}, got {groups}")
        self.cin = cin
        self.conv = nn.Conv2d(cin, cout, k, stride=s, padding=p, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.act = activation(act)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.cin)
        return self.act(self.bn(self.conv(x)))


class DescriptorConv(nn.Conv2d):
    """A 1x1 convolution for maps of one place: weights, start and values of ``nn.Conv2d(cin, cout, 1)``.

    u = W z + b (the products of SENet, Hu et al., eq. 3): on a 1x1 map the convolution is this matrix product, and
    computed as one it takes about a quarter less time at 512 channels.

    Shapes: z (N, cin, 1, 1) -> u (N, cout, 1, 1). RuntimeError, from the product, for a larger map.

    >>> conv = DescriptorConv(64, 4)
    >>> conv.weight.shape, conv(torch.rand(2, 64, 1, 1)).shape
    (torch.Size([4, 64, 1, 1]), torch.Size([2, 4, 1, 1]))
    """

    def __init__(self, cin: int, cout: int, bias: bool = True):
        super().__init__(cin, cout, kernel_size=1, bias=bias)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        u = F.linear(z.flatten(1), self.weight.flatten(1), self.bias)  # (N, cin) -> (N, cout)
        return u.view(-1, self.out_channels, 1, 1)
