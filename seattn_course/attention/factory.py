"""From a name, a class or a module to an attention module: what blocks and networks take as ``attention``."""

from collections.abc import Callable

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.cbam import CBAM
from seattn_course.attention.coordinate import CoordinateAttention
from seattn_course.attention.eca import ECA
from seattn_course.attention.se_plus_plus import SEPlusPlus, SEPlusPlusV2
from seattn_course.attention.se_variants import SEAvgMax, SEGated, SESafe, SEStable, SEv2
from seattn_course.attention.spatial import SpatialAttention
from seattn_course.attention.squeeze_excitation import SEBlock, SEBlockLinear

Attention = None | str | nn.Module | Callable[[int], nn.Module]

# Reduced by r: these take (channels, reduction).
_REDUCED = {
    "se": SEBlock,
    "se_linear": SEBlockLinear,
    "se_v2": SEv2,
    "se_safe": SESafe,
    "se_stable": SEStable,
    "se_avg_max": SEAvgMax,
    "se_gated": SEGated,
    "se_plus_plus": SEPlusPlus,
    "se_plus_plus_v2": SEPlusPlusV2,
    "cbam": CBAM,
}
# Without r, or, for coordinate attention, with a published r of its own.
_UNREDUCED = {"eca": ECA, "coord": CoordinateAttention, "spatial": SpatialAttention}

ATTENTION_NAMES = (*_REDUCED, *_UNREDUCED)


class IdentityAttention(nn.Module):
    """No attention: y = x, with a gate of ones.

    Shapes: x (N, C, H, W) -> x itself; ``gate(x)`` is (N, C, 1, 1), all 1.

    >>> IdentityAttention().gate(torch.rand(2, 3, 5, 7)).flatten().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Ones, (N, C, 1, 1)."""
        arguments.feature_map("x", x)
        return torch.ones_like(x[:, :, :1, :1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def make_attention(attention: Attention, channels: int, reduction: int = 16) -> nn.Module:
    """The attention module for a map of ``channels`` channels.

    attention: None for none (:class:`IdentityAttention`); one of ``ATTENTION_NAMES``, in any case; a factory (a
        class, a function, a ``functools.partial``), called with ``channels`` alone; or a module, used as it is.
        A module given to several blocks is shared by them, weights and all (erratum E20): give a factory there.
    channels: C of the map it will stand on, after any expansion (erratum E14).
    reduction: r, for the names that have one. Coordinate attention keeps its published C / 32, and a factory
        its own: bind another with ``functools.partial``.

    TypeError for anything else, and for a factory that returns no module; ValueError for an unknown name.

    >>> make_attention("eca", 64)
    ECA(
      (conv): Conv1d(1, 1, kernel_size=(3,), stride=(1,), padding=(1,), bias=False)
      (gate_fn): Sigmoid()
    )
    """
    channels = arguments.positive_int("channels", channels)
    reduction = arguments.positive_int("reduction", reduction)
    if attention is None:
        return IdentityAttention()
    if isinstance(attention, nn.Module):
        return attention
    if isinstance(attention, str):
        name = arguments.choice("attention", attention, ATTENTION_NAMES)
        return _REDUCED[name](channels, reduction) if name in _REDUCED else _UNREDUCED[name](channels)
    if not callable(attention):
        names = ", ".join(map(repr, ATTENTION_NAMES))
        raise TypeError(f"attention must be None, one of {names}, a factory or a module, got {attention!r}")
    module = attention(channels)
    if not isinstance(module, nn.Module):
        raise TypeError(f"attention must return a module when called, got {attention!r} returning {module!r}")
    return module
