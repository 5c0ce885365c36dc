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


def feature_map(name: str, x: Any, channels: int) -> None:
    """TypeError unless ``x`` is a floating-point tensor, ValueError unless its shape is (N, channels, H, W)."""
    import torch

    if not isinstance(x, torch.Tensor):
        raise TypeError(f"{name} must be a tensor of shape (N, {channels}, H, W), got {type(x).__name__}")
    if not x.is_floating_point():
        raise TypeError(f"{name} must be a floating-point tensor, got dtype {x.dtype}")
    if x.dim() != 4 or x.shape[1] != channels:
        raise ValueError(f"{name} must have shape (N, {channels}, H, W), got {tuple(x.shape)}")
