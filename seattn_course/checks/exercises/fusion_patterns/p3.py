"""fusion_patterns.p3: attention before the branch, y = relu(x + F(A(x)))."""

from torch import nn

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.placement import accepted_formula, branch, one_gate, one_gate_sizes, wrong_formulas
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.gradients import Gradients
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class ResidualP3(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.f = branch(channels)
        self.attn = make_attention(channels)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(x + self.f(self.attn(x)))


EXERCISE = Exercise(
    id="fusion_patterns.p3",
    kind="class",
    name="ResidualP3",
    reference=ResidualP3,
    probes=(
        Contract(one_gate),
        Parameters(one_gate_sizes),
        Values(one_gate_sizes),
        InputLeftAlone(one_gate),
        Gradients(one_gate),
    ),
)


def _middle(block, x):
    """A between the two convolutions of F."""
    *first, convolution, norm = block.f
    for layer in first:
        x = layer(x)
    return norm(convolution(block.attn(x)))


wrong_formulas(
    EXERCISE,
    skip_gated_too=lambda b, x: b.act(b.attn(x) + b.f(b.attn(x))),
    on_the_branch=lambda b, x: b.act(x + b.attn(b.f(x))),
    after_the_sum=lambda b, x: b.act(b.attn(x + b.f(x))),
    after_the_relu=lambda b, x: b.attn(b.act(x + b.f(x))),
    on_the_skip=lambda b, x: b.act(b.attn(x) + b.f(x)),
    in_the_middle=lambda b, x: b.act(x + _middle(b, x)),
    before_and_behind=lambda b, x: b.act(x + b.attn(b.f(b.attn(x)))),
    without_relu=lambda b, x: x + b.f(b.attn(x)),
    relu_on_the_branch=lambda b, x: x + b.act(b.f(b.attn(x))),
    relu_before_the_branch=lambda b, x: b.act(x + b.f(b.act(b.attn(x)))),
    without_skip=lambda b, x: b.act(b.f(b.attn(x))),
    without_attention=lambda b, x: b.act(x + b.f(x)),
    taken_for_gates=lambda b, x: b.act(x + b.f(x * b.attn(x))),
    relu_before_the_gate=lambda b, x: b.act(x + b.f(b.attn(b.act(x)))),
    gate_and_input=lambda b, x: b.act(x + b.f(x + b.attn(x))),
    gate_alone=lambda b, x: b.act(x + b.f(b.attn.gate(x).expand_as(x))),
    gate_times_the_branch=lambda b, x: b.act(x + b.attn(x) * b.f(x)),
    beside_the_branch=lambda b, x: b.act(x + b.attn(x) + b.f(x)),
    in_place=lambda b, x: b.act(x.clone() + b.f(x.mul_(b.attn.gate(x.clone())))),
    gate_detached=lambda b, x: b.act(x + b.f(b.attn(x.detach()))),
)
accepted_formula(EXERCISE, "named_steps", lambda b, x: (b.f(b.attn(x)) + x).clamp(min=0))


@EXERCISE.wrong("maker_not_called")
class _MakerNotCalled(ResidualP3):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)
        del self.attn
        self.attn = make_attention  # a function: it makes modules, and is none


@EXERCISE.wrong("attention_left_out")
class _AttentionLeftOut(ResidualP3):
    def __init__(self, channels, make_attention):
        super().__init__(channels, nn.Identity)


@EXERCISE.accepted
class OneWay(nn.Module):
    def __init__(self, channels, make_attention):
        super().__init__()
        self.way = nn.Sequential(make_attention(channels), branch(channels))

    def forward(self, x):
        return nn.functional.relu(x + self.way(x))
