"""better_se_step_by_step.sum_after: mean and maximum each through the layers, the logits added, as in CBAM."""

import torch
from torch import nn
from torch.nn import functional as F

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.exercises.better_se_step_by_step.safe import widths
from seattn_course.checks.exercises.better_se_step_by_step.silu import SEBlock
from seattn_course.checks.probes import batteries
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class SESumAfter(SEBlock):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, max(min_hidden, channels // reduction))
        self.act = nn.SiLU()

    def gate(self, x):
        avg, largest = x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)  # (N, C, 1, 1) each
        return self.gate_fn(self.logits(avg) + self.logits(largest))


EXERCISE = Exercise(
    id="better_se_step_by_step.sum_after",
    kind="class",
    name="SESumAfter",
    reference=SESumAfter,
    probes=(
        Contract(batteries.small),
        Parameters(widths),
        Values(batteries.shapes),
        InputLeftAlone(batteries.small),
        Gradients(batteries.small),
    ),
)


def _both(x):
    return x.mean(dim=(2, 3), keepdim=True), x.amax(dim=(2, 3), keepdim=True)


def _with(gate):
    """A class that differs from the reference by its gate, a function of the block, the mean and the maximum."""

    class Changed(SESumAfter):
        def gate(self, x):
            return gate(self, *_both(x))

    return Changed


def _hidden(block, z):
    return block.act(block.fc1(z))


EXERCISE.wrong("before")(_with(lambda b, avg, top: b.gate_fn(b.logits(avg + top))))
EXERCISE.wrong("hidden_added")(_with(lambda b, avg, top: b.gate_fn(b.fc2(_hidden(b, avg) + _hidden(b, top)))))
EXERCISE.wrong("inside_activation")(_with(lambda b, avg, top: b.gate_fn(b.fc2(b.act(b.fc1(avg) + b.fc1(top))))))
EXERCISE.wrong("gates_added")(_with(lambda b, avg, top: b.gate_fn(b.logits(avg)) + b.gate_fn(b.logits(top))))
EXERCISE.wrong("gates_averaged")(
    _with(lambda b, avg, top: (b.gate_fn(b.logits(avg)) + b.gate_fn(b.logits(top))) / 2)
)
EXERCISE.wrong("gates_multiplied")(_with(lambda b, avg, top: b.gate_fn(b.logits(avg)) * b.gate_fn(b.logits(top))))
EXERCISE.wrong("logits_averaged")(_with(lambda b, avg, top: b.gate_fn((b.logits(avg) + b.logits(top)) / 2)))
EXERCISE.wrong("larger_logit")(_with(lambda b, avg, top: b.gate_fn(torch.maximum(b.logits(avg), b.logits(top)))))
EXERCISE.wrong("logits_multiplied")(_with(lambda b, avg, top: b.gate_fn(b.logits(avg) * b.logits(top))))
EXERCISE.wrong("mean_twice")(_with(lambda b, avg, top: b.gate_fn(b.logits(avg) + b.logits(avg))))
EXERCISE.wrong("only_maximum")(_with(lambda b, avg, top: b.gate_fn(b.logits(top))))
EXERCISE.wrong("no_sigmoid")(_with(lambda b, avg, top: b.logits(avg) + b.logits(top)))
EXERCISE.wrong("layers_again")(_with(lambda b, avg, top: b.gate_fn(b.logits(b.logits(avg) + b.logits(top)))))
EXERCISE.wrong("axes_lost")(
    _with(lambda b, avg, top: b.gate_fn(b.logits(avg[..., 0, 0]) + b.logits(top[..., 0, 0])))
)
EXERCISE.wrong("maximum_detached")(_with(lambda b, avg, top: b.gate_fn(b.logits(avg) + b.logits(top.detach()))))


@EXERCISE.wrong("layers_of_their_own")
class _LayersOfTheirOwn(SESumAfter):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, min_hidden)
        self.other = SESumAfter(channels, reduction, min_hidden)

    def gate(self, x):
        avg, top = _both(x)
        return self.gate_fn(self.logits(avg) + self.other.logits(top))


@EXERCISE.wrong("relu_kept")
class _ReLUKept(SESumAfter):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__(channels, reduction, min_hidden)
        self.act = nn.ReLU()


@EXERCISE.wrong("gated_in_turn")
class _GatedInTurn(SESumAfter):
    def forward(self, x):
        y = x * self.gate_fn(self.logits(_both(x)[0]))
        return y * self.gate_fn(self.logits(_both(y)[1]))


@EXERCISE.wrong("pair")
class _Pair(SESumAfter):
    def gate(self, x):
        return self.gate_fn(self.logits(_both(x)))


@EXERCISE.wrong("in_place")
class _InPlace(SESumAfter):
    def forward(self, x):
        return x.mul_(self.gate(x))


@EXERCISE.accepted
class OneBatch(SESumAfter):
    def gate(self, x):
        first, second = self.logits(torch.cat(_both(x))).chunk(2)  # both descriptors as one batch of 2N
        return torch.sigmoid(first + second)


@EXERCISE.accepted
class FlattenedLinear(nn.Module):
    def __init__(self, channels, reduction=16, min_hidden=4):
        super().__init__()
        h = max(channels // reduction, min_hidden)
        self.mlp = nn.Sequential(nn.Linear(channels, h), nn.SiLU(), nn.Linear(h, channels))

    def forward(self, x):
        u = self.mlp(F.adaptive_max_pool2d(x, 1).flatten(1)) + self.mlp(x.mean((2, 3)))
        return x * u.sigmoid()[:, :, None, None]


@EXERCISE.accepted
class BiasTwiceByHand(SESumAfter):
    def gate(self, x):
        avg, top = _both(x)
        hidden = _hidden(self, avg) + _hidden(self, top)
        return self.gate_fn(self.fc2(hidden) + self.fc2.bias[:, None, None])
