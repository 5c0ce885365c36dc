"""The course's own ablations: what is compared, on which seeds, and the results that lesson 14 shows.

``make ablation`` makes them anew (:mod:`seattn_course.lab.recompute`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path

from seattn_course import arguments
from seattn_course.lab.ablation import Results
from seattn_course.lab.configuration import Configuration
from seattn_course.lab.store import outcome_from
from seattn_course.lab.training import Settings

SEEDS = tuple(range(10))  # 7 comparisons: with 6 seeds not even the smallest p, .031, would survive Holm
DIGITS = 5  # decimals of a stored number: more than two machines agree on


@dataclass(frozen=True)
class Plan:
    """An experiment, written down before it is run: all ``models`` with all ``seeds``.

    pairs: the comparisons, each (model, other), that count as one family for a correction; without them each model
    is compared with ``baseline``. worth: points that would matter; a smaller difference is none for the plan.
    """

    question: str
    models: Mapping[str, Configuration]
    seeds: tuple[int, ...]
    baseline: str
    pairs: tuple[tuple[str, str], ...] = ()
    worth: float = 5.0

    def comparisons(self) -> tuple[tuple[str, str], ...]:
        """All that the plan compares: ``pairs``, or each model with ``baseline``."""
        return self.pairs or tuple((model, self.baseline) for model in self.models if model != self.baseline)


def _mechanism(task: str) -> dict[str, Configuration]:
    plain = Configuration(task)
    return {
        "plain": plain,
        "plain, wider": replace(plain, width=32),
        "fixed scale": replace(plain, attention="scale"),
        "plain, MLP head": replace(plain, head="mlp"),
        "SE": replace(plain, attention="se"),
        "ECA": replace(plain, attention="eca"),
        "spatial": replace(plain, attention="spatial"),
        "CBAM": replace(plain, attention="cbam"),
    }


def _options() -> dict[str, Configuration]:
    """One change at a time to SEPlusPlusV2 with the mean alone, at a time when not all have learned the task."""
    base = {"use_max": False}
    changes = {
        "avg, sigmoid, T = 1": {},
        "T = 0.5": {"temperature": 0.5},
        "T = 2": {"temperature": 2.0},
        "T learned": {"learnable_temperature": True},
        "hardsigmoid": {"gate": "hardsigmoid"},
        "max": {"use_avg": False, "use_max": True},
        "avg and max, softmax": {"use_max": True},
        "residual gate": {"residual": True},
    }
    settings = Settings(steps=150)
    return {
        name: Configuration(attention="se_plus_plus_v2", options=base | change, settings=settings)
        for name, change in changes.items()
    }


def _digits() -> dict[str, Configuration]:
    plain = Configuration("digits", width=8, settings=Settings(steps=126))  # 6 epochs
    return {"plain": plain, "SE": replace(plain, attention="se"), "ECA": replace(plain, attention="eca")}


def _reduction() -> dict[str, Configuration]:
    se = Configuration(attention="se")
    reduced = {f"SE, r = {r}": replace(se, reduction=r) for r in (2, 4, 8, 16)}
    return reduced | {"SE, r = 8, SiLU": replace(se, attention="se_v2")}


def _orders(task: str) -> dict[str, Configuration]:
    """CBAM's halves in three orders, with equal parameters, and coordinate attention."""
    names = {
        "plain": "none",
        "CBAM": "cbam",
        "spatial first": "cbam_spatial_first",
        "side by side": "cbam_side_by_side",
        "coordinate": "coord",
    }
    return {model: Configuration(task, attention=name) for model, name in names.items()}


ORDERED = (("spatial first", "CBAM"), ("side by side", "CBAM"), ("coordinate", "plain"))


def _patterns() -> dict[str, Configuration]:
    """SE in the four patterns, in the network of two blocks and in one of four."""
    models = {}
    for blocks in (2, 4):
        models[f"none, {blocks}"] = Configuration(blocks=blocks)
        for pattern in ("P1", "P2", "P3", "P4"):
            models[f"{pattern}, {blocks}"] = Configuration(attention="se", pattern=pattern, blocks=blocks)
    return models


def _places() -> dict[str, Configuration]:
    """Attention in the first block of four, in the last, and in all."""
    models = {"none": Configuration(blocks=4)}
    for model, name in (("SE", "se"), ("CBAM", "cbam"), ("coordinate", "coord")):
        for where, places in (("all", None), ("first", (0,)), ("last", (3,))):
            models[f"{model}, {where}"] = Configuration(attention=name, blocks=4, places=places)
    return models


def _widths() -> dict[str, Configuration]:
    return {
        f"{model}, C = {width}": Configuration(attention=name, width=width)
        for width in (24, 48)
        for model, name in (("plain", "none"), ("SE", "se"), ("CBAM", "cbam"), ("spatial", "spatial"))
    }


def _spatial() -> dict[str, Configuration]:
    """A smaller kernel sees less of the 7x7 map; more steps leave more time to get off the plateau."""
    plain, longer = Configuration(), Configuration(settings=Settings(steps=500))
    kernels = {f"spatial, k = {k}": replace(plain, attention="spatial", options={"kernel": k}) for k in (1, 3)}
    return {
        "plain": plain,
        **kernels,
        "spatial, k = 7": replace(plain, attention="spatial"),
        "plain, 500 steps": longer,
        "spatial, 500 steps": replace(longer, attention="spatial"),
    }


