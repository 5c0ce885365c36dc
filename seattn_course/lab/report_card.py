"""The report card of an attention module: accuracy, cost, a look into its gate, depth.

:func:`report_card` measures; ``Show(language).report_card(card)`` makes the page. The networks it is compared with
are the stored ones of lesson 14, made with the same seeds and images.
"""

import copy
import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seattn_course import arguments
from seattn_course.attention.factory import ATTENTION_NAMES, Attention, make_attention
from seattn_course.lab import plans
from seattn_course.lab.ablation import Results
from seattn_course.lab.configuration import (
    TEST_SEED,
    Configuration,
    Factory,
    Outcome,
    build,
    material,
    one_thread,
    thinned,
)
from seattn_course.lab.data import orientations
from seattn_course.lab.depth import DepthProfile, attention_gain, seeded_profiles
from seattn_course.lab.depth_laws import PATTERNS
from seattn_course.lab.profiling import latency, macs, parameters
from seattn_course.lab.readability import Swap, cue_decoding, gate_kind, gate_swap, gates
from seattn_course.lab.training import Settings, accuracy, fit
from seattn_course.models import count_params
from seattn_course.residual.fusion import ResidualAttentionP1

TASKS = ("keybar", "marker")
BASELINES = ("plain", "plain, wider", "SE", "CBAM")
OWN = "this"  # the module's own row in the results
WIDTH = 24  # channels of the trained network and of the deep stacks
REDUCTION = 8
DEPTH = 16


@dataclass(frozen=True)
class Reading:
    """What the gates of one trained network tell. ``decoded``: cue decoding, in [0, 1]; ``untrained``: the same
    with the weights before the first step, the control; ``swap``: None unless A(x) = x * gate(x)."""

    decoded: float
    untrained: float
    swap: Swap | None


@dataclass(frozen=True)
class Cost:
    """Of the module on (1, channels, size, size) and of a P1 block with it. macs, pool_and_scale: as in
    :class:`~seattn_course.lab.profiling.Macs`. block_parameters, block_macs: of the block without attention.
    latency: the block's time with attention over that without, median of rounds on this machine."""

    channels: int
    size: int
    parameters: int
    macs: int
    pool_and_scale: int
    block_parameters: int
    block_macs: int
    latency: float


@dataclass(frozen=True)
class ReportCard:
    """All that was measured; :mod:`seattn_course.show.report_card` draws it.

    results: for each task the module's runs (model ``OWN``) beside the stored ``BASELINES``. gate: one of
    :data:`~seattn_course.lab.readability.KINDS`. readings: for each task one a seed, empty without a usable gate.
    gain: of a fresh module (:func:`~seattn_course.lab.depth.attention_gain`). depth: a profile for each pattern,
    ``DEPTH`` blocks. comparable: whether it was trained as the stored networks were.
    """

    name: str
    seeds: tuple[int, ...]
    results: Mapping[str, Results]
    gate: str
    readings: Mapping[str, tuple[Reading, ...]]
    cost: Cost
    gain: float
    depth: Mapping[str, DepthProfile]
    comparable: bool


def report_card(
    attention: Attention,
    name: str | None = None,
    *,
    seeds: int = 5,
    settings: Settings | None = None,
    test: int = 2000,
    progress: bool = True,
) -> ReportCard:
    """Measures ``attention``: a name, a factory (``factory(channels)``), or a module made for 24 channels.

    It is trained 2 x ``seeds`` times, some 5 s each, and compared with the stored networks seed by seed. name: on
    the page; its own by default. seeds: so many, from 0; 1 to 10, as the stored ones, and at least 2 for an
    interval. settings, test: of the training and images to test with; others than the stored ones' make a trial
    that is compared with nothing. progress: a bar for each run. A module's copies all start with its weights.

    TypeError or ValueError, naming the argument, for wrong arguments and for an attention that does not map
    (N, C, H, W) to the same shape. KeyboardInterrupt after Ctrl-C.

    >>> card = report_card("eca", seeds=1, settings=Settings(steps=2), test=60, progress=False)
    >>> card.name, card.gate, card.comparable
    ('ECA', 'product', False)
    """
    seeds = arguments.positive_int("seeds", seeds)
    if seeds > len(plans.SEEDS):
        raise ValueError(f"seeds must be at most {len(plans.SEEDS)}, the stored ones, got {seeds}")
    settings = Settings() if settings is None else settings
    progress = arguments.flag("progress", progress)
    factory = _factory(attention)
    kind = gate_kind(_tried(factory), _map())
    chosen = tuple(range(seeds))
    name = _name(attention) if name is None else name
    results, readings = {}, {}
    for task in TASKS:
        # Nothing of this is stored, so the source need not tell versions apart: any text will do.
        configuration = Configuration(task, attention=OWN, source=name, settings=settings, test=test)
        title = f"{name}, {task}" if progress else None
        runs = [_run(configuration, seed, factory, kind, title) for seed in chosen]
        results[task] = beside_the_stored(configuration, dict(zip(chosen, (run[0] for run in runs))))
        readings[task] = tuple(run[1] for run in runs if run[1] is not None)
    plain = plans.PLANS["keybar"].models["plain"]
    with one_thread():
        module = factory if not isinstance(attention, nn.Module) else attention
        depth = {
            pattern: seeded_profiles(
                pattern, chosen, module, channels=WIDTH, depth=DEPTH, reduction=REDUCTION
            )
            for pattern in PATTERNS
        }
        cost = _cost(factory, WIDTH if isinstance(attention, nn.Module) else 64)
        gain = attention_gain(module, WIDTH, REDUCTION)
    comparable = (settings, test) == (plain.settings, plain.test)
    return ReportCard(name, chosen, results, kind, readings, cost, gain, depth, comparable)


