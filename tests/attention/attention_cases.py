"""Every attention module in every mode worth telling apart, each with its oracle."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import attention_oracles as oracles
import torch
from torch import nn

from seattn_course import attention


@dataclass(frozen=True)
class Case:
    """``make(channels)`` builds the module; ``gate(x, state)`` is the same function from its equation."""

    name: str
    make: Callable[[int], nn.Module]
    gate: Callable
    residual: bool = False

    def __str__(self):
        return self.name

    def expected(self, x, state):
        """Gate and output from the equations."""
        gate = self.gate(x, state)
        return gate, oracles.scale(x, 1 + state["alpha"] * gate if self.residual else gate)


def _se(**options):
    return partial(oracles.se_gate, **options)


def _v2(name, oracle=None, residual=False, **options):
    make = partial(attention.SEPlusPlusV2, reduction=4, residual=residual, **options)
    return Case(f"v2 {name}", make, partial(oracles.v2_gate, **(oracle or {})), residual)


_silu, _hard, _both = oracles.silu, oracles.hard_sigmoid, oracles.sum_of_both
_hard_gated = _se(act=_silu, squeeze=_both, gate=_hard)

CASES = [
    Case("se", partial(attention.SEBlock, reduction=4), _se()),
    Case("se without bias", partial(attention.SEBlock, reduction=4, bias=False), _se()),
    Case("se rounded", partial(attention.SEBlock, reduction=4, hidden_rounding=8), _se()),
    Case("se linear", partial(attention.SEBlockLinear, reduction=4), _se()),
    Case("se linear with bias", partial(attention.SEBlockLinear, reduction=4, bias=True), _se()),
    Case("se v2", partial(attention.SEv2, reduction=4), _se(act=_silu)),
    Case("se safe", partial(attention.SESafe, reduction=4), _se()),
    Case("se stable", partial(attention.SEStable, reduction=4), _se(act=_silu)),
    Case("se avg max", partial(attention.SEAvgMax, reduction=4), _se(act=_silu, squeeze=_both)),
    Case("se avg max, first", partial(attention.SEAvgMax, min_hidden=1, act="relu"), _se(squeeze=_both)),
    Case("se gated", partial(attention.SEGated, reduction=4), _se(act=_silu, squeeze=_both)),
    Case("se gated, hard", partial(attention.SEGated, gate="hardsigmoid"), _hard_gated),
    Case("se++", partial(attention.SEPlusPlus, reduction=4), _se(act=_silu, squeeze=_both)),
    Case("se++ avg", partial(attention.SEPlusPlus, use_max=False), _se(act=_silu)),
    Case("se++ max", partial(attention.SEPlusPlus, use_avg=False), _se(act=_silu, squeeze=oracles.maximum)),
    _v2("softmax"),
    _v2("sum", fusion="sum", oracle={"fusion": "sum"}),
    _v2("avg, hard", use_max=False, gate="hardsigmoid", oracle={"use_max": False, "gate": _hard}),
    _v2("max", use_avg=False, oracle={"use_avg": False}),
    _v2("fixed T", temperature=2.0),
    _v2("learnable T", temperature=0.5, learnable_temperature=True),
    _v2("residual", residual=True, alpha_init=0.5),
    _v2("all learnable", residual=True, learnable_temperature=True, learnable_alpha=True),
    _v2("without bias", bias=False),
    Case("eca", attention.ECA, oracles.eca_gate),
    Case("eca, k=5", partial(attention.ECA, kernel=5), oracles.eca_gate),
    Case("spatial", attention.SpatialAttention, oracles.spatial_gate),
    Case(
        "spatial, k=3, BN, max first",
        partial(attention.SpatialAttention, kernel=3, batch_norm=True, order="max_mean"),
        partial(oracles.spatial_gate, order="max_mean"),
    ),
    Case("cbam channel", partial(attention.ChannelAttention, reduction=4), oracles.channel_gate),
    Case("cbam", partial(attention.CBAM, reduction=4, kernel=3), oracles.cbam_gate),
    Case(
        "cbam, authors' layout",
        partial(attention.CBAM, kernel=3, mlp_bias=True, batch_norm=True, bn_momentum=0.01, order="max_mean"),
        partial(oracles.cbam_gate, order="max_mean"),
    ),
    Case("coordinate", attention.CoordinateAttention, oracles.coordinate_gate),
    Case("coordinate without bias", partial(attention.CoordinateAttention, bias=False), oracles.coordinate_gate),
]


def randomized(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module with every parameter and buffer drawn anew: default starts (T = 1, equal logits) hide errors."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if not tensor.is_floating_point():
                continue
            fresh = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
            if name.endswith(("T", "running_var")):
                fresh = fresh.abs() + 0.5
            tensor.copy_(fresh)
    return module


def as_arrays(module: nn.Module) -> dict:
    """The state dict as float64 arrays."""
    return {name: tensor.detach().double().numpy() for name, tensor in module.state_dict().items()}
