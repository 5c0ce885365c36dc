"""fusion_patterns.p1: attention at the end of the branch, y = relu(x + A(F(x)))."""

from torch import nn

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.placement import accepted_formula, branch, one_gate, one_gate_sizes, wrong_formulas
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class ResidualP1(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.f = branch(channels)
        self.attn = make_attention(channels)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(x + self.attn(self.f(x)))


EXERCISE = Exercise(
    id="fusion_patterns.p1",
    kind="class",
    name="ResidualP1",
    reference=ResidualP1,
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
    after_the_sum=lambda b, x: b.act(b.attn(x + b.f(x))),
    after_the_relu=lambda b, x: b.attn(b.act(x + b.f(x))),
    before_the_branch=lambda b, x: b.act(x + b.f(b.attn(x))),
    on_the_skip=lambda b, x: b.act(b.attn(x) + b.f(x)),
    on_both=lambda b, x: b.act(b.attn(x) + b.attn(b.f(x))),
    on_the_input=lambda b, x: b.act(b.attn(x) + b.f(b.attn(x))),
    without_relu=lambda b, x: x + b.attn(b.f(x)),
    relu_on_the_branch=lambda b, x: x + b.act(b.attn(b.f(x))),
    relu_before_the_gate=lambda b, x: b.act(x + b.attn(b.act(b.f(x)))),
    without_skip=lambda b, x: b.act(b.attn(b.f(x))),
    without_attention=lambda b, x: b.act(x + b.f(x)),
    without_branch=lambda b, x: b.act(x + b.attn(x)),
    multiplied=lambda b, x: b.act(x * b.attn(b.f(x))),
    branch_twice=lambda b, x: b.act(x + b.f(x) + b.attn(b.f(x))),
    skip_twice=lambda b, x: b.act(x + x + b.attn(b.f(x))),
    taken_for_gates=lambda b, x: b.act(x + b.f(x) * b.attn(b.f(x))),
    gates_from_the_input=lambda b, x: b.act(x + b.f(x) * b.attn.gate(x)),
    relu_on_the_skip=lambda b, x: b.act(b.act(x) + b.attn(b.f(x))),
    attention_twice=lambda b, x: b.act(x + b.attn(b.attn(b.f(x)))),
    gate_of_x=lambda b, x: b.act(x + b.f(x) * b.attn(x)),
    in_the_middle=lambda b, x: b.act(x + b.f[3:](b.attn(b.f[:3](x)))),
    in_place=lambda b, x: b.act(x.add_(b.attn(b.f(x.clone())))),
    skip_detached=lambda b, x: b.act(x.detach() + b.attn(b.f(x))),
)
accepted_formula(EXERCISE, "sum_the_other_way_round", lambda b, x: (b.attn(b.f(x)) + x).relu())


@EXERCISE.wrong("maker_not_called")
class _MakerNotCalled(ResidualP1):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)
        del self.attn
        self.attn = make_attention  # a function: it makes modules, and is none


@EXERCISE.wrong("attention_left_out")
class _AttentionLeftOut(ResidualP1):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)


@EXERCISE.wrong("attention_unregistered")
class _AttentionUnregistered(ResidualP1):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)
        self.make = make_attention

    def forward(self, x):
        return self.act(x + self.make(x.shape[1])(self.f(x)))


@EXERCISE.accepted
class AttentionFirst(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.gate = make_attention(channels)
        self.body = branch(channels)

    def forward(self, x):
        y = self.gate(self.body(x))
        y = y + x
        return y.clamp(min=0)


@EXERCISE.accepted
class OneBranch(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.way = nn.Sequential(*branch(channels), make_attention(channels))

    def forward(self, x):
        return nn.functional.relu(self.way(x) + x)
