"""Report cards that the course stores, so that a lesson shows one without the minute it takes to measure it.

To store another one, add its module to ``CARDS`` and run ``seattn ablation cards``.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib import resources
from pathlib import Path

import torch
from torch import nn

from seattn_course import arguments
from seattn_course.attention.factory import Attention
from seattn_course.lab.configuration import Configuration, own
from seattn_course.lab.depth import DepthProfile
from seattn_course.lab.depth_laws import PATTERNS
from seattn_course.lab.plans import SEEDS
from seattn_course.lab.readability import Swap
from seattn_course.lab.report_card import (
    DEPTH,
    OWN,
    REDUCTION,
    TASKS,
    WIDTH,
    Cost,
    Reading,
    ReportCard,
    beside_the_stored,
    report_card,
)
from seattn_course.lab.store import outcome_from
from seattn_course.lab.which_where import OneSigmoid, WhichWhere

RECIPE = 1  # raise it when the code that measures a card changes its numbers: stored cards are then refused
DIGITS = 6  # significant ones of a stored number: more than a page shows


class ConstantGate(nn.Module):
    """y = x / 2: a gate of 0.5 that looks at nothing. Useless on purpose: a report card should betray it.

    Shapes: x (N, C, H, W) -> same; ``gate(x)`` is (N, C, 1, 1). channels: C, which it does not use. ValueError or
    TypeError, naming the argument, for a wrong x.

    >>> ConstantGate(2).gate(torch.rand(1, 2, 5, 5)).flatten().tolist()
    [0.5, 0.5]
    """

    def __init__(self, channels: int):
        super().__init__()
        self.channels = arguments.positive_int("channels", channels)

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Halves, (N, C, 1, 1)."""
        arguments.feature_map("x", x, self.channels)
        return torch.full_like(x[:, :, :1, :1], 0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)


CARDS: dict[str, str | Callable[[int], nn.Module]] = {
    "SE": "se",
    "ECA": "eca",
    "CBAM": "cbam",
    "ConstantGate": ConstantGate,
    "spatial": "spatial",
    "WhichWhere": WhichWhere,
    "OneSigmoid": OneSigmoid,
}


def stored(name: str) -> ReportCard:
    """The card of a module of ``CARDS`` as the course stores it: nothing is trained.

    ValueError for an unknown name, and if the module or what a card measures has changed since.

    >>> card = stored("ECA")
    >>> card.cost.parameters, len(card.seeds)
    (3, 10)
    """
    name = arguments.choice("name", name, CARDS)
    folder = Path(str(resources.files("seattn_course.lab"))) / "results"
    try:
        return read(file_of(name, folder), CARDS[name])
    except (OSError, ValueError) as error:
        raise ValueError(
            f"name must be a card whose stored numbers are current, got {name!r}: run seattn ablation cards"
        ) from error


def measure(name: str, *, progress: bool = True) -> ReportCard:
    """A fresh card of a module of ``CARDS``, on all stored seeds; about a minute on one core."""
    name = arguments.choice("name", name, CARDS)
    return report_card(CARDS[name], name, seeds=len(SEEDS), progress=progress)


def file_of(name: str, folder: Path) -> Path:
    """Where in ``folder`` the card of that name lies."""
    return folder / f"card_{re.sub(r'[^0-9a-z]+', '_', name.lower())}.json"


def write(card: ReportCard, attention: Attention, path: Path) -> Path:
    """Stores ``card``, measured of ``attention``: a name or a factory with source code. Returns the path.

    ValueError for a card that was a trial only, and for a factory whose source Python does not know.
    """
    if not card.comparable:
        raise ValueError("card must be measured with the settings of the stored networks, got a trial")
    content = _described(attention, card.seeds) | {
        "name": card.name,
        "torch": torch.__version__.partition("+")[0],
        "gate": card.gate,
        "cost": asdict(card.cost),
        "gain": card.gain,
        "outcomes": {
            task: {str(seed): asdict(card.results[task].outcomes[OWN, seed]) for seed in card.seeds}
            for task in TASKS
        },
        "readings": {task: [asdict(reading) for reading in card.readings[task]] for task in TASKS},
        "depth": {
            pattern: {name: values.tolist() for name, values in vars(profile).items()}
            for pattern, profile in card.depth.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_short(content), indent=1)
    one_line = re.compile(r"[\[{][^\[\]{}]*[\]}]")  # what holds no other list or object
    path.write_text(one_line.sub(lambda found: " ".join(found[0].split()), text) + "\n", encoding="utf-8")
    return path


def read(path: Path, attention: Attention) -> ReportCard:
    """The card that :func:`write` stored of ``attention``; the networks beside it are the stored ones of today.

    ValueError if it is of another module, or of another version of it or of the measurement. OSError without file.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    seeds = tuple(content["seeds"])
    described = _described(attention, seeds)
    if changed := [key for key, value in described.items() if content.get(key) != value]:
        raise ValueError(f"path must hold a card that is current, got another {', '.join(changed)} in {path.name}")
    results = {}
    for task in TASKS:
        own_runs = {seed: outcome_from(content["outcomes"][task][str(seed)]) for seed in seeds}
        results[task] = beside_the_stored(_configuration(task, attention), own_runs)
    return ReportCard(
        name=content["name"],
        seeds=seeds,
        results=results,
        gate=content["gate"],
        readings={task: tuple(map(_reading, content["readings"][task])) for task in TASKS},
        cost=Cost(**content["cost"]),
        gain=content["gain"],
        depth={
            pattern: DepthProfile(
                **{name: torch.tensor(values, dtype=torch.float64) for name, values in profile.items()}
            )
            for pattern, profile in content["depth"].items()
        },
        comparable=True,
    )


def _described(attention: Attention, seeds: tuple[int, ...]) -> dict:
    """All that determines the card's numbers; a stored card with another description is not shown."""
    return {
        "recipe": RECIPE,
        "seeds": list(seeds),
        "module": [json.loads(_configuration(task, attention).canonical()) for task in TASKS],
        "stack": {"patterns": list(PATTERNS), "channels": WIDTH, "depth": DEPTH, "reduction": REDUCTION},
    }


def _configuration(task: str, attention: Attention) -> Configuration:
    if isinstance(attention, str):
        return Configuration(task, attention=attention.lower(), reduction=REDUCTION, width=WIDTH)
    return own(attention, task=task, reduction=REDUCTION, width=WIDTH)


def _reading(fields: Mapping) -> Reading:
    return Reading(**{**fields, "swap": None if fields["swap"] is None else Swap(**fields["swap"])})


def _short(value):
    """The same structure with numbers of ``DIGITS`` significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _short(each) for key, each in value.items()}
    return [_short(each) for each in value] if isinstance(value, (list, tuple)) else value
