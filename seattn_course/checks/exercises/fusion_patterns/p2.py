"""fusion_patterns.p2: find the bug: one gate on the sum, y = relu(A(x + F(x)))."""

from torch import nn

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.placement import accepted_formula, branch, one_gate, one_gate_sizes, wrong_formulas
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class ResidualP2(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.f = branch(channels)
        self.attn = make_attention(channels)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.attn(x + self.f(x)))


EXERCISE = Exercise(
    id="fusion_patterns.p2",
    kind="class",
    name="ResidualP2",
    reference=ResidualP2,
    probes=(
        Contract(one_gate),
        Parameters(one_gate_sizes),
        Values(one_gate_sizes),
        InputLeftAlone(one_gate),
        Gradients(one_gate),
    ),
)

wrong_formulas(
    EXERCISE,
    the_bug=lambda b, x: b.act(x + b.attn(x + b.f(x))),
    second_skip=lambda b, x: b.act(b.attn(x + b.f(x)) + b.f(x)),
    on_the_branch=lambda b, x: b.act(x + b.attn(b.f(x))),
    before_the_branch=lambda b, x: b.act(x + b.f(b.attn(x))),
    on_the_skip=lambda b, x: b.act(b.attn(x) + b.f(x)),
    on_each=lambda b, x: b.act(b.attn(x) + b.attn(b.f(x))),
    after_the_relu=lambda b, x: b.attn(b.act(x + b.f(x))),
    without_relu=lambda b, x: b.attn(x + b.f(x)),
    relu_twice=lambda b, x: b.act(b.attn(x + b.act(b.f(x)))),
    without_skip=lambda b, x: b.act(b.attn(b.f(x))),
    without_attention=lambda b, x: b.act(x + b.f(x)),
    without_branch=lambda b, x: b.act(b.attn(x)),
    subtracted=lambda b, x: b.act(b.attn(x + b.f(x)) - x),
    taken_for_gates=lambda b, x: b.act((x + b.f(x)) * b.attn(x + b.f(x))),
    sum_added_again=lambda b, x: b.act((x + b.f(x)) + b.attn(x + b.f(x))),
    branch_gated_too=lambda b, x: b.act(b.attn(x + b.attn(b.f(x)))),
    attention_twice=lambda b, x: b.act(b.attn(b.attn(x + b.f(x)))),
    before_both=lambda b, x: b.act(b.attn(x) + b.f(b.attn(x))),
    in_place=lambda b, x: b.act(b.attn(x.add_(b.f(x.clone())))),
    skip_detached=lambda b, x: b.act(b.attn(x.detach() + b.f(x))),
)
accepted_formula(EXERCISE, "step_by_step", lambda b, x: (b.attn(b.f(x) + x)).clamp(min=0))
accepted_formula(EXERCISE, "relu_before_the_factor", lambda b, x: (x + b.f(x)).relu() * b.attn.gate(x + b.f(x)))


@EXERCISE.wrong("maker_not_called")
class _MakerNotCalled(ResidualP2):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)
        del self.attn
        self.attn = make_attention  # a function: it makes modules, and is none


@EXERCISE.wrong("attention_left_out")
class _AttentionLeftOut(ResidualP2):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)


@EXERCISE.accepted
class OtherNames(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.weigh = nn.Sequential(make_attention(channels), nn.ReLU())
        self.body = branch(channels)

    def forward(self, x):
        return self.weigh(self.body(x) + x)
