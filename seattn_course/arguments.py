"""Argument checks shared by all modules: each error names the argument, its value and what is allowed.

They raise rather than assert, because ``python -O`` removes assertions (erratum E08).
"""

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any


def positive_int(name: str, value: Any, at_least: int = 1) -> int:
    """``value`` as int; TypeError unless an integer (bool is none), ValueError below ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer of at least {at_least}, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name} must be an integer of at least {at_least}, got {value!r}")
    return int(value)


def odd_int(name: str, value: Any, at_least: int = 1) -> int:
    """``value`` as int; TypeError unless an integer, ValueError unless odd and at least ``at_least``."""
    allowed = f"an odd integer of at least {at_least}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be {allowed}, got {value!r}")
    if value < at_least or value % 2 == 0:
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return int(value)


def real(name: str, value: Any, above: float = -math.inf, below: float = math.inf) -> float:
    """``value`` as float; TypeError unless a number, ValueError unless finite and above < value < below."""
    allowed = {
        (False, False): "a finite number",
        (True, False): f"a finite number above {above:g}",
        (False, True): f"a finite number below {below:g}",
        (True, True): f"a finite number above {above:g} and below {below:g}",
    }[math.isfinite(above), math.isfinite(below)]
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {allowed}, got {value!r}")
    if not math.isfinite(value) or not above < value < below:
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """``value`` if it is True or False, TypeError otherwise (1, "yes" and None are mistakes, not flags)."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value!r}")
    return value


def choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """The member of ``allowed`` that ``value`` names, whatever its case; TypeError or ValueError otherwise."""
    allowed = tuple(allowed)
    listing = ", ".join(repr(option) for option in allowed)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {listing}, got {value!r}")
    for option in allowed:
        if option.lower() == value.lower():
            return option
    raise ValueError(f"{name} must be one of {listing}, got {value!r}")


def feature_map(name: str, x: Any, channels: int | None = None) -> None:
    """Refuse ``x`` unless it is a batch of feature maps: floating point, (N, channels, H, W), no empty map.

    ``channels=None`` accepts any number of channels. TypeError for a wrong kind or dtype, ValueError for a
    wrong shape. Only the shape is looked at, never the values: a NaN passes through, as in PyTorch's layers.
    """
    import torch

    shape = f"(N, {'C' if channels is None else channels}, H, W)"
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{name} must be a floating-point tensor of shape {shape}, got {type(x).__name__}")
    if not x.is_floating_point():
        raise TypeError(f"{name} must be a floating-point tensor of shape {shape}, got dtype {x.dtype}")
    if x.dim() != 4 or (channels is not None and x.shape[1] != channels):
        raise ValueError(f"{name} must have shape {shape}, got {tuple(x.shape)}")
    if x.shape[2] == 0 or x.shape[3] == 0:
        raise ValueError(f"{name} must have shape {shape} with H and W of at least 1, got {tuple(x.shape)}")


def module(name: str, value: Any) -> None:
    """TypeError unless ``value`` is an nn.Module instance (a class or a bare function is a mistake)."""
    from torch import nn

    if not isinstance(value, nn.Module):
        raise TypeError(f"{name} must be an nn.Module, got {value!r}")
