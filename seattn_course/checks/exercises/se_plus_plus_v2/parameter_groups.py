"""se_plus_plus_v2.parameter_groups: weight decay for the weights of layers, and for nothing else."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from seattn_course.attention import SEPlusPlusV2
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract


def parameter_groups(model, weight_decay):
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trainable if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trainable if p.ndim < 2], "weight_decay": 0.0},
    ]


class Network(nn.Module):
    """Layers of every rank, batch norm, a V2 block with all its options, a frozen layer, a shared one."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 1)
        self.norm = nn.BatchNorm2d(8)
        self.block = SEPlusPlusV2(8, learnable_temperature=True, residual=True, learnable_alpha=True)
        self.sequence = nn.Conv1d(8, 8, 3)
        self.head = nn.Linear(8, 4)
        self.again = self.head  # one layer under two names
        self.pretrained = nn.Linear(4, 4).requires_grad_(False)


def _cases(generator):
    return [Case((Network(), 0.05)), Case((SEPlusPlusV2(8, bias=False, learnable_temperature=True), 0.3))]


def _one(generator):
    return [Case((Network(), 0.05))]


class Groups(CaseProbe):
    """For every parameter, by name: the weight decay of each group that it is in."""

    def __init__(self, cases):
        super().__init__("groups", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        model, weight_decay = fresh_arguments(case)
        groups = bench.call(case, bench.subject, (model, weight_decay))
        return groups if isinstance(groups, Raised) else bench.guard.call(_by_name, (model, groups))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if not isinstance(found, dict):
            return own_finding("form", bench, case)
        for name, wanted in expected.items():
            got = found.get(name, [])
            if got == wanted:
                continue
            if not got:
                return own_finding("missing", bench, case, name=name)
            if not wanted:
                return own_finding("frozen", bench, case, name=name)
            if len(got) > 1:
                return own_finding("twice", bench, case, name=name)
            if got == ["none given"]:
                return own_finding("unsaid", bench, case, name=name)
            return own_finding("decay", bench, case, name=name, found=got[0], expected=wanted[0])
        return None


def _by_name(model, groups):
    names = {id(p): name for name, p in model.named_parameters()}
    found = {name: [] for name in names.values()}
    if isinstance(groups, Mapping) or not isinstance(groups, (list, tuple)):
        return "no list of groups"
    for group in groups:
        if not isinstance(group, Mapping) or "params" not in group:
            return "no group"
        decay = group.get("weight_decay")
        members = group["params"]
        for member in [members] if isinstance(members, torch.Tensor) else members:
            if id(member) not in names:
                return "no parameter"
            found[names[id(member)]].append("none given" if decay is None else f"{float(decay):g}")
    return found


EXERCISE = Exercise(
    id="se_plus_plus_v2.parameter_groups",
    kind="function",
    name="parameter_groups",
    reference=parameter_groups,
    probes=(Contract(_one), Groups(_cases)),
)


def _split(model, decayed, weight_decay, rest=0.0, named=None):
    """Two groups: parameters for which ``decayed(name, parameter)`` holds, and the others."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad] if named is None else named
    groups = [{"params": [p for n, p in named if decayed(n, p)], "weight_decay": weight_decay}]
    return [*groups, {"params": [p for n, p in named if not decayed(n, p)], "weight_decay": rest}]


@EXERCISE.wrong("all_decay")
def _all_decay(model, weight_decay):
    return [{"params": [p for p in model.parameters() if p.requires_grad], "weight_decay": weight_decay}]


@EXERCISE.wrong("none_decays")
def _none_decays(model, weight_decay):
    return [{"params": [p for p in model.parameters() if p.requires_grad], "weight_decay": 0.0}]


@EXERCISE.wrong("swapped")
def _swapped(model, weight_decay):
    return _split(model, lambda name, p: p.ndim < 2, weight_decay)


@EXERCISE.wrong("biases_only")
def _biases_only(model, weight_decay):
    return _split(model, lambda name, p: not name.endswith("bias"), weight_decay)


@EXERCISE.wrong("options_only")
def _options_only(model, weight_decay):
    options = ("t_raw", "alpha", "fusion_logits")
    return _split(model, lambda name, p: not name.endswith(options), weight_decay)


@EXERCISE.wrong("by_the_word_weight")
def _by_the_word_weight(model, weight_decay):
    return _split(model, lambda name, p: name.endswith("weight"), weight_decay)


@EXERCISE.wrong("convolutions_only")
def _convolutions_only(model, weight_decay):
    return _split(model, lambda name, p: p.ndim == 4, weight_decay)


@EXERCISE.wrong("scalars_only")
def _scalars_only(model, weight_decay):
    return _split(model, lambda name, p: p.ndim > 0, weight_decay)


@EXERCISE.wrong("rest_unsaid")
def _rest_unsaid(model, weight_decay):
    groups = parameter_groups(model, weight_decay)
    del groups[1]["weight_decay"]
    return groups


@EXERCISE.wrong("rest_left_out")
def _rest_left_out(model, weight_decay):
    return parameter_groups(model, weight_decay)[:1]


@EXERCISE.wrong("frozen_in")
def _frozen_in(model, weight_decay):
    return _split(model, lambda name, p: p.ndim >= 2, weight_decay, named=list(model.named_parameters()))


@EXERCISE.wrong("in_both")
def _in_both(model, weight_decay):
    groups = parameter_groups(model, weight_decay)
    groups[1]["params"] = [p for p in model.parameters() if p.requires_grad]
    return groups


@EXERCISE.wrong("shared_twice")
def _shared_twice(model, weight_decay):
    named = [(n, p) for n, p in model.named_parameters(remove_duplicate=False) if p.requires_grad]
    return _split(model, lambda name, p: p.ndim >= 2, weight_decay, named=named)


@EXERCISE.wrong("constant_decay")
def _constant_decay(model, weight_decay):
    return _split(model, lambda name, p: p.ndim >= 2, 0.01)


@EXERCISE.wrong("names_given")
def _names_given(model, weight_decay):
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [name for name, p in named if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [name for name, p in named if p.ndim < 2], "weight_decay": 0.0},
    ]


@EXERCISE.wrong("two_lists")
def _two_lists(model, weight_decay):
    return [group["params"] for group in parameter_groups(model, weight_decay)]


@EXERCISE.wrong("one_dict")
def _one_dict(model, weight_decay):
    decay, rest = parameter_groups(model, weight_decay)
    return {"decay": decay["params"], "no_decay": rest["params"], "weight_decay": weight_decay}


@EXERCISE.accepted
def the_other_way_round(model, weight_decay):
    return parameter_groups(model, weight_decay)[::-1]


@EXERCISE.accepted
def one_group_each(model, weight_decay):
    trainable = [p for p in model.parameters() if p.requires_grad]
    return [{"params": [p], "weight_decay": weight_decay if p.dim() > 1 else 0} for p in trainable]
