"""A stage: blocks in a row, of which only the first changes size and channels."""

from collections.abc import Callable
from typing import Any

from torch import nn

from seattn_course import arguments
from seattn_course.residual.slot import refuse_shared


def make_stage(
    block_cls: Callable[..., nn.Module],
    cin: int,
    cout: int,
    n_blocks: int,
    first_stride: int = 1,
    reduction: int = 16,
    **options: Any,
) -> nn.Sequential:
    """``n_blocks`` new blocks ``block_cls(cin, cout, stride, reduction=reduction, **options)``.

    The first takes cin channels and ``first_stride``; the others take what it returns (its attribute ``cout``,
    which in a :class:`WideBlock` is wider than the argument) and stride 1.

    TypeError or ValueError, naming the argument, for wrong numbers, and for an attention *module* shared by
    several blocks (erratum E20): pass its name or a factory, so that each block gets its own.

    >>> from seattn_course.residual import SEResBlockPostAct
    >>> sum(p.numel() for p in make_stage(SEResBlockPostAct, 32, 64, 2, first_stride=2).parameters())
    132872
    """
    if not callable(block_cls):
        raise TypeError(f"block_cls must be a block's class or another callable, got {block_cls!r}")
    cin = arguments.positive_int("cin", cin)
    n_blocks = arguments.positive_int("n_blocks", n_blocks)
    blocks: list[nn.Module] = []
    for i in range(n_blocks):
        stride = first_stride if i == 0 else 1
        blocks.append(block_cls(cin, cout, stride, reduction=reduction, **options))
        cin = getattr(blocks[-1], "cout", cout)
    stage = nn.Sequential(*blocks)
    refuse_shared(stage)
    return stage
