"""What a network costs: parameters, multiply-accumulates, latency, peak memory.

Each measurement is a function that leaves the model as it found it and returns a small frozen dataclass.
Parameters and MACs need shapes only, so they also work on the ``meta`` device, where a ResNet-152 costs nothing.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from seattn_course.arguments import module, positive_int

aten = torch.ops.aten


@dataclass(frozen=True)
class Parameters:
    """Numbers of elements: trained by the optimiser, frozen, and state that is saved but not trained."""

    trainable: int
    frozen: int
    statistics: int  # floating-point buffers: running means and variances of batch norm
    by_child: Mapping[str, int]  # trainable, per direct child, in order; a shared tensor counts at its first owner

    @property
    def with_statistics(self) -> int:
        """Everything floating-point in a checkpoint; some papers' totals only fit when counted this way (C07)."""
        return self.trainable + self.frozen + self.statistics


@dataclass(frozen=True)
class Macs:
    """Operations of one forward pass; see `macs` for what counts as one."""

    total: int  # convolutions and linear layers: one multiply and one add = one MAC
    pool_and_scale: int  # reductions: one per input element; products of tensors: one per output element
    by_module: Mapping[str, int]  # MACs of each module by its name in the model ("" is the model itself)
    pool_and_scale_by_module: Mapping[str, int]


@dataclass(frozen=True)
class Latency:
    """Time of one call in seconds over all rounds, and the ratio to the baseline of the same round."""

    name: str
    median: float
    lower_quartile: float
    upper_quartile: float
    ratio: float  # median over rounds of (this / baseline): what slows the whole machine cancels
    rounds: int


@dataclass(frozen=True)
class PeakMemory:
    """Bytes allocated during a call beyond what was allocated before it."""

    peak: int
    kept: int  # still allocated when the call returned, its result released
    device: str


def parameters(model: nn.Module) -> Parameters:
    """Counts the elements of ``model``'s parameters and of its floating-point buffers.

    >>> parameters(nn.BatchNorm2d(8))
    Parameters(trainable=16, frozen=0, statistics=16, by_child={})
    """
    module("model", model)
    seen: set[int] = set()
    by_child = {}
    for name, child in model.named_children():
        fresh = [p for p in child.parameters() if p.requires_grad and id(p) not in seen]
        seen.update(id(p) for p in fresh)
        by_child[name] = sum(p.numel() for p in fresh)
    everything = list(model.parameters())
    trainable = sum(p.numel() for p in everything if p.requires_grad)
    frozen = sum(p.numel() for p in everything if not p.requires_grad)
    buffers = sum(b.numel() for b in model.buffers() if b.is_floating_point())
    return Parameters(trainable, frozen, buffers, by_child)


def _elements_in(shape: torch.Size, *args: Any, **kwargs: Any) -> int:
    return shape.numel()


def _elements_out(*args: Any, out_shape: torch.Size, **kwargs: Any) -> int:
    return out_shape.numel()


# The operations of attention outside convolutions. Those that torch counts itself are left to torch.
_REDUCTIONS = (aten.mean, aten.sum, aten.amax, aten.max, aten._adaptive_avg_pool2d, aten.adaptive_max_pool2d)
_POOL_AND_SCALE = dict.fromkeys(_REDUCTIONS, _elements_in) | {aten.mul: _elements_out}


def macs(model: nn.Module, x: Tensor) -> Macs:
    """Counts the operations of ``model(x)`` (in eval mode, without gradients).

    torch's own `FlopCounterMode` counts convolutions and matrix products and calls a multiply-add two FLOPs;
    half of that is MACs. A convolution after global pooling sees a 1x1 map, so an SE block's two count
    2*C*h and not 2*C*h*H*W. What touches every pixel in SE is pooling (one add an element) and scaling
    (one multiply an element): reported apart, as ``pool_and_scale``, because papers leave it out and it
    is what costs the time (E13). Batch norm, activations and the residual sum are counted nowhere.

    >>> macs(nn.Conv2d(64, 128, 3, padding=1, device="meta"), torch.empty(1, 64, 56, 56, device="meta")).total
    231211008
    """
    module("model", model)
    counter = FlopCounterMode(display=False, custom_mapping=_POOL_AND_SCALE)
    with _evaluating(model), torch.no_grad(), counter:
        model(x)
    root = type(model).__name__
    heavy, light = {}, {}
    for path, operations in counter.get_flop_counts().items():
        if path != "Global":
            name = path.removeprefix(root).removeprefix(".")
            apart = sum(n for operation, n in operations.items() if operation in _POOL_AND_SCALE)
            heavy[name] = (sum(operations.values()) - apart) // 2
            light[name] = apart
    return Macs(heavy.get("", 0), light.get("", 0), heavy, light)


