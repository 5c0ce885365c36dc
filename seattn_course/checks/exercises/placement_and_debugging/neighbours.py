"""placement_and_debugging.neighbours: how far an image's result depends on the other images (measure it)."""

from typing import Any

import torch
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.networks import PoolsOverBatch
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def neighbour_effect(net, x):
    modes = [(part, part.training) for part in net.modules()]
    net.eval()
    changed = x.clone()
    changed[1:] = -x[1:]
    with torch.no_grad():
        effect = (net(x)[0] - net(changed)[0]).abs().max().item()
    for part, training in modes:
        part.training = training
    return effect


def _net(generator, *layers):
    net = nn.Sequential(*layers)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        for part in net.modules():
            if isinstance(part, nn.BatchNorm2d) and part.track_running_stats:
                part.running_mean.copy_(torch.randn(part.running_mean.shape, generator=generator))
    return net


def _batch_norm(generator, images=4, **options):
    net = _net(generator, nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5, **options), nn.SiLU(), nn.Conv2d(5, 4, 3))
    return Case((net, feature_map(generator, images, 3, 5, 4)))


def _one(generator):
    return [_batch_norm(generator, track_running_stats=False)]


def _cases(generator):
    x = feature_map(generator, 3, 3, 4, 5)
    return [
        *_one(generator),
        _batch_norm(generator),
        Case((_net(generator, nn.Conv2d(3, 6, 1), SEBlock(6, 2)), x)),
        Case((_net(generator, nn.Conv2d(3, 6, 1), PoolsOverBatch(6, 2)), x)),
        _batch_norm(generator, images=2, track_running_stats=False),
    ]


def _training(generator):
    """A network in training mode, but for its frozen first layers."""
    net = _net(generator, nn.Sequential(nn.Conv2d(3, 5, 1), nn.BatchNorm2d(5)), nn.Dropout(0.5), nn.BatchNorm2d(5))
    net[0].eval()
    return [Case((net, feature_map(generator, 3, 3, 4, 5)))]


class ModesLeftAlone(CaseProbe):
    """Each layer is in the mode in which it came, training or evaluation."""

    def __init__(self, cases):
        super().__init__("modes_left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        net, x = fresh_arguments(case)
        before = [part.training for part in net.modules()]
        result = bench.call(case, bench.subject, (net, x))
        if isinstance(result, Raised):
            return result
        after = [part.training for part in net.modules()]
        if after == before:
            return "kept"
        return "all trained" if all(after) else "some changed"

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return None if found == expected else own_finding("modes", bench, case)


EXERCISE = Exercise(
    id="placement_and_debugging.neighbours",
    kind="function",
    name="neighbour_effect",
    reference=neighbour_effect,
    may_use_course=True,
    probes=(
        Contract(_one),
        Values(_cases, tolerance=(1e-4, 1e-5), near=(1e-4, 1e-5)),
        InputLeftAlone(_one),
        ModesLeftAlone(_training),
    ),
)


def _measured(key, change=None, of=None, training=False):
    """Registers the reference with another change of the images, or another number for the difference."""

    def answer(net, x):
        modes = [(part, part.training) for part in net.modules()]
        net.train(training)
        before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
        changed = x.clone()
        if change is None:
            changed[1:] = -x[1:]
        else:
            change(changed, x)
        with torch.no_grad():
            one, other = net(x), net(changed)
        net.load_state_dict(before)
        for part, mode in modes:
            part.training = mode
        return (one[0] - other[0]).abs().max().item() if of is None else of(one, other)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _first(changed, x):
    changed[0] = -x[0]


def _all(changed, x):
    changed.neg_()


def _zeros(changed, x):
    changed[1:] = 0


def _last_only(changed, x):
    changed[-1] = -x[-1]


_measured("training_mode", training=True)
_measured("first_changed", change=_first)
_measured("all_changed", change=_all)
_measured("zeros", change=_zeros)
_measured("last_only", change=_last_only)
_measured("nothing_changed", change=lambda changed, x: None)
_measured("whole_batch", of=lambda a, b: (a - b).abs().max().item())
_measured("mean_difference", of=lambda a, b: (a[0] - b[0]).abs().mean().item())
_measured("signed", of=lambda a, b: (a[0] - b[0]).max().item())
_measured("norm", of=lambda a, b: (a[0] - b[0]).norm().item())
_measured("yes_or_no", of=lambda a, b: bool((a[0] - b[0]).abs().max() > 1e-6))
_measured("as_tensor", of=lambda a, b: (a[0] - b[0]).abs().max())
_measured("relative", of=lambda a, b: ((a[0] - b[0]).abs().max() / a[0].abs().max()).item())


@EXERCISE.wrong("alone")
def _alone(net, x):
    """Compares with the first image on its own."""
    modes = [(part, part.training) for part in net.modules()]
    net.eval()
    with torch.no_grad():
        effect = (net(x)[0] - net(x[:1])[0]).abs().max().item()
    for part, mode in modes:
        part.training = mode
    return effect


@EXERCISE.wrong("x_overwritten")
def _x_overwritten(net, x):
    modes = [(part, part.training) for part in net.modules()]
    net.eval()
    with torch.no_grad():
        before = net(x)[0].clone()
        x[1:] = -x[1:]
        effect = (before - net(x)[0]).abs().max().item()
    for part, mode in modes:
        part.training = mode
    return effect


@EXERCISE.wrong("left_in_evaluation")
def _left_in_evaluation(net, x):
    net.eval()
    changed = torch.cat([x[:1], -x[1:]])
    with torch.no_grad():
        return (net(x)[0] - net(changed)[0]).abs().max().item()


@EXERCISE.wrong("set_to_training")
def _set_to_training(net, x):
    effect = _left_in_evaluation(net, x)
    net.train()
    return effect


@EXERCISE.accepted
def on_a_copy(net, x):
    import copy

    twin = copy.deepcopy(net).eval()
    changed = torch.cat([x[:1], -x[1:]])
    return (twin(x)[0] - twin(changed)[0]).detach().abs().amax().item()


@EXERCISE.accepted
def by_signs(net, x):
    modes = {name: part.training for name, part in net.named_modules()}
    signs = torch.full((len(x), 1, 1, 1), -1.0)
    signs[0] = 1
    with torch.no_grad():
        results = [net.eval()(batch)[:1] for batch in (x, x * signs)]
    for name, part in net.named_modules():
        part.training = modes[name]
    return float(torch.dist(*results, p=float("inf")))
