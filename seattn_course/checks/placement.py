"""Parts of a residual block for exercises on where attention sits, and wrong answers made of formulas.

Apart from the exercises, and with a gate of its own: what comes from the course's rooms would be taken for an
answer that uses the course's solution.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.batteries import feature_map

Formula = Callable[[nn.Module, Tensor], Tensor]


class Gate(nn.Module):
    """A channel gate without biases: none of its tensors has the shape of one of batch norm's."""

    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.down = nn.Linear(channels, hidden, bias=False)
        self.up = nn.Linear(hidden, channels, bias=False)

    def gate(self, x: Tensor) -> Tensor:
        z = x.mean((2, 3))  # (N, C, H, W) -> (N, C)
        return torch.sigmoid(self.up(torch.tanh(self.down(z))))[:, :, None, None]  # (N, C, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gate(x)


def narrow_gate(channels: int) -> Gate:
    return Gate(channels, 2)


def wide_gate(channels: int) -> Gate:
    return Gate(channels, 3)


def branch(cin: int, cout: int | None = None, stride: int = 1) -> nn.Sequential:
    """F: conv - BN - ReLU - conv - BN, the first convolution with the stride; cout None: as cin."""
    cout = cin if cout is None else cout
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU(),
        nn.Conv2d(cout, cout, 3, padding=1, bias=False),
        nn.BatchNorm2d(cout),
    )


def one_gate(generator: torch.Generator) -> list[Case]:
    """A block of 5 channels with one attention."""
    return [Case((feature_map(generator, 3, 5, 4, 6),), config=(5, narrow_gate), note="not_square")]


def one_gate_sizes(generator: torch.Generator) -> list[Case]:
    wider = Case((feature_map(generator, 2, 8, 3, 4),), config=(8, wide_gate))
    return [*one_gate(generator), wider]


def wrong_formulas(exercise: Exercise, **formulas: Formula) -> None:
    """Registers the reference class with another forward: ``key=lambda block, x: ...``."""
    for key, formula in formulas.items():
        made = type(key, (exercise.reference,), {"forward": lambda self, x, formula=formula: formula(self, x)})
        exercise.wrong(key)(made)


def accepted_formula(exercise: Exercise, name: str, formula: Formula) -> None:
    """Registers the reference class with another forward that computes the same."""
    made = type(name, (exercise.reference,), {"forward": lambda self, x: formula(self, x)})
    exercise.accepted(made)
