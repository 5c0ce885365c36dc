"""se_block.equal_outputs: a Linear layer turned into the 1x1 convolution that computes the same."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone


def linear_to_conv(linear):
    has_bias = linear.bias is not None
    conv = nn.Conv2d(linear.in_features, linear.out_features, kernel_size=1, bias=has_bias)
    conv = conv.to(linear.weight)  # its device and dtype
    with torch.no_grad():
        conv.weight.copy_(linear.weight[:, :, None, None])  # (out, in) -> (out, in, 1, 1)
        if has_bias:
            conv.bias.copy_(linear.bias)
    return conv


def _linear(generator, inputs, outputs, bias, dtype=torch.float32):
    linear = nn.Linear(inputs, outputs, bias=bias, dtype=dtype)
    with torch.no_grad():
        for parameter in linear.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return linear


def _cases(generator):
    return [
        Case((_linear(generator, 6, 3, bias=False),), note="without_bias"),
        Case((_linear(generator, 3, 5, bias=True),), note="with_bias"),
        Case((_linear(generator, 4, 4, bias=True),), note="with_bias"),
        Case((_linear(generator, 4, 2, bias=True, dtype=torch.float64),), note="double"),
        Case((_linear(generator, 2, 3, bias=False, dtype=torch.float64),), note="double"),
    ]


def _one(generator):
    return [Case((_linear(generator, 4, 3, bias=True),), note="with_bias")]


def _compared(values, wanted):
    """How a parameter of the convolution relates to the Linear layer's, whatever random numbers it holds."""
    if values is None:
        return "absent"
    if wanted is None:
        return "surplus" if values.any() else "surplus zero"
    if values.numel() != wanted.numel():
        return "other shape"
    values = values.detach().double().reshape(wanted.shape)
    wanted = wanted.detach().double()
    if torch.allclose(values, wanted, rtol=1e-5, atol=1e-6):
        return "equal"
    if not values.any():
        return "zero"
    mirrored = wanted.ndim == 2 and torch.allclose(values, wanted.T.reshape(wanted.shape), rtol=1e-5, atol=1e-6)
    return "transposed" if mirrored else "other"


def _applied(bench, conv, linear):
    """Whether the convolution gives at every pixel of a map what the Linear layer gives."""
    x = torch.randn(2, linear.in_features, 3, 5, generator=bench.generator()).to(linear.weight)
    with torch.no_grad():
        wanted = linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    found = bench.guard.call(conv, (x,))
    if isinstance(found, Raised):
        return "fails"
    if found.shape != wanted.shape:
        return "other shape"
    return "equal" if torch.allclose(found.detach(), wanted, rtol=1e-4, atol=1e-5) else "other values"


class SameAsLinear(CaseProbe):
    """Window, weights, biases, dtype, trainability and results of the convolution, beside the Linear layer's."""

    def __init__(self, cases):
        super().__init__("same_as_linear", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        given = fresh_arguments(case)
        conv = bench.apply(case, given)
        if isinstance(conv, Raised):
            return conv
        linear = case.args[0]
        window = [*conv.kernel_size, *conv.stride, *conv.dilation, conv.groups]
        one_pixel = window == [1] * 7
        return {
            "window": window,
            "shape": list(conv.weight.shape) if one_pixel else "not compared",
            "weight": _compared(conv.weight, linear.weight) if one_pixel else "not compared",
            "bias": _compared(conv.bias, linear.bias),
            "dtype": str(conv.weight.dtype),
            "frozen": not all(parameter.requires_grad for parameter in conv.parameters()),
            "given_frozen": not all(parameter.requires_grad for parameter in given[0].parameters()),
            # Whether weights agree is told above, without regard to the random numbers they hold.
            "output": _applied(bench, conv, linear) == "equal",
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        for side, wanted in expected.items():
            if found[side] != wanted:
                return own_finding(side, bench, case, expected=wanted, found=found[side])
        return None


EXERCISE = Exercise(
    id="se_block.equal_outputs",
    kind="function",
    name="linear_to_conv",
    reference=linear_to_conv,
    probes=(Contract(_one), SameAsLinear(_cases), InputLeftAlone(_cases)),
)


def _conv(linear, bias=None, **kwargs):
    bias = linear.bias is not None if bias is None else bias
    kwargs = {"kernel_size": 1, "dtype": linear.weight.dtype} | kwargs
    return nn.Conv2d(linear.in_features, linear.out_features, bias=bias, **kwargs)


def _copy(conv, linear, bias=True):
    with torch.no_grad():
        conv.weight.copy_(linear.weight[:, :, None, None])
        if bias and linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


def _ones(conv):
    for parameter in conv.parameters():
        nn.init.ones_(parameter)
    return conv


EXERCISE.wrong("not_copied")(lambda linear: _ones(_conv(linear)))
EXERCISE.wrong("linear_again")(lambda linear: nn.Linear(linear.in_features, linear.out_features))
EXERCISE.wrong("weight_only")(lambda linear: linear.weight[:, :, None, None])
EXERCISE.wrong("one_dimensional")(lambda linear: nn.Conv1d(linear.in_features, linear.out_features, 1))
EXERCISE.wrong("default_dtype")(lambda linear: _copy(_conv(linear, dtype=torch.float32), linear))
EXERCISE.wrong("frozen")(lambda linear: _copy(_conv(linear), linear).requires_grad_(False))
EXERCISE.wrong("padded")(lambda linear: _copy(_conv(linear, padding=1), linear))
EXERCISE.wrong("bias_as_flag")(
    lambda linear: nn.Conv2d(linear.in_features, linear.out_features, 1, bias=linear.bias)
)


@EXERCISE.wrong("bias_not_copied")
def _bias_not_copied(linear):
    return _copy(_ones(_conv(linear)), linear, bias=False)


@EXERCISE.wrong("bias_always")
def _bias_always(linear):
    return _copy(_ones(_conv(linear, bias=True)), linear)


@EXERCISE.wrong("bias_zero")
def _bias_zero(linear):
    conv = _conv(linear, bias=True)
    nn.init.zeros_(conv.bias)
    return _copy(conv, linear)


@EXERCISE.wrong("bias_never")
def _bias_never(linear):
    return _copy(_conv(linear, bias=False), linear, bias=False)


@EXERCISE.wrong("transposed")
def _transposed(linear):
    conv = _conv(linear)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.T[:, :, None, None])
    return conv


@EXERCISE.wrong("channels_swapped")
def _channels_swapped(linear):
    conv = nn.Conv2d(linear.out_features, linear.in_features, 1, bias=linear.bias is not None)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.T[:, :, None, None])
    return conv