def latency(
    candidates: Mapping[str, Callable[[], Any]],
    *,
    rounds: int = 30,
    calls: int = 1,
    warm_up: int = 3,
    device: torch.device | str = "cpu",
) -> dict[str, Latency]:
    """Times the candidates in turn, round after round; the first one is the baseline of the ratios.

    Interleaving makes a slow second of the machine hit all candidates alike, the median ignores the rounds
    it hit, and the ratio is taken inside each round. Compare ratios, not milliseconds. On a GPU (``device``)
    the clock is read after `torch.cuda.synchronize`. ``calls`` is the number of calls per reading: raise it
    for what takes under about 50 microseconds.

    >>> x = torch.zeros(16)
    >>> sorted(latency({"copy": x.clone, "sum": x.sum}, rounds=3))
    ['copy', 'sum']
    """
    if not isinstance(candidates, Mapping) or not candidates:
        raise ValueError(f"candidates must map at least one name to a callable, got {candidates!r}")
    for name, call in candidates.items():
        if not callable(call):
            raise TypeError(f"candidates[{name!r}] must be callable without arguments, got {call!r}")
    positive_int("rounds", rounds)
    positive_int("calls", calls)
    positive_int("warm_up", warm_up, at_least=0)
    synchronize = torch.cuda.synchronize if torch.device(device).type == "cuda" else lambda: None
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(warm_up):
        for call in candidates.values():
            call()
    for turn in range(rounds):
        order = list(candidates.items())
        for name, call in order[turn % len(order) :] + order[: turn % len(order)]:  # no candidate is always first
            synchronize()
            start = time.perf_counter()
            for _ in range(calls):
                call()
            synchronize()
            times[name].append((time.perf_counter() - start) / calls)
    baseline = next(iter(times.values()))
    return {name: _latency(name, readings, baseline) for name, readings in times.items()}


def _latency(name: str, readings: list[float], baseline: list[float]) -> Latency:
    lower, median, upper = statistics.quantiles(readings, n=4) if len(readings) > 1 else readings * 3
    ratio = statistics.median(mine / other for mine, other in zip(readings, baseline, strict=True))
    return Latency(name, median, lower, upper, ratio, len(readings))


def peak_memory(call: Callable[[], Any], device: torch.device | str = "cpu") -> PeakMemory:
    """The most bytes alive at once that ``call()`` allocated on ``device``, its temporaries included.

    CPU: torch's profiler reports each allocation and release of torch's allocator, also those inside a
    kernel (a convolution's packed weights); the peak is the largest running sum. Not seen: workspace that
    a library takes elsewhere. CUDA: `torch.cuda.max_memory_allocated`, less what was allocated before.

    >>> peak_memory(lambda: torch.zeros(1024)).peak
    4096
    """
    if not callable(call):
        raise TypeError(f"call must be callable without arguments, got {call!r}")
    device = torch.device(device)
    if device.type == "cuda":
        return _peak_on_cuda(call, device)
    if device.type != "cpu":
        raise ValueError(f"device must be 'cpu' or 'cuda', got {str(device)!r}")
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # else each start and stop is announced on stderr
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profiler:
        call()
    # The raw events: profiler.events() folds those that happen inside an operation into that operation.
    changes = [event for event in profiler.profiler.kineto_results.events() if event.name() == "[memory]"]
    alive = peak = 0
    for event in sorted(changes, key=lambda event: event.start_ns()):
        alive += event.nbytes()
        peak = max(peak, alive)
    return PeakMemory(peak, alive, "cpu")


def _peak_on_cuda(call: Callable[[], Any], device: torch.device) -> PeakMemory:
    gc.collect()
    torch.cuda.synchronize(device)
    before = torch.cuda.memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    call()
    torch.cuda.synchronize(device)
    peak = torch.cuda.max_memory_allocated(device) - before
    return PeakMemory(peak, torch.cuda.memory_allocated(device) - before, str(device))


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
