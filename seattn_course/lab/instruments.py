"""Instruments for a network that runs without an error and is wrong all the same (lesson 13).

Each asks one question and leaves the model as it found it: it works on a copy. Gradients by block are in
:mod:`~seattn_course.lab.gradients`, shared modules in :func:`~seattn_course.residual.shared_modules`.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seattn_course.arguments import feature_map, module
from seattn_course.lab.gradients import block_gradients
from seattn_course.lab.profiling import parameters
from seattn_course.residual import shared_modules


@dataclass(frozen=True)
class Call:
    """One layer's call: its name in the model, and the shapes that went in and came out."""

    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class Chart:
    """What all instruments say of one network; see :func:`examine`."""

    parameters: Mapping[str, int]  # trainable, by direct child
    gates: Mapping[str, Tensor]  # (N, C) of each gate function, in the order of the calls
    attention_gradients: Mapping[str, float]  # norm of the gradient at the parameters of each block's attention
    silent: tuple[str, ...]  # parameters that a step of training would leave alone
    shared: tuple[tuple[str, ...], ...]  # names of one and the same module
    leak: float  # how far the first image's result moves when the other images change
    overwritten: tuple[str, ...]  # blocks after whose call their input is another one
    skip_kept: Mapping[str, float]  # what is left of the skip when the branch is dead; 1 is all
    lowered: Mapping[str, float]  # share of values to which the branch adds something negative
    other_size: bool  # whether a map that is not square goes through


def shape_trace(model: nn.Module, x: Tensor) -> list[Call]:
    """The calls of all layers without layers inside, in the order in which they ran (eval mode).

    >>> shape_trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), torch.rand(2, 3, 5, 6))[0]
    Call(name='0', before=(2, 3, 5, 6), after=(2, 8, 3, 4))
    """
    twin = _copy(model).eval()
    calls: list[Call] = []
    for name, part in twin.named_modules():
        if not any(True for _ in part.children()):

            def note(layer: nn.Module, arguments: tuple, result: Tensor, name: str = name) -> None:
                calls.append(Call(name, tuple(arguments[0].shape), tuple(result.shape)))

            part.register_forward_hook(note)
    _run(twin, x)
    return calls


