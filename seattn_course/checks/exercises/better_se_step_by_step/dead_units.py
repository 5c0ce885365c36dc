"""better_se_step_by_step.dead_units: hidden units that are 0 for every image of a batch."""

from typing import Any

import torch
from torch import nn

from seattn_course.attention import SEAvgMax, SEBlock, SEv2
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def dead_units(block, x):
    h = block.act(block.fc1(block.squeeze(x)))  # (N, h, 1, 1)
    return int((h == 0).all(dim=0).sum())


def _block(biases, act=None, block=SEBlock, scale=1.0):
    """A block that sees its first channel's squeeze: unit k is ``scale`` times that squeeze plus ``biases[k]``."""
    if block is SEAvgMax:
        made = SEAvgMax(3, min_hidden=len(biases), act="relu")
    else:
        made = block(3, hidden=len(biases)) if block is SEBlock else block(3, reduction=1)
    with torch.no_grad():
        made.fc1.weight.zero_()
        made.fc1.weight[:, 0] = scale
        made.fc1.bias.copy_(scale * torch.tensor(biases))
    if act is not None:
        made.act = act
    return made


def _images(generator, *means):
    """Images (N, 3, 4, 6) whose first channel has these means."""
    x = torch.randn(len(means), 3, 4, 6, generator=generator)
    x[:, 0] += torch.tensor(means)[:, None, None] - x[:, 0].mean(dim=(1, 2))[:, None, None]
    return x


MEANS = (0.25, -0.5, 2.0)


def _cases(generator):
    return [
        # unit by unit: awake for all three images, for two, for one, for one, then dead, some of them by far
        Case((_block([1.0, 0.0, -0.5, -1.5, -2.5, -9.0, -3.0]), _images(generator, *MEANS))),
        Case((_block([-2.5, -3.0]), _images(generator, *MEANS))),
        Case((_block([2.0, 3.0, 1.0, 5.0]), _images(generator, *MEANS))),
        Case((_block([1.0, -0.5, -1.5, -0.5, -2.0]), _images(generator, -0.5)), note="one_image"),
        Case((_block([0.5, -2.5, -4.0, -0.5], nn.ReLU(inplace=True)), _images(generator, *MEANS))),
        Case((_block([-1.5, -2.0, 0.5], block=SEv2), _images(generator, *MEANS))),
        Case((_block([-1.5, -1.9, 0.0], nn.LeakyReLU(0.1)), _images(generator, *MEANS))),
        # the block's squeeze is mean plus maximum, at least 4 for the brightest image: the second unit wakes
        Case((_block([1.0, -3.0, -90.0], block=SEAvgMax), _images(generator, *MEANS))),
        # awake, but very quietly
        Case((_block([1.0, -0.5, -9.0], scale=1e-5), _images(generator, *MEANS))),
        # never 0, though the inputs are negative; and outputs of -1 and 1, which cancel
        Case((_block([-2.5, -3.0], nn.Softplus()), _images(generator, *MEANS))),
        Case((_block([0.0, 1.0], nn.Hardtanh()), _images(generator, 5.0, -5.0))),
        # a unit whose input is exactly 0
        Case((_exactly_zero(), _images(generator, *MEANS))),
    ]


def _exactly_zero():
    block = _block([0.0, 1.0])
    with torch.no_grad():
        block.fc1.weight.zero_()
    return block


def _one(generator):
    return [Case((_block([0.5, -2.5, -4.0, -0.5]), _images(generator, *MEANS)))]


class HooksLeft(CaseProbe):
    """Forward hooks and the mode of the block, before and after."""

    def __init__(self, cases):
        super().__init__("hooks_left", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = fresh_arguments(case)
        block = args[0]
        block.act.register_forward_hook(lambda module, inputs, output: None)  # the caller's own has to survive
        result = bench.call(case, bench.subject, args)
        if isinstance(result, Raised):
            return result
        hooks = sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in block.modules())
        return {"hooks": hooks, "training": [module.training for module in block.modules()]}

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if found["hooks"] != expected["hooks"]:
            return own_finding("hooks", bench, case, expected=expected["hooks"], found=found["hooks"])
        return own_finding("mode", bench, case) if found != expected else None


