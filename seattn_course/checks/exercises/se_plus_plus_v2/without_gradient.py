"""se_plus_plus_v2.without_gradient: which parameters a module has but does not use."""

from typing import Any

import torch
from torch import nn

from seattn_course.attention import SEPlusPlusV2
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def without_gradient(module, x):
    named = {name: p for name, p in module.named_parameters() if p.requires_grad}
    loss = module(x).square().sum()
    gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    return [name for name, gradient in zip(named, gradients) if gradient is None]


class Spare(nn.Module):
    """Some parameters that work, two that do not, one frozen, one whose gradient is exactly 0, and a buffer."""

    def __init__(self):
        super().__init__()
        self.spare_logits = nn.Parameter(torch.zeros(2))
        self.block = SEPlusPlusV2(4, residual=True, alpha_init=0.0, learnable_alpha=True)
        self.scale = nn.Parameter(torch.tensor(1.5))
        self.frozen = nn.Parameter(torch.ones(4, 1, 1), requires_grad=False)
        self.register_buffer("offset", torch.tensor(0.25))
        self.last = nn.ModuleDict({"spare": nn.Linear(3, 2)})

    def forward(self, x):
        return self.block(x) * self.scale * self.frozen + self.offset


def _filled(generator, module):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if not name.endswith("alpha"):
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return module


def _x(generator, channels=4):
    return torch.randn(2, channels, 3, 5, generator=generator)


def _one(generator):
    return [Case((_filled(generator, Spare()), _x(generator)))]


def _cases(generator):
    everything = SEPlusPlusV2(6, learnable_temperature=True, residual=True, learnable_alpha=True)
    return [
        *_one(generator),
        Case((_filled(generator, everything), _x(generator, 6))),
        Case((SEPlusPlusV2(6, residual=True, alpha_init=0.0), _x(generator, 6))),
    ]


class GradientsLeftAlone(CaseProbe):
    """A module that already carries gradients: they neither mislead the answer nor are they touched."""

    def __init__(self, cases):
        super().__init__("gradients_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module, x = fresh_arguments(case)
        for name, parameter in module.named_parameters():
            if name != "scale":
                parameter.grad = torch.full_like(parameter, 7.0)
        names = bench.call(case, bench.subject, (module, x))
        if isinstance(names, Raised):
            return names
        untouched = all(
            parameter.grad is None if name == "scale" else bool((parameter.grad == 7).all())
            for name, parameter in module.named_parameters()
            if parameter.grad is not None or name == "scale"
        ) and all(parameter.grad is not None for name, parameter in module.named_parameters() if name != "scale")
        return {"names": list(names) if isinstance(names, (list, tuple)) else str(names), "untouched": untouched}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["names"] != expected["names"]:
            return own_finding("old", bench, case)
        return None if found["untouched"] else own_finding("touched", bench, case)


EXERCISE = Exercise(
    id="se_plus_plus_v2.without_gradient",
    kind="function",
    name="without_gradient",
    reference=without_gradient,
    may_use_course=True,
    equivalent_mutants={
        "`loss = module(x).square().sum()` → `loss = module(x).square().mean()`": (
            "any scalar that depends on every output has the same unused parameters"
        ),
        "`gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)` → "
        "`gradients = torch.autograd.grad(loss, named.values(), allow_unused=True)`": (
            "autograd.grad takes any sequence of tensors"
        ),
    },
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one), GradientsLeftAlone(_one)),
)


def _gradients(module, x, loss=lambda y: y.square().sum()):
    """name -> gradient or None, for the trainable parameters, leaving the module alone."""
    named = {name: p for name, p in module.named_parameters() if p.requires_grad}
    return dict(zip(named, torch.autograd.grad(loss(module(x)), list(named.values()), allow_unused=True)))


def _none(module, x):
    return [name for name, gradient in _gradients(module, x).items() if gradient is None]


@EXERCISE.wrong("zero_counted")
def _zero_counted(module, x):
    return [name for name, gradient in _gradients(module, x).items() if gradient is None or not gradient.any()]


@EXERCISE.wrong("only_zero")
def _only_zero(module, x):
    found = _gradients(module, x)
    return [name for name, gradient in found.items() if gradient is not None and not gradient.any()]


@EXERCISE.wrong("used_ones")
def _used_ones(module, x):
    return [name for name, gradient in _gradients(module, x).items() if gradient is not None]


@EXERCISE.wrong("frozen_counted")
def _frozen_counted(module, x):
    unused = _none(module, x)
    return [name for name, p in module.named_parameters() if name in unused or not p.requires_grad]


@EXERCISE.wrong("frozen_only")
def _frozen_only(module, x):
    return [name for name, p in module.named_parameters() if not p.requires_grad]


@EXERCISE.wrong("parameters_returned")
def _parameters_returned(module, x):
    named = dict(module.named_parameters())
    return [named[name].detach() for name in _none(module, x)]


@EXERCISE.wrong("counted")
def _counted(module, x):
    return len(_none(module, x))


@EXERCISE.wrong("modules_named")
def _modules_named(module, x):
    return sorted({name.rpartition(".")[0] for name in _none(module, x)})


@EXERCISE.wrong("short_names")
def _short_names(module, x):
    return [name.rpartition(".")[2] for name in _none(module, x)]


@EXERCISE.wrong("never_backward")
def _never_backward(module, x):
    module(x)
    return [name for name, p in module.named_parameters() if p.requires_grad]


@EXERCISE.wrong("backward_left_behind")
def _backward_left_behind(module, x):
    module.zero_grad(set_to_none=True)
    module(x).square().sum().backward()
    return [name for name, p in module.named_parameters() if p.requires_grad and p.grad is None]


@EXERCISE.wrong("old_gradients")
def _old_gradients(module, x):
    module(x).square().sum().backward()
    return [name for name, p in module.named_parameters() if p.requires_grad and p.grad is None]


@EXERCISE.wrong("first_only")
def _first_only(module, x):
    return _none(module, x)[:1]


@EXERCISE.wrong("stepped")
def _stepped(module, x):
    found = _gradients(module, x)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if found.get(name) is not None:
                parameter -= 0.1 * found[name]
    return [name for name, gradient in found.items() if gradient is None]


@EXERCISE.accepted
def on_a_copy(module, x):
    import copy

    twin = copy.deepcopy(module)
    twin.zero_grad(set_to_none=True)
    twin(x).sum().backward()
    return [name for name, p in twin.named_parameters() if p.requires_grad and p.grad is None]


@EXERCISE.accepted
def one_by_one(module, x):
    names = []
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            (gradient,) = torch.autograd.grad(module(x).square().mean(), [parameter], allow_unused=True)
            if gradient is None:
                names.append(name)
    return names
