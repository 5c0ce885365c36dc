"""Where attention meets a residual block: the four fusion patterns P1 to P4.

A(v) = gate(v) * v. The patterns differ in what A sees, and in what stays untouched by it:

=====  =============================  ===========================
P1     act(skip(x) + A(F(x)))         skip(x)
P2     act(A(skip(x) + F(x)))         nothing: one gate on the sum
P3     act(skip(x) + F(A(x)))         skip(x)
P4     act(A_s(skip(x)) + A_r(F(x)))  nothing: one gate on each
=====  =============================  ===========================

Hu et al., Squeeze-and-Excitation Networks (TPAMI), figure 5 and table 14, have P1 (standard), P2 with A after
the activation (POST), P3 (PRE) and P4 with the identity for A_r (Identity).
"""

from collections.abc import Callable

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.conv_blocks import ConvBNAct, activation
from seattn_course.attention.factory import Attention
from seattn_course.residual.shortcut import shortcut
from seattn_course.residual.slot import attention_slot
from seattn_course.residual.starts import zero_branch

Branch = nn.Module | Callable[[int, int, int], nn.Module] | None


def residual_branch(branch: Branch, cin: int, cout: int, stride: int = 1) -> nn.Module:
    """F: (N, cin, H, W) -> (N, cout, H', W').

    None: conv - BN - ReLU, conv - BN with 3x3 convolutions, the first with the stride. A module stands as it is;
    a factory is called as ``branch(cin, cout, stride)`` and must return a module, else TypeError.
    """
    if branch is None:
        return nn.Sequential(ConvBNAct(cin, cout, s=stride), ConvBNAct(cout, cout, act=None))
    if isinstance(branch, nn.Module):
        return branch
    if not callable(branch):
        raise TypeError(f"branch must be None, a module or a factory branch(cin, cout, stride), got {branch!r}")
    made = branch(cin, cout, stride)
    if not isinstance(made, nn.Module):
        raise TypeError(f"branch must return an nn.Module, got {made!r}")
    return made


class _Fusion(nn.Module):
    """What the patterns share: F, skip and act. Each pattern adds its attention and its equation."""

    def __init__(
        self, channels: int, cout: int | None, stride: int, branch: Branch, act: str | None, zero_init: bool
    ):
        super().__init__()
        self.channels = arguments.positive_int("channels", channels)
        self.cout = channels if cout is None else arguments.positive_int("cout", cout)
        stride = arguments.positive_int("stride", stride)
        self.f = residual_branch(branch, channels, self.cout, stride)
        self.proj = shortcut(channels, self.cout, stride)
        self.act = activation(act)
        if arguments.flag("zero_init", zero_init):
            self.zero_init()

    def zero_init(self) -> None:
        """Makes F return 0 for now; call it after any other initialization, which would undo it."""
        zero_branch(self.f)

    def paths(self, x: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """skip(x) and F(seen), both (N, cout, H', W'); ValueError if F returns any other shape.

        Without the check a branch that returns (N, cout, 1, 1) would be broadcast, and nobody would notice.
        """
        skip, residual = self.proj(x), self.f(seen)
        if residual.shape != skip.shape:
            raise ValueError(f"branch must return shape {tuple(skip.shape)}, got {tuple(residual.shape)}")
        return skip, residual


class _SingleAttention(_Fusion):
    """A pattern with one attention, made for the channels of what it sees: F's output, or x itself."""

    attention_sees_input = False

    def __init__(
        self,
        channels: int,
        attention: Attention = None,
        reduction: int = 16,
        *,
        cout: int | None = None,
        stride: int = 1,
        branch: Branch = None,
        act: str | None = "relu",
        zero_init: bool = False,
        start: str | None = None,
    ):
        super().__init__(channels, cout, stride, branch, act, zero_init)
        width = self.channels if self.attention_sees_input else self.cout
        self.attn = attention_slot(attention, width, reduction, start)


class ResidualAttentionP1(_SingleAttention):
    """P1, attention in the branch: y = act(skip(x) + A(F(x))).

    The pattern of SE-ResNet (Hu et al., figure 3). Predictable: with F = 0, y = act(skip(x)), whatever A does;
    that is act(x), which is not x where x < 0 (erratum E14).

    Shapes: x (N, channels, H, W) -> y (N, cout, ceil(H / stride), ceil(W / stride)).
    channels: in; cout: out, None for the same. stride: of F and of the projection.
    attention: A for **cout** channels: None (identity), a name, a factory or a module. reduction: its r.
    branch: F: None (conv - BN - ReLU, conv - BN), a module, or a factory ``branch(cin, cout, stride)``.
    act: "relu", "silu" or None. zero_init: F starts at 0.
    start: None, "double", "bias" or "alpha": A starts at or near the identity, see :func:`near_identity`.
    Parameters for 64 channels: 73,984; with SE 74,564.

    TypeError or ValueError, naming the argument, for wrong arguments, a wrong x, and a wrong shape from F.

    >>> ResidualAttentionP1(8, "se", cout=16, stride=2)(torch.rand(2, 8, 9, 7)).shape
    torch.Size([2, 16, 5, 4])
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.channels)
        skip, residual = self.paths(x, x)
        return self.act(skip + self.attn(residual))


class ResidualAttentionP2(_SingleAttention):
    """P2, attention after the sum: y = act(A(skip(x) + F(x))).

    One gate on the merged map, so also on the identity path: a fresh SE leaves about half of it in each block,
    and 0.5^16 = 1.5e-5 after 16 (erratum E06); ``start="double"`` begins at 1. POST in Hu et al., table 14, is
    A(act(.)).

    Shapes, arguments, parameters and errors as :class:`ResidualAttentionP1`; A has cout channels.

    >>> ResidualAttentionP2(8, "se", start="double", zero_init=True, act=None)(torch.ones(1, 8, 2, 2)).unique()
    tensor([1.], grad_fn=<Unique2Backward0>)
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.channels)
        skip, residual = self.paths(x, x)
        return self.act(self.attn(skip + residual))