PLANS = {
    "keybar": Plan("Who can choose a channel by a cue?", _mechanism("keybar"), SEEDS, "plain"),
    "marker": Plan("Who can choose a place by a cue?", _mechanism("marker"), SEEDS, "plain"),
    "options": Plan(
        "Which option of SEPlusPlusV2 learns keybar sooner?", _options(), SEEDS, "avg, sigmoid, T = 1"
    ),
    "digits": Plan("Does attention help on small, easy images?", _digits(), SEEDS, "plain", worth=0.5),
    "reduction": Plan("Does r, or SiLU, change what SE learns on keybar?", _reduction(), SEEDS, "SE, r = 8"),
    "order_keybar": Plan(
        "Channel or spatial gate first, on keybar; can coordinate attention choose a channel?",
        _orders("keybar"),
        SEEDS,
        "plain",
        ORDERED,
    ),
    "order_marker": Plan(
        "Channel or spatial gate first, on marker; can coordinate attention choose a place?",
        _orders("marker"),
        SEEDS,
        "plain",
        ORDERED,
    ),
    "patterns": Plan(
        "Which pattern serves SE best on keybar, in two blocks and in four?",
        _patterns(),
        SEEDS,
        "P1, 2",
        tuple((f"{pattern}, {blocks}", f"P1, {blocks}") for blocks in (2, 4) for pattern in ("P2", "P3", "P4")),
    ),
    "places": Plan(
        "Does attention in every block hurt on keybar; is the last block enough?",
        _places(),
        SEEDS,
        "none",
        tuple(
            (f"{model}, {where}", f"{model}, all")
            for model in ("SE", "CBAM", "coordinate")
            for where in ("first", "last")
        ),
    ),
    "spatial": Plan(
        "Why does spatial attention gain a little on keybar: what its kernel sees, or too few steps?",
        _spatial(),
        SEEDS,
        "plain",
        (
            ("spatial, k = 1", "plain"),
            ("spatial, k = 3", "plain"),
            ("spatial, k = 7", "plain"),
            ("spatial, 500 steps", "plain, 500 steps"),
        ),
    ),
    "width": Plan(
        "Does attention gain more in a wider network, on keybar?",
        _widths(),
        SEEDS,
        "plain, C = 24",
        tuple(
            (f"{model}, C = {width}", f"plain, C = {width}")
            for width in (24, 48)
            for model in ("SE", "CBAM", "spatial")
        ),
    ),
}


def stored(name: str) -> Results:
    """The results of a plan as the course stores them: no run, no training.

    ValueError for an unknown plan, and if the plan or the recipe of a run has changed since.

    >>> results = stored("keybar")
    >>> results.compare("SE", "plain").interval.lower > 20
    True
    """
    name = arguments.choice("name", name, PLANS)
    file = resources.files("seattn_course.lab") / "results" / f"{name}.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    plan = PLANS[name]
    now = {model: json.loads(configuration.canonical()) for model, configuration in plan.models.items()}
    if content["configurations"] != now or tuple(content["seeds"]) != plan.seeds:
        raise ValueError(f"name must be a plan whose stored results are current, got {name!r}: run make ablation")
    outcomes = {
        (model, seed): outcome_from({**content["outcomes"][model][str(seed)]})
        for model in plan.models
        for seed in plan.seeds
    }
    return Results(plan.models, plan.seeds, outcomes)


def write(name: str, results: Results, folder: Path, torch_version: str) -> Path:
    """Writes finished results where :func:`stored` reads them; returns the file."""
    content = {
        "question": PLANS[name].question,
        "torch": torch_version,
        "seeds": list(results.seeds),
        "configurations": {model: json.loads(made.canonical()) for model, made in results.models.items()},
        "outcomes": {
            model: {str(seed): _rounded(asdict(results.outcomes[model, seed])) for seed in results.seeds}
            for model in results.models
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(_one_outcome_a_line(content), encoding="utf-8")
    return path


def _rounded(fields: dict) -> dict:
    def short(value: float) -> float:
        return round(value, DIGITS)

    rounded = {
        name: [short(each) for each in value] if isinstance(value, tuple) else value
        for name, value in fields.items()
    }
    return rounded | {"accuracy": short(fields["accuracy"]), "seconds": round(fields["seconds"], 2)}


def _one_outcome_a_line(content: dict) -> str:
    """JSON that a review can read: one line for each configuration and each run."""
    lines = []
    for name, value in content.items():
        if name == "configurations":
            rows = [f"  {json.dumps(model)}: {json.dumps(fields)}" for model, fields in value.items()]
            text = "{\n" + ",\n".join(rows) + "\n }"
        elif name == "outcomes":
            models = []
            for model, runs in value.items():
                rows = ",\n".join(f"   {json.dumps(seed)}: {json.dumps(run)}" for seed, run in runs.items())
                models.append(f"  {json.dumps(model)}: {{\n{rows}\n  }}")
            text = "{\n" + ",\n".join(models) + "\n }"
        else:
            text = json.dumps(value)
        lines.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
