"""fusion_patterns.p4: a gate on each path, y = relu(A_s(x) + A_r(F(x)))."""

from torch import nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.placement import accepted_formula, branch, narrow_gate, wide_gate, wrong_formulas
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class ResidualP4(nn.Module):
    def __init__(self, channels, make_skip, make_res):
        super().__init__()
        self.f = branch(channels)
        self.attn_skip = make_skip(channels)
        self.attn_res = make_res(channels)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.attn_skip(x) + self.attn_res(self.f(x)))


def _one(generator):
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5, narrow_gate, wide_gate), note="not_square")]


def _sizes(generator):
    other = Case((feature_map(generator, 2, 8, 3, 4),), config=(8, wide_gate, narrow_gate))
    return [*_one(generator), other]


EXERCISE = Exercise(
    id="fusion_patterns.p4",
    kind="class",
    name="ResidualP4",
    reference=ResidualP4,
    probes=(Contract(_one), Parameters(_sizes), Values(_sizes), InputLeftAlone(_one), Gradients(_one)),
)

wrong_formulas(
    EXERCISE,
    swapped=lambda b, x: b.act(b.attn_res(x) + b.attn_skip(b.f(x))),
    skip_not_gated=lambda b, x: b.act(x + b.attn_res(b.f(x))),
    branch_not_gated=lambda b, x: b.act(b.attn_skip(x) + b.f(x)),
    both_on_the_sum=lambda b, x: b.act(b.attn_skip(b.attn_res(x + b.f(x)))),
    both_on_the_branch=lambda b, x: b.act(x + b.attn_skip(b.attn_res(b.f(x)))),
    before_the_branch=lambda b, x: b.act(b.attn_skip(x) + b.f(b.attn_res(x))),
    branch_of_the_gated=lambda b, x: b.act(b.attn_skip(x) + b.attn_res(b.f(b.attn_skip(x)))),
    skip_added_again=lambda b, x: b.act(x + b.attn_skip(x) + b.attn_res(b.f(x))),
    gates_from_the_sum=lambda b, x: b.act(
        x * b.attn_skip.gate(x + b.f(x)) + b.f(x) * b.attn_res.gate(x + b.f(x))
    ),
    without_relu=lambda b, x: b.attn_skip(x) + b.attn_res(b.f(x)),
    relu_on_the_branch=lambda b, x: b.attn_skip(x) + b.act(b.attn_res(b.f(x))),
    relu_on_each=lambda b, x: b.act(b.attn_skip(x)) + b.act(b.attn_res(b.f(x))),
    sums_gated=lambda b, x: b.act(b.attn_skip(x + b.f(x)) + b.attn_res(x + b.f(x))),
    multiplied=lambda b, x: b.act(b.attn_skip(x) * b.attn_res(b.f(x))),
    without_skip=lambda b, x: b.act(b.attn_res(b.f(x))),
    skip_gate_on_both=lambda b, x: b.act(b.attn_skip(x) + b.attn_skip(b.f(x))),
    skip_gate_on_the_sum=lambda b, x: b.act(b.attn_skip(x + b.attn_res(b.f(x)))),
    in_place=lambda b, x: b.act(x.copy_(b.attn_skip(x.clone()) + b.attn_res(b.f(x.clone())))),
    skip_detached=lambda b, x: b.act(b.attn_skip(x.detach()) + b.attn_res(b.f(x))),
)
accepted_formula(
    EXERCISE, "sum_the_other_way_round", lambda b, x: (b.attn_res(b.f(x)) + b.attn_skip(x)).clamp(min=0)
)


@EXERCISE.wrong("one_for_both")
class _OneForBoth(ResidualP4):
    def __init__(self, channels, make_skip, make_res):
        super().__init__(channels, make_skip, make_res)
        self.attn_res = self.attn_skip


@EXERCISE.wrong("same_maker")
class _SameMaker(ResidualP4):
    def __init__(self, channels, make_skip, make_res):
        super().__init__(channels, make_skip, make_skip)


@EXERCISE.wrong("same_maker_for_the_skip")
class _SameMakerForTheSkip(ResidualP4):
    def __init__(self, channels, make_skip, make_res):
        super().__init__(channels, make_res, make_res)


@EXERCISE.wrong("makers_not_called")
class _MakersNotCalled(ResidualP4):
    def __init__(self, channels, make_skip, make_res):
        super().__init__(channels, nn.Identity, nn.Identity)
        del self.attn_skip, self.attn_res
        self.attn_skip, self.attn_res = make_skip, make_res  # functions: they make modules, and are none


@EXERCISE.wrong("attention_left_out")
class _AttentionLeftOut(ResidualP4):
    def __init__(self, channels, make_skip, make_res):
        super().__init__(channels, nn.Identity, nn.Identity)


@EXERCISE.accepted
class TwoWays(nn.Module):
    def __init__(self, channels, make_skip, make_res):
        super().__init__()
        self.new = nn.Sequential(branch(channels), make_res(channels))
        self.old = make_skip(channels)

    def forward(self, x):
        return nn.functional.relu(self.old(x) + self.new(x))
