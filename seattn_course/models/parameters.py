"""How many numbers a network learns."""

from torch import nn

from seattn_course import arguments


def count_params(m: nn.Module) -> int:
    """The number of trainable elements in ``m``; a parameter that is shared counts once.

    Frozen parameters and buffers (running statistics of batch norm) do not count. TypeError if ``m`` is no module.

    >>> count_params(nn.Linear(4, 3))
    15
    """
    arguments.module("m", m)
    return sum(p.numel() for p in m.parameters() if p.requires_grad)