def _factory(attention: Attention) -> Factory:
    if attention is None:
        raise TypeError("attention must be a name, a factory or a module, got None")
    if isinstance(attention, nn.Module):
        made_for = getattr(attention, "channels", None)
        if isinstance(made_for, int) and made_for != WIDTH:
            raise ValueError(
                f"attention must be a module made for {WIDTH} channels, or a factory, got one for {made_for}"
            )
        return functools.partial(_copied, attention)
    if isinstance(attention, str):
        attention = arguments.choice("attention", attention, ATTENTION_NAMES)
    return functools.partial(_made, attention)


def _copied(module: nn.Module, channels: int) -> nn.Module:
    return copy.deepcopy(module)


def _made(attention: Attention, channels: int) -> nn.Module:
    return make_attention(attention, channels, REDUCTION)


def _name(attention: Attention) -> str:
    if isinstance(attention, str):
        return type(make_attention(attention, WIDTH, REDUCTION)).__name__
    if isinstance(attention, functools.partial):
        return _name(attention.func)
    return getattr(attention, "__name__", type(attention).__name__)


def _map() -> Tensor:
    """A map to try a module on, (4, 24, 7, 7): the trained network's."""
    return torch.randn(4, WIDTH, 7, 7, generator=torch.Generator().manual_seed(0))


def _tried(factory: Factory) -> nn.Module:
    """A fresh module of the factory, once it has mapped a small map to the same shape; ValueError otherwise."""
    x = _map()
    rule = f"attention must map {tuple(x.shape)} to the same shape"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            module = factory(WIDTH)
            with torch.no_grad():
                y = copy.deepcopy(module)(x)
        except Exception as error:  # a learner's module: anything may go wrong in it
            if isinstance(error, (TypeError, ValueError)) and str(error).startswith("attention must"):
                raise
            raise ValueError(f"{rule}, got {type(error).__name__}: {error}") from error
    if not isinstance(y, Tensor) or y.shape != x.shape:
        raise ValueError(f"{rule}, got {tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__}")
    if not y.isfinite().all():
        raise ValueError(f"{rule} with finite values, got some that are not")
    return module


def _run(
    configuration: Configuration, seed: int, factory: Factory, kind: str, title: str | None
) -> tuple[Outcome, Reading | None]:
    """As :func:`~seattn_course.lab.configuration.train`, in the same bits, and then a look at the gates."""
    start = time.perf_counter()
    with one_thread():
        model = build(configuration, seed, factory)
        batches, test = material(configuration, seed)
        readable = kind in ("product", "factor")
        untrained = cue_decoding(gates(model, test.images), test.cue) if readable else None
        title = None if title is None else f"{title}, seed {seed}"
        run = fit(model, batches, configuration.settings, progress=title)
        if not run.finished:
            raise KeyboardInterrupt
        outcome = Outcome(
            accuracy=accuracy(model, test),
            loss=thinned(run.loss),
            training_accuracy=thinned(run.accuracy),
            parameters=count_params(model),
            seconds=time.perf_counter() - start,
        )
        if not readable:
            return outcome, None
        decoded = cue_decoding(gates(model, test.images), test.cue)
        labels_by_cue = orientations(configuration.test, TEST_SEED + seed)
        swap = gate_swap(model, test, labels_by_cue) if kind == "product" else None
    return outcome, Reading(decoded, untrained, swap)


def beside_the_stored(configuration: Configuration, own: Mapping[int, Outcome]) -> Results:
    """The module's own outcomes by seed, as the model ``OWN``, in one table with the stored ``BASELINES``."""
    stored = plans.stored(configuration.task)
    models = {OWN: configuration} | {model: stored.models[model] for model in BASELINES}
    outcomes = {(OWN, seed): outcome for seed, outcome in own.items()}
    outcomes |= {cell: outcome for cell, outcome in stored.outcomes.items() if cell[0] in BASELINES}
    return Results(models, stored.seeds, outcomes, made=len(own))


def _cost(factory: Factory, channels: int, size: int = 32) -> Cost:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        module = factory(channels).eval()
        blocks = {
            "plain": ResidualAttentionP1(channels, None).eval(),
            OWN: ResidualAttentionP1(channels, copy.deepcopy(module)).eval(),
        }
        x = torch.randn(1, channels, size, size)
    counted, plain = macs(module, x), macs(blocks["plain"], x)
    with torch.no_grad():
        calls = {name: functools.partial(block, x.expand(4, -1, -1, -1)) for name, block in blocks.items()}
        timed = latency(calls, rounds=60, warm_up=6)
    return Cost(
        channels=channels,
        size=size,
        parameters=parameters(module).trainable,
        macs=counted.total,
        pool_and_scale=counted.pool_and_scale,
        block_parameters=parameters(blocks["plain"]).trainable,
        block_macs=plain.total,
        latency=timed[OWN].ratio,
    )