def gates(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What each module called ``gate_fn`` returned in eval mode, as (N, C), by its name in the model.

    A gate function that runs twice in a pass keeps its last result.

    >>> from seattn_course.attention import SEBlock
    >>> {name: s.shape for name, s in gates(SEBlock(8), torch.rand(2, 8, 5, 6)).items()}
    {'gate_fn': torch.Size([2, 8])}
    """
    twin = _copy(model).eval()
    seen: dict[str, Tensor] = {}
    for name, part in twin.named_modules():
        if name.rpartition(".")[2] == "gate_fn":

            def note(layer: nn.Module, arguments: tuple, s: Tensor, name: str = name) -> None:
                seen[name] = s.flatten(1).clone()

            part.register_forward_hook(note)
    _run(twin, x)
    return seen


def silent_parameters(model: nn.Module, x: Tensor) -> list[str]:
    """The trainable parameters that get no gradient, or one that is exactly 0, in training mode.

    The loss weighs the output with fixed random numbers, since a mean hides what a norm subtracts (erratum E18).
    """
    twin = _copy(model).train()
    twin.zero_grad(set_to_none=True)
    y = twin(x)
    weights = torch.randn(y.shape, generator=torch.Generator().manual_seed(0)).to(y)
    (y * weights).sum().backward()
    trained = {name: p.grad for name, p in twin.named_parameters() if p.requires_grad}
    return [name for name, gradient in trained.items() if gradient is None or not gradient.any()]


def image_leak(model: nn.Module, x: Tensor) -> float:
    """How far the first image's result moves, at most, when all others change; in eval mode it should not."""
    others = x.clone()
    others[1:] = 1 - 2 * x[1:]
    twin = _copy(model).eval()
    return (_run(twin, x)[0] - _run(twin, others)[0]).abs().max().item()


def overwritten_inputs(model: nn.Module, x: Tensor, blocks: Mapping[str, nn.Module]) -> list[str]:
    """The names of those ``blocks`` (modules of ``model``) whose call changes the tensor that they were given."""
    return [name for name, block in blocks.items() if not torch.equal(*_before_and_after(model, x, block))]


def skip_kept(block: nn.Module, x: Tensor) -> float:
    """RMS of the block's result with a dead branch, divided by that of its skip; a free skip gives exactly 1.

    block: one that ends its branch in ``conv2`` and has ``proj``, as ``PreActBlock``. Eval mode.
    """
    twin = _copy(block).eval()
    nn.init.zeros_(twin.conv2.weight)
    result = _run(twin, x)
    return (_rms(result) / _rms(_skip(block, x))).item()


def lowered(block: nn.Module, x: Tensor) -> float:
    """The share of values of the block's result below its skip's; a free branch lowers about half. Eval mode."""
    result = _run(_copy(block).eval(), x)
    return (result < _skip(block, x)).double().mean().item()


def takes(model: nn.Module, x: Tensor) -> bool:
    """Whether ``model(x)`` returns, in eval mode, rather than raising an error about shapes."""
    try:
        _run(_copy(model).eval(), x)
    except (RuntimeError, ValueError):
        return False
    return True


def examine(model: nn.Module, x: Tensor, blocks: Mapping[str, nn.Module]) -> Chart:
    """All instruments at once. blocks: the residual blocks of ``model`` by name, each with ``attn`` and ``proj``.

    The map that is not square is ``x`` without its last two rows.
    """
    feature_map("x", x)
    inputs = {name: _before_and_after(model, x, block)[0] for name, block in blocks.items()}
    attentions = {name: block.attn for name, block in blocks.items()}
    measured = block_gradients(model, x, dict(_distinct(attentions)))
    gradients = {row.name: row.parameter_gradient for row in measured}
    return Chart(
        parameters=parameters(model).by_child,
        gates=gates(model, x),
        attention_gradients=gradients,
        silent=tuple(silent_parameters(model, x)),
        shared=tuple(shared_modules(model)),
        leak=image_leak(model, x),
        overwritten=tuple(overwritten_inputs(model, x, blocks)),
        skip_kept={name: skip_kept(block, inputs[name]) for name, block in blocks.items()},
        lowered={name: lowered(block, inputs[name]) for name, block in blocks.items()},
        other_size=takes(model, x[..., :-2, :]),
    )


def _distinct(parts: Mapping[str, nn.Module]) -> list[tuple[str, nn.Module]]:
    """Each module once, under its first name."""
    first: dict[nn.Module, str] = {}
    for name, part in parts.items():
        first.setdefault(part, name)
    return [(name, part) for part, name in first.items()]


def _copy(model: nn.Module) -> nn.Module:
    module("model", model)
    return copy.deepcopy(model)


def _run(twin: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return twin(x.clone())


def _rms(values: Tensor) -> Tensor:
    return values.square().mean().sqrt()


def _skip(block: nn.Module, x: Tensor) -> Tensor:
    """What goes past the branch of a pre-activation block, computed apart from the block's own forward."""
    twin = _copy(block).eval()
    with torch.no_grad():
        return twin.proj(twin.act1(twin.bn1(x.clone()))) if twin.projects else x


def _before_and_after(model: nn.Module, x: Tensor, block: nn.Module) -> tuple[Tensor, Tensor]:
    """The block's input as it came, and the same tensor after the block has run (eval mode)."""
    paths = {inner: path for path, inner in model.named_modules()}
    if block not in paths:
        raise ValueError(f"blocks must be modules inside model, got {type(block).__name__} from elsewhere")
    twin = _copy(model).eval()
    kept: dict[str, Tensor] = {}

    def enter(layer: nn.Module, arguments: tuple[Any, ...]) -> None:
        kept["before"] = arguments[0].clone()

    def leave(layer: nn.Module, arguments: tuple[Any, ...], result: Tensor) -> None:
        kept["after"] = arguments[0].clone()

    twin.get_submodule(paths[block]).register_forward_pre_hook(enter)
    twin.get_submodule(paths[block]).register_forward_hook(leave)
    _run(twin, x)
    return kept["before"], kept["after"]
