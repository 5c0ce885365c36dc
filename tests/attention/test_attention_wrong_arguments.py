"""Wrong arguments and inputs: each error's type, and that it names the argument, its value and what is allowed."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from seattn_course.attention import (
    CBAM,
    ECA,
    ChannelAttention,
    ConvBNAct,
    ConvSEBlock,
    CoordinateAttention,
    IdentityAttention,
    SEAvgMax,
    SEBlock,
    SEBlockLinear,
    SEGated,
    SEPlusPlus,
    SEPlusPlusV2,
    SESafe,
    SEStable,
    SEv2,
    SpatialAttention,
    eca_kernel,
    hidden_width,
    make_attention,
)

NAN, INF = float("nan"), float("inf")

# (what is called, TypeError or ValueError, argument, value as the message shows it, what is allowed)
CONSTRUCTIONS = [
    (lambda: SEBlock(0), ValueError, "channels", "0", "at least 1"),
    (lambda: SEBlock(-3), ValueError, "channels", "-3", "at least 1"),
    (lambda: SEBlock(64.0), TypeError, "channels", "64.0", "an integer"),
    (lambda: SEBlock("64"), TypeError, "channels", "'64'", "an integer"),
    (lambda: SEBlock(True), TypeError, "channels", "True", "an integer"),
    (lambda: SEBlock(None), TypeError, "channels", "None", "an integer"),
    (lambda: SEBlock(64, 0), ValueError, "reduction", "0", "at least 1"),
    (lambda: SEBlock(64, -16), ValueError, "reduction", "-16", "at least 1"),
    (lambda: SEBlock(64, 16.0), TypeError, "reduction", "16.0", "an integer"),
    (lambda: SEBlock(64, bias=1), TypeError, "bias", "1", "True or False"),
    (lambda: SEBlock(64, min_hidden=0), ValueError, "min_hidden", "0", "at least 1"),
    (lambda: SEBlock(64, hidden=0), ValueError, "hidden", "0", "at least 1"),
    (lambda: SEBlock(64, hidden=2.5), TypeError, "hidden", "2.5", "an integer"),
    (lambda: SEBlock(64, hidden_rounding=0), ValueError, "hidden_rounding", "0", "at least 1"),
    (lambda: SEBlock(64, hidden=4, hidden_rounding=8), ValueError, "hidden_rounding", "8", "None beside hidden=4"),
    (lambda: SEBlockLinear(0), ValueError, "channels", "0", "at least 1"),
    (lambda: SEBlockLinear(64, 0), ValueError, "reduction", "0", "at least 1"),
    (lambda: SEv2(64, -1), ValueError, "reduction", "-1", "at least 1"),
    (lambda: SESafe(64, 16, 0), ValueError, "min_hidden", "0", "at least 1"),
    (lambda: SEStable(64, 16, 4.0), TypeError, "min_hidden", "4.0", "an integer"),
    (lambda: SEAvgMax(64, act="tanh"), ValueError, "act", "'tanh'", "'silu', 'relu'"),
    (lambda: SEGated(64, gate="softmax"), ValueError, "gate", "'softmax'", "'sigmoid', 'hardsigmoid'"),
    (lambda: SEGated(64, gate=None), TypeError, "gate", "None", "'sigmoid', 'hardsigmoid'"),
    (lambda: SEGated(64, gate=nn.Sigmoid), TypeError, "gate", "Sigmoid", "'sigmoid', 'hardsigmoid'"),
    (lambda: SEPlusPlus(64, gate="sigmod"), ValueError, "gate", "'sigmod'", "'sigmoid', 'hardsigmoid'"),
    (lambda: SEPlusPlus(64, use_avg=False, use_max=False), ValueError, "use_avg", "False", "True"),
    (lambda: SEPlusPlus(64, use_avg="no"), TypeError, "use_avg", "'no'", "True or False"),
    (lambda: SEPlusPlus(64, use_max=0), TypeError, "use_max", "0", "True or False"),
    (lambda: SEPlusPlusV2(64, fusion="mean"), ValueError, "fusion", "'mean'", "'softmax', 'sum'"),
    (lambda: SEPlusPlusV2(64, fusion=None), TypeError, "fusion", "None", "'softmax', 'sum'"),
    (lambda: SEPlusPlusV2(64, use_avg=False, use_max=False), ValueError, "use_max", "False", "True"),
    (lambda: SEPlusPlusV2(64, temperature=0), ValueError, "temperature", "0", "above 1e-06"),
    (lambda: SEPlusPlusV2(64, temperature=-1.0), ValueError, "temperature", "-1.0", "above 1e-06"),
    (lambda: SEPlusPlusV2(64, temperature=1e-7), ValueError, "temperature", "1e-07", "above 1e-06"),
    (lambda: SEPlusPlusV2(64, temperature=NAN), ValueError, "temperature", "nan", "a finite number"),
    (lambda: SEPlusPlusV2(64, temperature=INF), ValueError, "temperature", "inf", "a finite number"),
    (lambda: SEPlusPlusV2(64, temperature=1e39), ValueError, "temperature", "1e+39", "below 3.40282e+38"),
    (lambda: SEPlusPlusV2(64, temperature="1"), TypeError, "temperature", "'1'", "a finite number"),
    (lambda: SEPlusPlusV2(64, learnable_temperature=1), TypeError, "learnable_temperature", "1", "True or False"),
    (lambda: SEPlusPlusV2(64, residual="yes"), TypeError, "residual", "'yes'", "True or False"),
    (lambda: SEPlusPlusV2(64, residual=True, alpha_init=NAN), ValueError, "alpha_init", "nan", "a finite number"),
    (lambda: SEPlusPlusV2(64, residual=True, alpha_init=INF), ValueError, "alpha_init", "inf", "a finite number"),
    (lambda: SEPlusPlusV2(64, residual=True, alpha_init=None), TypeError, "alpha_init", "None", "a finite number"),
    (lambda: SEPlusPlusV2(64, learnable_alpha=True), ValueError, "learnable_alpha", "True", "residual"),
    (lambda: SEPlusPlusV2(64, bias=None), TypeError, "bias", "None", "True or False"),
    (lambda: SEPlusPlusV2(64, eps=0), ValueError, "eps", "0", "above 0"),
    (lambda: SEPlusPlusV2(64, eps=-1e-6), ValueError, "eps", "-1e-06", "above 0"),
    (lambda: SpatialAttention(kernel=6), ValueError, "kernel", "6", "an odd integer"),
    (lambda: SpatialAttention(kernel=-1), ValueError, "kernel", "-1", "at least 1"),
    (lambda: SpatialAttention(channels=0), ValueError, "channels", "0", "at least 1"),
    (lambda: SpatialAttention(order="min_max"), ValueError, "order", "'min_max'", "'mean_max', 'max_mean'"),
    (lambda: SpatialAttention(batch_norm=None), TypeError, "batch_norm", "None", "True or False"),
    (lambda: SpatialAttention(bn_momentum=0), ValueError, "bn_momentum", "0", "above 0 and below 1"),
    (lambda: ChannelAttention(64, bias="no"), TypeError, "bias", "'no'", "True or False"),
    (lambda: CBAM(64, 0), ValueError, "reduction", "0", "at least 1"),
    (lambda: CBAM(64, kernel=4), ValueError, "kernel", "4", "an odd integer"),
    (lambda: CBAM(64, mlp_bias=0), TypeError, "mlp_bias", "0", "True or False"),
    (lambda: ECA(64, 4), ValueError, "kernel", "4", "an odd integer"),
    (lambda: ECA(64, 0), ValueError, "kernel", "0", "an odd integer"),
    (lambda: ECA(64, 3.0), TypeError, "kernel", "3.0", "an odd integer"),
    (lambda: ECA(0), ValueError, "channels", "0", "at least 1"),
    (lambda: ECA(0.5, 3), TypeError, "channels", "0.5", "an integer"),
    (lambda: eca_kernel(-2), ValueError, "channels", "-2", "at least 1"),
    (lambda: CoordinateAttention(64, 0), ValueError, "reduction", "0", "at least 1"),
    (lambda: CoordinateAttention(64, min_hidden=-8), ValueError, "min_hidden", "-8", "at least 1"),
    (lambda: hidden_width(64, reduction="16"), TypeError, "reduction", "'16'", "an integer"),
    (lambda: ConvBNAct(0, 8), ValueError, "cin", "0", "at least 1"),
    (lambda: ConvBNAct(8, 0), ValueError, "cout", "0", "at least 1"),
    (lambda: ConvBNAct(8, 8, k=2), ValueError, "k", "2", "odd"),
    (lambda: ConvBNAct(8, 8, k=0), ValueError, "k", "0", "at least 1"),
    (lambda: ConvBNAct(8, 8, s=0), ValueError, "s", "0", "at least 1"),
    (lambda: ConvBNAct(8, 8, p=-1), ValueError, "p", "-1", "at least 0"),
    (lambda: ConvBNAct(8, 8, groups=3), ValueError, "groups", "3", "cin=8 and cout=8"),
    (lambda: ConvBNAct(8, 8, act="gelu"), ValueError, "act", "'gelu'", "'relu', 'silu'"),
    (lambda: ConvBNAct(8, 8, act=True), TypeError, "act", "True", "'relu', 'silu'"),
    (lambda: ConvSEBlock(8, 8, 0), ValueError, "reduction", "0", "at least 1"),
    (lambda: make_attention("senet", 64), ValueError, "attention", "'senet'", "'se'"),
    (lambda: make_attention(16, 64), TypeError, "attention", "16", "a factory or a module"),
    (lambda: make_attention(lambda channels: channels, 64), TypeError, "attention", "returning 64", "a module"),
    (lambda: make_attention("se", 0), ValueError, "channels", "0", "at least 1"),
    (lambda: make_attention(None, 64, 0), ValueError, "reduction", "0", "at least 1"),
]

INPUTS = [
    (SEBlock(8), torch.zeros(8, 5, 7), ValueError, "(8, 5, 7)", "(N, 8, H, W)"),
    (SEBlock(8), torch.zeros(2, 4, 5, 7), ValueError, "(2, 4, 5, 7)", "(N, 8, H, W)"),
    (SEBlock(8), torch.zeros(2, 5, 7, 8), ValueError, "(2, 5, 7, 8)", "(N, 8, H, W)"),
    (SEBlock(8), torch.zeros(2, 8, 5, 7, 3), ValueError, "(2, 8, 5, 7, 3)", "(N, 8, H, W)"),
    (SEBlock(8), torch.zeros(2, 8, 0, 7), ValueError, "(2, 8, 0, 7)", "at least 1"),
    (SEBlock(8), torch.zeros(2, 8, 5, 7, dtype=torch.int64), TypeError, "torch.int64", "floating-point"),
    (SEBlock(8), torch.zeros(2, 8, 5, 7, dtype=torch.uint8), TypeError, "torch.uint8", "floating-point"),
    (SEBlock(8), torch.zeros(2, 8, 5, 7, dtype=torch.bool), TypeError, "torch.bool", "floating-point"),
    (SEBlock(8), torch.zeros(2, 8, 5, 7, dtype=torch.complex64), TypeError, "torch.complex64", "floating-point"),
    (SEBlock(8), np.zeros((2, 8, 5, 7)), TypeError, "ndarray", "floating-point tensor"),
    (SEBlock(8), None, TypeError, "NoneType", "floating-point tensor"),
    (SEBlockLinear(8), torch.zeros(8, 5, 7), ValueError, "(8, 5, 7)", "(N, 8, H, W)"),
    (SEPlusPlusV2(8), torch.zeros(2, 9, 5, 7), ValueError, "(2, 9, 5, 7)", "(N, 8, H, W)"),
    (ECA(8), torch.zeros(2, 9, 5, 7), ValueError, "(2, 9, 5, 7)", "(N, 8, H, W)"),
    (CBAM(8), torch.zeros(2, 9, 5, 7), ValueError, "(2, 9, 5, 7)", "(N, 8, H, W)"),
    (CoordinateAttention(8), torch.zeros(2, 9, 5, 7), ValueError, "(2, 9, 5, 7)", "(N, 8, H, W)"),
    (SpatialAttention(8), torch.zeros(2, 9, 5, 7), ValueError, "(2, 9, 5, 7)", "(N, 8, H, W)"),
    (SpatialAttention(), torch.zeros(8, 5, 7), ValueError, "(8, 5, 7)", "(N, C, H, W)"),
    (ConvBNAct(8, 4), torch.zeros(2, 4, 5, 7), ValueError, "(2, 4, 5, 7)", "(N, 8, H, W)"),
    (ConvSEBlock(8, 4), torch.zeros(2, 4, 5, 7), ValueError, "(2, 4, 5, 7)", "(N, 8, H, W)"),
]


def assert_helpful(error, argument, value, allowed):
    message = str(error.value)
    assert re.search(rf"\b{re.escape(argument)}\b", message), message
    assert value in message, message
    assert allowed in message, message


@pytest.mark.parametrize(("build", "kind", "argument", "value", "allowed"), CONSTRUCTIONS)
def test_wrong_argument(build, kind, argument, value, allowed):
    with pytest.raises(kind) as error:
        build()
    assert type(error.value) is kind
    assert_helpful(error, argument, value, allowed)


@pytest.mark.parametrize(("module", "x", "kind", "value", "allowed"), INPUTS)
def test_wrong_input(module, x, kind, value, allowed):
    for call in (module, module.gate) if hasattr(module, "gate") else (module,):
        with pytest.raises(kind) as error:
            call(x)
        assert type(error.value) is kind
        assert_helpful(error, "x", value, allowed)


def test_the_gate_of_no_attention_wants_a_map_too():
    with pytest.raises(ValueError, match=r"x must have shape \(N, C, H, W\), got \(8,\)"):
        IdentityAttention().gate(torch.zeros(8))


def test_errors_survive_python_without_assertions():
    """Erratum E08: ``python -O`` removes assert statements, so none guards an argument here."""
    import subprocess
    import sys

    code = """
from seattn_course.attention import SEPlusPlusV2
for wrong in ({"fusion": "mean"}, {"temperature": 0}, {"temperature": -1}, {"use_avg": False, "use_max": False}):
    try:
        SEPlusPlusV2(8, **wrong)
    except ValueError:
        print("refused")
"""
    answer = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["refused"] * 4
