"""One small training loop: AdamW, one cycle of the learning rate, and what a long run needs to be left alone.

A run is a function of its settings: the data of step i depends on the seed and on i alone, so a run that was
stopped goes on bit for bit where it was. The loop itself is the body of :func:`fit`.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seattn_course import arguments
from seattn_course.lab.data import Batch

Task = Callable[[int, torch.Generator], Batch]  # such as seattn_course.lab.data.keybar
Batches = Callable[[int], Batch]  # the batch of step i


@dataclass(frozen=True)
class Settings:
    """How a network is trained; TypeError or ValueError, naming the field, for what makes no sense.

    steps: optimizer steps. lr: the highest learning rate, reached at 30 % of them (OneCycle). weight_decay:
    AdamW's. autocast: compute convolutions and linear layers in bfloat16. It helps large networks on a GPU; small
    ones and CPUs gain nothing.
    """

    steps: int = 250
    lr: float = 2e-2
    weight_decay: float = 1e-4
    autocast: bool = False

    def __post_init__(self):
        arguments.positive_int("steps", self.steps)
        arguments.real("lr", self.lr, above=0)
        if arguments.real("weight_decay", self.weight_decay) < 0:
            raise ValueError(f"weight_decay must be a finite number of at least 0, got {self.weight_decay!r}")
        arguments.flag("autocast", self.autocast)


@dataclass(frozen=True)
class Training:
    """What a run came to. ``model`` is the one that was given, trained and in eval mode.

    loss, accuracy: of each step's batch before the step, (steps done,); accuracy in [0, 1]. finished: False after
    Ctrl-C.
    """

    model: nn.Module
    loss: Tensor
    accuracy: Tensor
    finished: bool

    @property
    def steps(self) -> int:
        """Steps that were done."""
        return len(self.loss)


def fresh(task: Task, batch: int, seed: int) -> Batches:
    """New images at each step: batch i of ``task`` comes from a generator that seed and i determine.

    >>> from seattn_course.lab.data import keybar
    >>> batches = fresh(keybar, batch=8, seed=0)
    >>> torch.equal(batches(3).images, batches(3).images), torch.equal(batches(3).images, batches(4).images)
    (True, False)
    """
    batch, seed = arguments.positive_int("batch", batch), arguments.positive_int("seed", seed, at_least=0)
    return lambda step: task(batch, _mixed(seed, step))


def shuffled(data: Batch, batch: int, seed: int) -> Batches:
    """Batches of ``data``, in a new order each epoch, without an incomplete last one; seed and step say which."""
    batch, seed = arguments.positive_int("batch", batch), arguments.positive_int("seed", seed, at_least=0)
    each = len(data) // batch  # steps an epoch
    if not each:
        raise ValueError(f"batch must be at most {len(data)}, the images there are, got {batch}")

    def batches(step: int) -> Batch:
        epoch, place = divmod(step, each)
        order = torch.randperm(len(data), generator=_mixed(seed, epoch)).to(data.labels.device)
        return data[order[place * batch : (place + 1) * batch]]

    return batches


def _mixed(seed: int, step: int) -> torch.Generator:
    """A generator for one step of one run. Neighbouring seeds start unrelated streams (Mersenne Twister)."""
    return torch.Generator().manual_seed(seed * 1_000_003 + step)


def fit(
    model: nn.Module,
    batches: Batches,
    settings: Settings | None = None,
    *,
    device: torch.device | str = "cpu",
    progress: str | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 100,
) -> Training:
    """Trains ``model`` in place on ``batches(0)``, ``batches(1)``, ... and returns what came of it.

    progress: a title shows a bar with loss, accuracy and the time that is left. checkpoint: a file; the state is
    stored there every ``checkpoint_every`` steps, and a run whose file is there goes on from it and ends in the
    same bits (same machine, same number of threads). Ctrl-C ends the run after the current step: the state is
    stored, the history so far returned, ``finished`` False; a second Ctrl-C interrupts at once.

    TypeError or ValueError, naming the argument, for wrong arguments, and if the checkpoint is of another run.

    >>> from seattn_course.lab.data import keybar
    >>> from seattn_course.models import LocalFeatures
    >>> fit(LocalFeatures(), fresh(keybar, 16, seed=0), Settings(steps=2)).loss.shape
    torch.Size([2])
    """
    arguments.module("model", model)
    settings = Settings() if settings is None else settings
    checkpoint_every = arguments.positive_int("checkpoint_every", checkpoint_every)
    device = torch.device(device)
    model.to(device).train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.lr, total_steps=settings.steps)
    history = torch.zeros(settings.steps, 2, device=device)  # loss and accuracy of each step
    run = _Run(model, optimizer, schedule, history, settings)
    start = run.load(checkpoint) if checkpoint is not None and Path(checkpoint).exists() else 0
    done = start
    with _interruption() as interrupted, _bar(progress, settings.steps, start) as show:
        for step in range(start, settings.steps):
            batch = batches(step).to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=settings.autocast):
                logits = model(batch.images)  # (N, classes)
                loss = F.cross_entropy(logits, batch.labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            history[step, 0] = loss.detach()
            history[step, 1] = (logits.detach().argmax(1) == batch.labels).float().mean()
            done = step + 1
            show(history, done)
            if checkpoint is not None and done % checkpoint_every == 0:
                run.save(checkpoint, done)
            if interrupted.is_set():
                break
    if checkpoint is not None and done > start and done % checkpoint_every:
        run.save(checkpoint, done)
    loss, accuracy = history[:done].cpu().unbind(1)
    return Training(model.eval(), loss, accuracy, finished=done == settings.steps)


@torch.no_grad()
def predictions(model: nn.Module, batch: Batch, chunk: int = 1000) -> Tensor:
    """The class that ``model``, in eval mode on its own device, names for each image: (N,) int64 on the CPU."""
    arguments.module("model", model)
    place = next((tensor.device for tensor in model.parameters()), torch.device("cpu"))
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        return torch.cat([model(part.images.to(place)).argmax(1).cpu() for part in batch.split(chunk)])
    finally:
        for part, training in modes:
            part.training = training


def accuracy(model: nn.Module, batch: Batch) -> float:
    """The share of ``batch`` that ``model`` classifies rightly, in [0, 1]; the model's mode stays as it is."""
    return (predictions(model, batch) == batch.labels.cpu()).double().mean().item()