EXERCISE = Exercise(
    id="better_se_step_by_step.dead_units",
    kind="function",
    name="dead_units",
    reference=dead_units,
    may_use_course=True,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one), HooksLeft(_one)),
)


def _hidden(block, x):
    return block.act(block.fc1(block.squeeze(x))).flatten(1)  # (N, h)


def _inputs(block, x):
    return block.fc1(block.squeeze(x)).flatten(1)  # (N, h)


@EXERCISE.wrong("awake")
def _awake(block, x):
    return int((_hidden(block, x) != 0).any(dim=0).sum())


@EXERCISE.wrong("for_some_image")
def _for_some_image(block, x):
    return int((_hidden(block, x) == 0).any(dim=0).sum())


@EXERCISE.wrong("first_image")
def _first_image(block, x):
    return int((_hidden(block, x)[0] == 0).sum())


@EXERCISE.wrong("all_zeros")
def _all_zeros(block, x):
    return int((_hidden(block, x) == 0).sum())


@EXERCISE.wrong("images")
def _images_that_wake_nothing(block, x):
    return int((_hidden(block, x) == 0).all(dim=1).sum())


@EXERCISE.wrong("mean_image")
def _mean_image(block, x):
    return int((_hidden(block, x.mean(dim=0, keepdim=True)) == 0).sum())


@EXERCISE.wrong("mean_unit")
def _mean_unit(block, x):
    return int((_hidden(block, x).mean(dim=0) <= 0).sum())


@EXERCISE.wrong("not_positive")
def _not_positive(block, x):
    return int((_hidden(block, x) <= 0).all(dim=0).sum())


@EXERCISE.wrong("almost_zero")
def _almost_zero(block, x):
    return int((_hidden(block, x).abs() < 1e-3).all(dim=0).sum())


@EXERCISE.wrong("summed")
def _summed(block, x):
    return int((_hidden(block, x).sum(dim=0) == 0).sum())


@EXERCISE.wrong("own_squeeze")
def _own_squeeze(block, x):
    return int((block.act(block.fc1(x.mean(dim=(2, 3), keepdim=True))) == 0).all(dim=0).sum())


@EXERCISE.wrong("before_activation")
def _before_activation(block, x):
    return int((_inputs(block, x) <= 0).all(dim=0).sum())


@EXERCISE.wrong("strictly_negative")
def _strictly_negative(block, x):
    return int((_inputs(block, x) < 0).all(dim=0).sum())


@EXERCISE.wrong("share")
def _share(block, x):
    return (_hidden(block, x) == 0).all(dim=0).float().mean().item()


@EXERCISE.wrong("tensor")
def _tensor(block, x):
    return (_hidden(block, x) == 0).all(dim=0).sum()


@EXERCISE.wrong("which")
def _which(block, x):
    return (_hidden(block, x) == 0).all(dim=0).nonzero().flatten().tolist()


@EXERCISE.wrong("gates")
def _gates(block, x):
    return int((block.gate(x) < 0.5).all(dim=0).sum())


@EXERCISE.wrong("not_squeezed")
def _not_squeezed(block, x):
    return int((block.act(block.fc1(x)) == 0).all(dim=0).sum())


@EXERCISE.wrong("weights_changed")
def _weights_changed(block, x):
    count = dead_units(block, x)
    with torch.no_grad():
        block.fc1.bias.add_(1.0)
    return count


@EXERCISE.wrong("hook_left")
def _hook_left(block, x):
    seen = []
    block.act.register_forward_hook(lambda module, inputs, output: seen.append(output))
    block(x)
    return int((seen[-1] == 0).all(dim=0).sum())


@EXERCISE.accepted
def with_a_hook(block, x):
    seen = []
    handle = block.act.register_forward_hook(lambda module, inputs, output: seen.append(output.detach()))
    block(x)
    handle.remove()
    return (seen[0].abs().amax(dim=(0, 2, 3)) == 0).sum().item()


@EXERCISE.accepted
def in_a_loop(block, x):
    h = _hidden(block, x).tolist()
    return sum(all(row[unit] == 0 for row in h) for unit in range(len(h[0])))