class ResidualAttentionP3(_SingleAttention):
    """P3, attention before the branch: y = act(skip(x) + F(A(x))).

    PRE in Hu et al., table 14. A conditions what F sees; where F begins conv - BN, a gate that is equal for all
    channels changes nothing in training, since BN divides it out again (erratum E15).

    Shapes, arguments, parameters and errors as :class:`ResidualAttentionP1`, but A sees x: it has ``channels``
    channels, not cout.

    >>> ResidualAttentionP3(8, "se", cout=16, stride=2)(torch.rand(2, 8, 9, 7)).shape
    torch.Size([2, 16, 5, 4])
    """

    attention_sees_input = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.channels)
        skip, residual = self.paths(x, self.attn(x))
        return self.act(skip + residual)


class ResidualAttentionP4(_Fusion):
    """P4, attention on both paths: y = act(A_s(skip(x)) + A_r(F(x))).

    A_s gates the identity path and should start near 1 (erratum E06). With the identity for A_r it is Identity in
    Hu et al., table 14.

    Shapes and errors as :class:`ResidualAttentionP1`. attention_skip, attention_res: A_s and A_r, each for cout
    channels, each a module of its own: one module for both raises ValueError, since its weights would be shared
    (erratum E20). The other arguments as P1; ``start`` applies to both, where there is an attention.
    Parameters for 64 channels: with two SE blocks 75,144.

    >>> ResidualAttentionP4(8, "eca", "se", cout=16, stride=2)(torch.rand(2, 8, 9, 7)).shape
    torch.Size([2, 16, 5, 4])
    """

    def __init__(
        self,
        channels: int,
        attention_skip: Attention = None,
        attention_res: Attention = None,
        reduction: int = 16,
        *,
        cout: int | None = None,
        stride: int = 1,
        branch: Branch = None,
        act: str | None = "relu",
        zero_init: bool = False,
        start: str | None = None,
    ):
        if isinstance(attention_skip, nn.Module) and attention_skip is attention_res:
            raise ValueError(
                f"attention_skip and attention_res must be two modules, got one {type(attention_res).__name__} "
                "twice, whose weights they would share"
            )
        super().__init__(channels, cout, stride, branch, act, zero_init)
        if attention_skip is None and attention_res is None and start is not None:
            raise ValueError(f"start must be None without an attention, got {start!r}")
        self.attn_skip = attention_slot(
            attention_skip, self.cout, reduction, None if attention_skip is None else start
        )
        self.attn_res = attention_slot(
            attention_res, self.cout, reduction, None if attention_res is None else start
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        arguments.feature_map("x", x, self.channels)
        skip, residual = self.paths(x, x)
        return self.act(self.attn_skip(skip) + self.attn_res(residual))
