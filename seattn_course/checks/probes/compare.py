"""Observations: brought into a plain form, compared for diagnosis, and told apart in words."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case
from seattn_course.checks.guard import Raised
from seattn_course.checks.outcome import Message
from seattn_course.checks.probes.base import Finding, finding

DEEPEST = 4
# Half precision is never compared by value; float32 sums of a few terms agree to about 1e-6.
TOLERANCES = {"float64": (1e-9, 1e-11), "float32": (1e-4, 1e-5)}


@dataclass(frozen=True)
class Opaque:
    """An object of a type that no answer should contain; only the type's name is kept."""

    type: str


def observed(value: Any, depth: int = 0) -> Any:
    """``value`` in a plain form that later changes of the learner's object cannot reach."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.copy() if value.dtype.kind in "biuf" else Opaque(f"ndarray of {value.dtype}")
    if value is None or isinstance(value, (bool, int, float, str, Raised, Opaque)):
        return value
    if depth < DEEPEST and type(value) in (list, tuple):
        return [observed(item, depth + 1) for item in value]
    if depth < DEEPEST and isinstance(value, Mapping):
        return {str(name): observed(item, depth + 1) for name, item in value.items()}
    return Opaque(type(value).__name__)


def same(a: Any, b: Any, tolerance: tuple[float, float] | None = None) -> bool:
    """Whether two observations tell of the same behaviour."""
    if isinstance(a, Raised) or isinstance(b, Raised):
        return isinstance(a, Raised) and a.like(b)
    if _is_array(a) and _is_array(b):
        return (
            type(a) is type(b)
            and a.shape == b.shape
            and a.dtype == b.dtype
            and _close(_numbers(a), _numbers(b), tolerance or _tolerance(a))
        )
    if _is_number(a) and _is_number(b):
        if is_integer(a) and is_integer(b):
            return type(a) is type(b) and a == b
        rtol, atol = tolerance or TOLERANCES["float64"]
        return type(a) is type(b) and (math.isclose(a, b, rel_tol=rtol, abs_tol=atol) or (a != a and b != b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name], tolerance) for name in a)
    return type(a) is type(b) and a == b


def difference(
    bench: Bench, case: Case, expected: Any, found: Any, tolerance: tuple[float, float] | None = None
) -> Finding | None:
    """The first difference in words, or None: type, then shape and dtype, then values."""
    if found is None and expected is not None:
        return finding("values.nothing", bench, case)
    if isinstance(expected, dict):
        return _mapping_difference(bench, case, expected, found, tolerance)
    if type_name(found) != type_name(expected):
        return finding("values.type", bench, case, expected=type_name(expected), found=type_name(found))
    if _is_array(expected):
        return _array_difference(bench, case, expected, found, tolerance or _tolerance(expected))
    if not same(expected, found, tolerance):
        return finding("values.number", bench, case, expected=shown(expected), found=shown(found))
    return None


def type_name(value: Any) -> str:
    """How messages call the type: Tensor, ndarray, int, float, ..."""
    return value.type if isinstance(value, Opaque) else type(value).__name__


def shown(value: Any) -> str:
    """A value in a message: six significant digits, with a point in both languages, as in code."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _array_difference(
    bench: Bench, case: Case, expected: Any, found: Any, tolerance: tuple[float, float]
) -> Finding | None:
    if expected.shape != found.shape:
        shapes = {"expected": shape_text(expected.shape), "found": shape_text(found.shape)}
        return finding("values.shape", bench, case, **shapes)
    if expected.dtype != found.dtype:
        names = {"expected": dtype_text(expected.dtype), "found": dtype_text(found.dtype)}
        return finding("values.dtype", bench, case, **names)
    if isinstance(expected, torch.Tensor) and expected.device != found.device:
        return finding("values.device", bench, case, expected=expected.device, found=found.device)
    if isinstance(expected, torch.Tensor) and expected.is_meta:
        return None
    wanted, got = _numbers(expected), _numbers(found)
    if not np.isfinite(got).all():
        where = tuple(map(int, np.argwhere(~np.isfinite(got))[0]))
        return finding("values.not_finite", bench, case, where=index_text(where), found=shown(float(got[where])))
    if _close(wanted, got, tolerance):
        return None
    gap = np.abs(wanted - got)
    where = tuple(map(int, np.unravel_index(int(gap.argmax()), gap.shape)))
    return finding(
        "values.differ",
        bench,
        case,
        difference=shown(float(gap[where])),
        where=index_text(where),
        expected=shown(float(wanted[where])),
        found=shown(float(got[where])),
    )


def _mapping_difference(bench, case, expected, found, tolerance) -> Finding | None:
    if not isinstance(found, dict):
        return finding("values.type", bench, case, expected="dict", found=type_name(found))
    missing, extra = [sorted(a.keys() - b.keys()) for a, b in ((expected, found), (found, expected))]
    if missing or extra:
        listing = {"missing": ", ".join(missing) or "–", "extra": ", ".join(extra) or "–"}
        return finding("values.keys", bench, case, **listing)
    for name, wanted in expected.items():
        one = difference(bench, case, wanted, found[name], tolerance)
        if one is not None:
            return _of_entry(one, name)
    return None


def _of_entry(one: Finding, name: str) -> Finding:
    """The finding, with the entry of the dictionary in place of the whole: ``se_macs(128, 56, 56)["pool"]``."""
    parameters = one.message.parameters
    message = Message(one.message.key, parameters | {"call": f"{parameters['call']}[{json.dumps(name)}]"})
    return replace(one, message=message)


def _close(a: np.ndarray, b: np.ndarray, tolerance: tuple[float, float]) -> bool:
    rtol, atol = tolerance
    return bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))


def _tolerance(array: Any) -> tuple[float, float]:
    return TOLERANCES.get(dtype_text(array.dtype), TOLERANCES["float32"])


def _numbers(array: Any) -> np.ndarray:
    if isinstance(array, torch.Tensor):
        # The values of a meta tensor do not exist; two of them agree when shape and dtype do.
        return np.zeros(0) if array.is_meta else array.double().cpu().numpy()
    return array.astype(float)


def _is_array(value: Any) -> bool:
    return isinstance(value, (torch.Tensor, np.ndarray))


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def shape_text(shape: Any) -> str:
    return str(tuple(shape))


def dtype_text(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def index_text(where: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, where))}]"
