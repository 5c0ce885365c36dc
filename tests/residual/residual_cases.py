"""The blocks of the room under one signature, and how tests fill them with numbers."""

import torch

from seattn_course.residual import (
    BasicBlock,
    Bottleneck,
    PreActBlock,
    ResidualAttentionP1,
    ResidualAttentionP2,
    ResidualAttentionP3,
    ResidualAttentionP4,
    ResNeXtBlock,
    SEResBlockPostAct,
    SEResBlockPreAct,
    WideBlock,
)

PATTERNS = {1: ResidualAttentionP1, 2: ResidualAttentionP2, 3: ResidualAttentionP3, 4: ResidualAttentionP4}


def _pattern(number):
    def build(cin, cout, stride=1, attention="se", **options):
        slots = (attention, attention) if number == 4 else (attention,)
        return PATTERNS[number](cin, *slots, reduction=2, cout=cout, stride=stride, **options)

    return build


# name: (cin, cout, stride, attention, **options) -> block, for cout divisible by 4
BLOCKS = {
    "basic": lambda cin, cout, stride=1, attention="se", **o: BasicBlock(cin, cout, stride, attention, 2, **o),
    "pre_act": lambda cin, cout, stride=1, attention="se", **o: PreActBlock(cin, cout, stride, attention, 2, **o),
    "wide": lambda cin, cout, stride=1, attention="se", **o: WideBlock(cin, cout // 2, stride, attention, 2, **o),
    "bottleneck": lambda cin, cout, stride=1, attention="se", **o: Bottleneck(
        cin, cout, stride, attention, 2, **o
    ),
    "resnext": lambda cin, cout, stride=1, attention="se", **o: ResNeXtBlock(
        cin, cout, stride, attention, 2, cardinality=2, **o
    ),
    "se_post": lambda cin, cout, stride=1, attention="se_stable", **o: SEResBlockPostAct(
        cin, cout, stride, 2, attention=attention, **o
    ),
    "se_pre": lambda cin, cout, stride=1, attention="se_stable", **o: SEResBlockPreAct(
        cin, cout, stride, 2, attention=attention, **o
    ),
    "p1": _pattern(1),
    "p2": _pattern(2),
    "p3": _pattern(3),
    "p4": _pattern(4),
}


def randomize(module, seed=0):
    """All parameters and statistics random: default values (gamma 1, beta 0, mean 0) hide mistakes."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if not tensor.is_floating_point():
                continue
            values = torch.randn(tensor.shape, generator=generator, dtype=torch.float64) / 2
            if name.endswith("running_var"):
                values = values.abs() + 0.5
            tensor.copy_(values)
    return module


def randn(*shape, seed=1, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)
