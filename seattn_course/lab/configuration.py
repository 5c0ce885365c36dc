"""One run of an experiment: all that determines its numbers, and the function that makes them.

:func:`train` is what an executor's workers call: importable, one thread, its seed inside, plain numbers back.
"""

import functools
import hashlib
import inspect
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.factory import ATTENTION_NAMES, make_attention
from seattn_course.lab import data
from seattn_course.lab.orders import ORDERS
from seattn_course.lab.training import Batches, Settings, accuracy, fit, fresh, shuffled
from seattn_course.models import ChannelScale, LocalFeatures, SEResNetTiny, count_params
from seattn_course.models.local_features import HEADS, PATTERNS, blocks_in
from seattn_course.residual.starts import STARTS

RECIPE = 1  # raise it when the code of a run changes its numbers: stored runs are then not taken for new ones
TASKS = ("keybar", "marker", "digits")
ATTENTIONS = ("none", "scale", *ORDERS, *ATTENTION_NAMES)
POINTS = 25  # of a stored training curve, at most

# Fields younger than the first stored runs: at their defaults they are left out of a run's hash, which so stays.
LATER = {"blocks": 2, "pattern": "P1", "places": None, "start": None, "zero_init": False}

TEST_SEED = 2**31  # of the made test images: no training batch starts there
_INITIALIZING = threading.Lock()  # threads would draw each other's weights from torch's one global generator

Factory = Callable[[int], nn.Module]