@dataclass(frozen=True)
class _Run:
    """All that changes during a run, as one file."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    history: Tensor
    settings: Settings

    def save(self, path: str | Path, done: int) -> None:
        """Beside the old file first, then in its place: a crash leaves one whole file."""
        state = {
            "settings": asdict(self.settings),
            "done": done,
            "history": self.history[:done].cpu(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": torch.get_rng_state(),  # dropout draws on it
            "random_cuda": torch.cuda.get_rng_state_all() if self.history.is_cuda else [],
        }
        temporary = Path(f"{path}.new")
        torch.save(state, temporary)
        os.replace(temporary, path)

    def load(self, path: str | Path) -> int:
        """Takes the run up again; returns the number of steps that were done."""
        state = torch.load(path, map_location=self.history.device, weights_only=True)
        if state["settings"] != asdict(self.settings):
            raise ValueError(
                f"checkpoint must be of a run with {self.settings}, got {state['settings']} in {str(path)!r}"
            )
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise ValueError(
                f"checkpoint must be of the same model, got another in {str(path)!r}: {error}"
            ) from None
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.history[: state["done"]] = state["history"]
        torch.set_rng_state(state["random"].cpu())
        if self.history.is_cuda:
            torch.cuda.set_rng_state_all([each.cpu() for each in state["random_cuda"]])
        return state["done"]


@contextmanager
def _bar(title: str | None, steps: int, start: int) -> Iterator[Callable[[Tensor, int], None]]:
    """A progress bar that shows means over the last 20 steps, or nothing without a title."""
    if title is None:
        yield lambda history, done: None
        return
    from tqdm.auto import tqdm

    with tqdm(total=steps, initial=start, desc=title, leave=False) as bar:

        def show(history: Tensor, done: int) -> None:
            if done % 20 == 0 or done == steps:  # seldom: a GPU waits for each look at its numbers
                loss, right = history[max(0, done - 20) : done].mean(0).tolist()
                bar.set_postfix(loss=f"{loss:.3f}", accuracy=f"{right:.1%}", refresh=False)
            bar.update()

        yield show


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets. Where Ctrl-C is handled otherwise, or in another thread, it is left alone."""
    event = threading.Event()
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield event
        return

    def first(number, frame):
        event.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # the second one interrupts at once

    signal.signal(signal.SIGINT, first)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
