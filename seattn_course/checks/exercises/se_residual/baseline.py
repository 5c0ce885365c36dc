"""se_residual.baseline: the same network without SE, so that SE is the only difference."""

import copy
from typing import Any

import torch
from torch import nn

from seattn_course import models
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone


def without_se(net):
    twin = copy.deepcopy(net)
    for part in list(twin.modules()):
        if hasattr(part, "se"):
            part.se = nn.Identity()
    return twin


def _filled(generator, net):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        for name, buffer in net.named_buffers():
            if name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=generator))
            elif name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, generator=generator))
    return net


def _one(generator):
    return [Case((_filled(generator, models.SEResNetTiny(1, 3, base=4, n=1)),))]


def _cases(generator):
    return [
        *_one(generator),
        Case((_filled(generator, models.SEResNetTiny(2, 4, base=4, n=2, preact=True)).eval(),)),
    ]


class SameWithoutSE(CaseProbe):
    """A network of its own, without SE's parameters, with all other weights, statistics and the mode."""

    def __init__(self, cases):
        super().__init__("same_without_se", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        (net,) = fresh_arguments(case)
        bare = bench.call(case, bench.subject, (net,))
        if isinstance(bare, Raised):
            return bare
        if not isinstance(bare, nn.Module):
            return {"network": False}
        mine, given = bare.state_dict(), case.args[0].state_dict()
        kept = {name: tensor for name, tensor in given.items() if ".se." not in name}
        differ = [name for name, tensor in kept.items() if name in mine and not torch.equal(mine[name], tensor)]
        storages = {tensor.data_ptr() for tensor in net.state_dict().values()}
        return {
            "network": True,
            "own": bare is not net and not any(tensor.data_ptr() in storages for tensor in mine.values()),
            "se": any(".se." in name for name in mine),
            "parts": mine.keys() >= kept.keys(),
            "weights": not any("running" not in name and "num_batches" not in name for name in differ),
            "statistics": not differ,
            "mode": bare.training == case.args[0].training,
            "frozen": any(not parameter.requires_grad for parameter in bare.parameters()),
            "runs": self._output(bench, bare, net.in_ch) if not differ else "not compared",
        }

    @staticmethod
    def _output(bench: Bench, bare: nn.Module, channels: int) -> Any:
        y = bench.guard.call(bare, (torch.randn(2, channels, 5, 6, generator=bench.generator()),))
        return y.detach() if isinstance(y, torch.Tensor) else "fails"

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        for side in ("network", "se", "parts", "weights", "statistics", "own", "mode", "frozen"):
            if found[side] != expected[side]:
                return own_finding(side, bench, case)
        if isinstance(found["runs"], str):
            return own_finding("fails", bench, case)
        if not torch.allclose(found["runs"], expected["runs"], atol=1e-5):
            return own_finding("runs", bench, case)
        return None


EXERCISE = Exercise(
    id="se_residual.baseline",
    kind="function",
    name="without_se",
    reference=without_se,
    may_use_course=True,
    equivalent_mutants={
        "`for part in list(twin.modules()):` → `for part in twin.modules():`": (
            "a module that is exchanged while the modules are listed is no reason to miss another"
        ),
        "`if hasattr(part, 'se'):` → `if True:`": "an identity more that nobody calls changes nothing",
    },
    probes=(Contract(_one), InputLeftAlone(_one), SameWithoutSE(_cases)),
)


def _each_se(net, exchange):
    """A copy in which ``exchange(block)`` stands in the place of each SE."""
    twin = copy.deepcopy(net)
    for part in list(twin.modules()):
        if hasattr(part, "se"):
            part.se = exchange(part)
    return twin


def _new(net, preact, **options):
    return models.SEResNetTiny(
        net.in_ch, net.fc.out_features, base=net.stem.conv.out_channels, n=len(net.stage1), preact=preact, **options
    ).train(net.training)


def _is_preact(net):
    return not hasattr(net.stage1[0], "out_act")


class _Scaled(nn.Module):
    def forward(self, x):
        return 0.5 * x


EXERCISE.wrong("in_the_network_itself")(
    lambda net: next(iter([net, *(setattr(p, "se", nn.Identity()) for p in list(net.modules()) if hasattr(p, "se"))]))
)
EXERCISE.wrong("only_copied")(copy.deepcopy)
EXERCISE.wrong("new_weights")(lambda net: _new(net, _is_preact(net), attention=None))
EXERCISE.wrong("halved")(lambda net: _each_se(net, lambda part: _Scaled()))
EXERCISE.wrong("made_dead")(lambda net: _each_se(net, lambda part: nn.Dropout(p=1.0)))
EXERCISE.wrong("state_only")(lambda net: {n: t for n, t in net.state_dict().items() if ".se." not in n})
EXERCISE.wrong("evaluated")(lambda net: _each_se(net, lambda part: nn.Identity()).eval())
EXERCISE.wrong("trained_mode")(lambda net: _each_se(net, lambda part: nn.Identity()).train())


@EXERCISE.wrong("frozen_se")
def _frozen_se(net):
    twin = copy.deepcopy(net)
    for part in list(twin.modules()):
        if hasattr(part, "se"):
            part.se.requires_grad_(False)
    return twin


@EXERCISE.wrong("zeroed_se")
def _zeroed_se(net):
    """Weights 0: each gate is 0.5, not 1."""
    twin = copy.deepcopy(net)
    with torch.no_grad():
        for name, parameter in twin.named_parameters():
            if ".se." in name:
                parameter.zero_()
    return twin


@EXERCISE.wrong("first_stage_only")
def _first_stage_only(net):
    twin = copy.deepcopy(net)
    for block in twin.stage1:
        block.se = nn.Identity()
    return twin


@EXERCISE.wrong("first_blocks_only")
def _first_blocks_only(net):
    twin = copy.deepcopy(net)
    for stage in (twin.stage1, twin.stage2, twin.stage3):
        stage[0].se = nn.Identity()
    return twin


@EXERCISE.wrong("nothing_in_its_place")
def _nothing_in_its_place(net):
    twin = copy.deepcopy(net)
    for part in list(twin.modules()):
        if hasattr(part, "se"):
            del part.se
    return twin


@EXERCISE.wrong("shared_weights")
def _shared_weights(net):
    bare = _new(net, _is_preact(net), attention=None)
    for name, parameter in list(net.named_parameters()) + list(net.named_buffers()):
        if ".se." not in name:
            path, _, last = name.rpartition(".")
            setattr(bare.get_submodule(path), last, parameter)
    return bare


@EXERCISE.wrong("parameters_but_no_statistics")
def _parameters_but_no_statistics(net):
    bare = _new(net, _is_preact(net), attention=None)
    with torch.no_grad():
        named = dict(net.named_parameters())
        for name, parameter in bare.named_parameters():
            parameter.copy_(named[name])
    return bare


@EXERCISE.wrong("nothing_returned")
def _nothing_returned(net):
    _each_se(net, lambda part: nn.Identity())


@EXERCISE.accepted
def by_state_dict(net):
    bare = _new(net, _is_preact(net), attention=None)
    bare.load_state_dict(net.state_dict(), strict=False)
    return bare


@EXERCISE.accepted
def stage_by_stage(net):
    twin = copy.deepcopy(net)
    for stage in (twin.stage1, twin.stage2, twin.stage3):
        for block in stage:
            block.se = nn.Sequential()
    return twin


@EXERCISE.accepted
def by_name(net):
    twin = copy.deepcopy(net)
    for name, _ in list(net.named_modules()):
        path, _, last = name.rpartition(".")
        if last == "se":
            setattr(twin.get_submodule(path), "se", nn.Identity())
    return twin