@EXERCISE.wrong("reshaped_wrongly")
def _reshaped_wrongly(linear):
    conv = _conv(linear)
    with torch.no_grad():
        conv.weight.copy_(linear.weight.T.reshape(conv.weight.shape))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


@EXERCISE.wrong("three_by_three")
def _three_by_three(linear):
    conv = _conv(linear, kernel_size=3, padding=1)
    with torch.no_grad():
        conv.weight.copy_(linear.weight[:, :, None, None].expand_as(conv.weight))
        if linear.bias is not None:
            conv.bias.copy_(linear.bias)
    return conv


@EXERCISE.wrong("two_axes")
def _two_axes(linear):
    conv = _conv(linear)
    conv.weight.data = linear.weight.data.clone()
    if linear.bias is not None:
        conv.bias.data = linear.bias.data.clone()
    return conv


@EXERCISE.wrong("given_frozen")
def _given_frozen(linear):
    linear.requires_grad_(False)
    return _copy(_conv(linear), linear)


@EXERCISE.wrong("axes_not_added")
def _axes_not_added(linear):
    conv = _conv(linear)
    with torch.no_grad():
        conv.weight.copy_(linear.weight)
    return conv


@EXERCISE.wrong("no_grad_missing")
def _no_grad_missing(linear):
    conv = _conv(linear)
    conv.weight.copy_(linear.weight[:, :, None, None])
    return conv


@EXERCISE.wrong("tensor_assigned")
def _tensor_assigned(linear):
    conv = _conv(linear)
    conv.weight = linear.weight[:, :, None, None]
    return conv


@EXERCISE.wrong("linear_changed")
def _linear_changed(linear):
    conv = _conv(linear)
    linear.weight.data = linear.weight.data[:, :, None, None]
    conv.weight = linear.weight
    if linear.bias is not None:
        conv.bias = linear.bias
    return conv


@EXERCISE.accepted
def by_state_dict(linear):
    state = dict(linear.state_dict())
    state["weight"] = state["weight"][..., None, None]
    conv = nn.Conv2d(linear.in_features, linear.out_features, 1, bias="bias" in state).to(linear.weight.dtype)
    conv.load_state_dict(state)
    return conv


@EXERCISE.accepted
def new_parameters(linear):
    c_out, c_in = linear.weight.shape
    conv = nn.Conv2d(c_in, c_out, (1, 1), bias=False)
    conv.weight = nn.Parameter(linear.weight.detach().clone().view(c_out, c_in, 1, 1))
    if linear.bias is not None:
        conv.bias = nn.Parameter(linear.bias.detach().clone())
    return conv


@EXERCISE.accepted
def shared_storage(linear):
    conv = nn.Conv2d(linear.in_features, linear.out_features, 1, bias=linear.bias is not None)
    conv.weight.data = linear.weight.data.unsqueeze(-1).unsqueeze(-1)
    if linear.bias is not None:
        conv.bias.data = linear.bias.data
    return conv