@dataclass(frozen=True)
class Configuration:
    """What is trained on what, but for the seed. TypeError or ValueError names a field that makes no sense.

    task: "keybar", "marker" (:class:`LocalFeatures`) or "digits" (:class:`SEResNetTiny` of one block a stage).
    attention: "none", "scale" (:class:`ChannelScale`), a name of :data:`~seattn_course.lab.orders.ORDERS` or of
    ``ATTENTION_NAMES``, or one of your own factories: then ``source`` tells its versions apart (see :func:`own`).
    options: keyword arguments of the attention module. width: of the network; reduction: r; head: of
    LocalFeatures. batch, settings: of the training. test: images to measure the accuracy with (digits has its
    own). blocks: how many LocalFeatures has. pattern, places, start, zero_init: as there. The last five are for
    the made tasks only.
    """

    task: str = "keybar"
    attention: str = "none"
    options: Mapping[str, Any] = field(default_factory=dict)
    reduction: int = 8
    width: int = 24
    head: str = "linear"
    batch: int = 64
    settings: Settings = field(default_factory=Settings)
    test: int = 2000
    source: str | None = None
    blocks: int = 2
    pattern: str = "P1"
    places: tuple[int, ...] | None = None
    start: str | None = None
    zero_init: bool = False

    def __post_init__(self):
        arguments.choice("task", self.task, TASKS)
        if self.source is None:
            arguments.choice("attention", self.attention, ATTENTIONS)
        arguments.choice("head", self.head, HEADS)
        for name in ("reduction", "width", "batch", "test", "blocks"):
            arguments.positive_int(name, getattr(self, name))
        object.__setattr__(self, "pattern", arguments.choice("pattern", self.pattern, PATTERNS))
        arguments.flag("zero_init", self.zero_init)
        if self.start is not None:
            arguments.choice("start", self.start, STARTS)
        if self.places is not None:
            object.__setattr__(self, "places", blocks_in("places", self.places, self.blocks))
        changed = [name for name, default in LATER.items() if getattr(self, name) != default]
        if self.task == "digits" and changed:
            raise ValueError(f"{changed[0]} must be left alone with task='digits', whose network lacks it")
        if self.options and self.attention == "none":
            raise ValueError(f"options must be empty without an attention, got {self.options!r}")
        json.dumps(dict(self.options))  # TypeError for what has no place in a stored configuration

    def canonical(self) -> str:
        """The configuration as JSON: equal configurations give equal text."""
        fields = {name: value for name, value in asdict(self).items() if value != LATER.get(name, ...)}
        return json.dumps(fields | {"options": dict(self.options), "recipe": RECIPE}, sort_keys=True)

    def key(self, seed: int) -> str:
        """The hash under which a run is stored."""
        seed = arguments.positive_int("seed", seed, at_least=0)
        return hashlib.sha256(f"{self.canonical()} seed {seed}".encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What one run came to, in plain numbers.

    accuracy: on the test images, in [0, 1]. loss, training_accuracy: means over equal parts of
    the run, at most 25. parameters: trainable ones. seconds: wall time, which no comparison of runs includes.
    """

    accuracy: float
    loss: tuple[float, ...]
    training_accuracy: tuple[float, ...]
    parameters: int
    seconds: float

    def numbers(self) -> tuple:
        """All but the seconds: what is equal wherever a run is made."""
        return self.accuracy, self.loss, self.training_accuracy, self.parameters


def own(factory: Factory, name: str = "own", **fields: Any) -> Configuration:
    """A configuration with an attention of your own: ``factory(channels)`` makes the module.

    Its source code is part of the configuration's hash, so a module that you have edited is trained anew. What the
    source calls elsewhere is not. Pass the factory to the ablation too, under the same name.

    TypeError for what cannot be called; ValueError where Python does not know the source.
    """
    return Configuration(attention=name, source=_source(factory), **fields)


def _source(factory: Factory) -> str:
    if not callable(factory):
        raise TypeError(f"factory must be callable with a number of channels, got {factory!r}")
    if isinstance(factory, functools.partial):
        bound = f"{factory.args!r} {sorted(factory.keywords.items())!r}"
        return hashlib.sha256(f"{_source(factory.func)} {bound}".encode()).hexdigest()
    try:
        return hashlib.sha256(inspect.getsource(factory).encode()).hexdigest()
    except (OSError, TypeError) as error:
        raise ValueError(f"factory must have source code to be told apart by, got {factory!r}") from error


def build(configuration: Configuration, seed: int, factory: Factory | None = None) -> nn.Module:
    """The configuration's network with the weights of ``seed``; torch's global generator stays where it was."""
    attention: Factory | None
    if configuration.source is not None:
        if factory is None:
            raise ValueError(f"factory must be given for the attention {configuration.attention!r} of your own")
        attention = factory
    elif configuration.attention == "none":
        attention = None
    elif configuration.attention == "scale":
        attention = ChannelScale
    elif configuration.attention in ORDERS:
        attention = functools.partial(ORDERS[configuration.attention], reduction=configuration.reduction)
    else:
        attention = functools.partial(_named, configuration)
    with _INITIALIZING, torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        if configuration.task == "digits":
            return SEResNetTiny(1, 10, base=configuration.width, n=1, attention=attention)
        return LocalFeatures(
            width=configuration.width,
            n=configuration.blocks,
            attention=attention,
            head=configuration.head,
            pattern=configuration.pattern,
            places=configuration.places,
            start=configuration.start,
            zero_init=configuration.zero_init,
        )


def _named(configuration: Configuration, channels: int) -> nn.Module:
    name, options = configuration.attention, dict(configuration.options)
    made = make_attention(name, channels, configuration.reduction)
    if not options:
        return made
    if "reduction" in inspect.signature(type(made)).parameters:
        options.setdefault("reduction", configuration.reduction)
    return type(made)(channels, **options)


def material(configuration: Configuration, seed: int) -> tuple[Batches, data.Batch]:
    """The batches to train with and the images to test with. Runs of one seed share them, whatever the model."""
    if configuration.task == "digits":
        found = data.digits(seed)
        return shuffled(found.train, configuration.batch, seed), found.test
    task = {"keybar": data.keybar, "marker": data.marker}[configuration.task]
    return fresh(task, configuration.batch, seed), task(configuration.test, TEST_SEED + seed)


def train(configuration: Configuration, seed: int, factory: Factory | None = None, device: str = "cpu") -> Outcome:
    """One run. KeyboardInterrupt if Ctrl-C ended it early: half a run is no result.

    >>> train(Configuration(settings=Settings(steps=2), test=50), seed=0).parameters
    4444
    """
    start = time.perf_counter()
    with one_thread():
        model = build(configuration, seed, factory)
        batches, test = material(configuration, seed)
        run = fit(model, batches, configuration.settings, device=device)
        if not run.finished:
            raise KeyboardInterrupt
        right = accuracy(model, test)
    return Outcome(
        accuracy=right,
        loss=thinned(run.loss),
        training_accuracy=thinned(run.accuracy),
        parameters=count_params(model),
        seconds=time.perf_counter() - start,
    )


def thinned(values: torch.Tensor) -> tuple[float, ...]:
    """A curve (steps,) as means over equal parts, at most ``POINTS``."""
    parts = values.double().tensor_split(min(POINTS, len(values)))
    return tuple(part.mean().item() for part in parts)


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums depend on the number of threads in their last digits; one is also the fastest for small networks."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
