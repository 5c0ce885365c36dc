"""se_plus_plus_v2.fusion: two squeezes mixed with weights that learn and always add up to 1."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import difference, observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import AnyDevice, DoublePrecision, GlobalsLeftAlone, InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class Fusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(2))

    def forward(self, avg, maximum):
        w = self.logits.softmax(dim=0)  # (2,)
        return w[0] * avg + w[1] * maximum  # (N, C, 1, 1)


def _squeezes(generator, images, channels):
    avg = torch.randn(images, channels, 1, 1, generator=generator)
    return avg, avg + 3 * torch.rand(images, channels, 1, 1, generator=generator)


def _one(generator):
    return [Case(_squeezes(generator, 2, 6))]


def _cases(generator):
    return [
        Case(_squeezes(generator, 2, 6)),
        Case(_squeezes(generator, 1, 5), note="one_image"),
        Case(_squeezes(generator, 2, 2)),
    ]


class EqualAtTheStart(CaseProbe):
    """What a module fresh from its constructor makes of the squeezes: half of their sum."""

    def __init__(self, cases):
        super().__init__("equal_at_the_start", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        module = bench.construct(case)
        return module if isinstance(module, Raised) else observed(bench.call(case, module))

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        unequal = difference(bench, case, expected, found) is not None
        return own_finding("start", bench, case) if unequal else None


EXERCISE = Exercise(
    id="se_plus_plus_v2.fusion",
    kind="class",
    name="Fusion",
    reference=Fusion,
    probes=(
        Contract(_one),
        Parameters(_one),
        Values(_cases),
        EqualAtTheStart(_one),
        InputLeftAlone(_one),
        Gradients(_one),
        GlobalsLeftAlone(_one),
        DoublePrecision(_one),
        AnyDevice(_one),
    ),
)


@EXERCISE.wrong("weights_as_they_are")
class _WeightsAsTheyAre(Fusion):
    def forward(self, avg, maximum):
        return self.logits[0] * avg + self.logits[1] * maximum


@EXERCISE.wrong("two_sigmoids")
class _TwoSigmoids(Fusion):
    def forward(self, avg, maximum):
        w = self.logits.sigmoid()
        return w[0] * avg + w[1] * maximum


@EXERCISE.wrong("divided_by_sum")
class _DividedBySum(Fusion):
    def __init__(self):
        super().__init__()
        nn.init.ones_(self.logits)

    def forward(self, avg, maximum):
        w = self.logits / self.logits.sum()
        return w[0] * avg + w[1] * maximum


@EXERCISE.wrong("swapped")
class _Swapped(Fusion):
    def forward(self, avg, maximum):
        return super().forward(maximum, avg)


@EXERCISE.wrong("plain_sum")
class _PlainSum(Fusion):
    def forward(self, avg, maximum):
        return avg + maximum


@EXERCISE.wrong("fixed_half")
class _FixedHalf(Fusion):
    def forward(self, avg, maximum):
        return (avg + maximum) / 2


@EXERCISE.wrong("softmax_of_squeezes")
class _SoftmaxOfSqueezes(Fusion):
    def forward(self, avg, maximum):
        both = torch.stack([avg, maximum]) + self.logits[:, None, None, None, None]
        w = both.softmax(dim=0)
        return w[0] * avg + w[1] * maximum


@EXERCISE.wrong("doubled")
class _Doubled(Fusion):
    def forward(self, avg, maximum):
        return 2 * super().forward(avg, maximum)


@EXERCISE.wrong("winner_takes_all")
class _WinnerTakesAll(Fusion):
    def forward(self, avg, maximum):
        return (avg, maximum)[int(self.logits.argmax())]


@EXERCISE.wrong("no_parameter")
class _NoParameter(nn.Module):
    def __init__(self):
        super().__init__()
        self.logits = torch.zeros(2)

    def forward(self, avg, maximum):
        w = self.logits.softmax(dim=0)
        return w[0] * avg + w[1] * maximum


@EXERCISE.wrong("one_logit")
class _OneLogit(nn.Module):
    def __init__(self):
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(()))

    def forward(self, avg, maximum):
        w = self.logit.sigmoid()
        return (1 - w) * avg + w * maximum


@EXERCISE.wrong("two_scalars")
class _TwoScalars(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))

    def forward(self, avg, maximum):
        w = torch.stack([self.first, self.second]).softmax(dim=0)
        return w[0] * avg + w[1] * maximum


@EXERCISE.wrong("random_start")
class _RandomStart(Fusion):
    def __init__(self):
        super().__init__()
        with torch.no_grad():
            self.logits.copy_(torch.tensor([0.3, -0.6]))


@EXERCISE.wrong("detached")
class _Detached(Fusion):
    def forward(self, avg, maximum):
        w = self.logits.detach().softmax(dim=0)
        return w[0] * avg + w[1] * maximum


@EXERCISE.wrong("in_place")
class _InPlace(Fusion):
    def forward(self, avg, maximum):
        w = self.logits.softmax(dim=0)
        with torch.no_grad():
            avg.mul_(w[0])
        return avg + w[1] * maximum


@EXERCISE.wrong("concatenated")
class _Concatenated(Fusion):
    def forward(self, avg, maximum):
        w = self.logits.softmax(dim=0)
        return torch.cat([w[0] * avg, w[1] * maximum], dim=1)


@EXERCISE.wrong("weights_too")
class _WeightsToo(Fusion):
    def forward(self, avg, maximum):
        return super().forward(avg, maximum), self.logits.softmax(dim=0)


@EXERCISE.wrong("reseeds")
class _Reseeds(Fusion):
    def forward(self, avg, maximum):
        torch.manual_seed(0)
        return super().forward(avg, maximum)


@EXERCISE.wrong("single_precision")
class _SinglePrecision(Fusion):
    def forward(self, avg, maximum):
        return super().forward(avg.float(), maximum.float()).to(avg.dtype)


@EXERCISE.wrong("made_on_the_cpu")
class _MadeOnTheCpu(Fusion):
    def forward(self, avg, maximum):
        return torch.zeros(avg.shape, device="cpu") + super().forward(avg, maximum)


@EXERCISE.accepted
class EqualButNotZero(Fusion):
    """Any two equal logits are the same start."""

    def __init__(self):
        super().__init__()
        nn.init.ones_(self.logits)


@EXERCISE.accepted
class StackedAndSummed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.zeros(2, 1, 1, 1, 1))

    def forward(self, avg, maximum):
        return (torch.stack([avg, maximum]) * self.a.softmax(dim=0)).sum(dim=0)


@EXERCISE.accepted
class ByTheDifference(Fusion):
    def forward(self, avg, maximum):
        return torch.lerp(avg, maximum, torch.sigmoid(self.logits[1] - self.logits[0]))
