"""How strong signal and gradient are at each block: what lesson 12 plots against depth."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seattn_course.arguments import module


@dataclass(frozen=True)
class BlockGradient:
    """One block after one backward pass. Norms are Euclidean, over all elements."""

    name: str
    output_rms: float  # root mean square of the block's output
    output_gradient: float  # norm of d loss / d output
    parameter_gradient: float  # norm over the block's parameters; exactly 0 where nothing arrives


def block_gradients(
    model: nn.Module,
    x: Tensor,
    blocks: Mapping[str, nn.Module],
    loss: Callable[[Tensor], Tensor] | None = None,
) -> list[BlockGradient]:
    """Signal and gradient at the output of each of ``blocks`` (modules of ``model`` by name), in training mode.

    ``loss`` maps the model's output to a scalar. The default weighs the output with fixed random numbers:
    a plain mean has next to no gradient behind a batch norm, whose outputs average to a constant (E18).
    Works on a copy: gradients, batch norm statistics and mode of ``model`` stay as they are. A block that
    the model calls more than once reports its last call.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
    >>> [g.name for g in block_gradients(net, torch.randn(2, 3, 5, 4), {"conv": net[0]})]
    ['conv']
    """
    module("model", model)
    paths = {inner: path for path, inner in model.named_modules()}
    for name, block in blocks.items():
        if block not in paths:
            kind = type(block).__name__
            raise ValueError(f"blocks[{name!r}] must be a module inside model, got {kind} from elsewhere")
    twin = copy.deepcopy(model).train()
    twin.zero_grad(set_to_none=True)
    chosen = {name: twin.get_submodule(paths[block]) for name, block in blocks.items()}
    outputs: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(block: nn.Module, arguments: Any, output: Tensor) -> None:
            output.retain_grad()
            outputs[name] = output

        return hook

    for name, block in chosen.items():
        block.register_forward_hook(keep(name))
    result = twin(x)
    if missing := [name for name in chosen if name not in outputs]:
        raise ValueError(f"blocks must all take part in model(x), got {missing} that did not run")
    (_weighed(result) if loss is None else loss(result)).backward()
    return [
        BlockGradient(name, _rms(out), _norm([out.grad]), _norm(p.grad for p in chosen[name].parameters()))
        for name, out in ((name, outputs[name]) for name in chosen)
    ]


def _weighed(output: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(0)  # on the CPU: the same weights on every device
    weights = torch.randn(output.shape, generator=generator).to(output)
    return (output * weights).sum()


def _rms(values: Tensor) -> float:
    return values.detach().square().mean().sqrt().item()


def _norm(gradients: Iterable[Tensor | None]) -> float:
    return sum(g.square().sum().item() for g in gradients if g is not None) ** 0.5
