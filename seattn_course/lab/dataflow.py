"""What flows where in a module: its layers and operations as a graph, found by running it once."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from seattn_course.arguments import module as must_be_module
from seattn_course.arguments import positive_int
from seattn_course.lab import profiling

KINDS = ("input", "conv", "norm", "act", "pool", "dropout", "attention", "add", "mul", "other")

_BY_CLASS = {
    (nn.modules.conv._ConvNd, nn.Linear): "conv",
    (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm): "norm",
    (nn.modules.dropout._DropoutNd,): "dropout",
    (nn.modules.pooling._MaxPoolNd, nn.modules.pooling._AvgPoolNd): "pool",
    (nn.modules.pooling._AdaptiveAvgPoolNd, nn.modules.pooling._AdaptiveMaxPoolNd): "pool",
}
_BY_OPERATION = {
    "add": "add", "add_": "add", "mul": "mul", "mul_": "mul",
    "convolution": "conv", "mm": "conv", "addmm": "conv",
    "native_batch_norm": "norm", "_native_batch_norm_legit": "norm", "cudnn_batch_norm": "norm",
    "mean": "pool", "amax": "pool", "max_pool2d_with_indices": "pool", "_adaptive_avg_pool2d": "pool",
    "avg_pool2d": "pool", "native_dropout": "dropout",
    "relu": "act", "relu_": "act", "silu": "act", "silu_": "act", "sigmoid": "act", "sigmoid_": "act",
    "tanh": "act", "hardsigmoid": "act", "hardswish": "act", "gelu": "act",
}  # fmt: skip
_UNSEEN = {"detach", "clone", "_to_copy", "alias", "lift_fresh", "contiguous"}


@dataclass(frozen=True)
class Node:
    """One layer, attention or operation, as it ran."""

    kind: str  # one of KINDS
    name: str  # the layer's name in the module; the operation's, such as "add", where no layer did it
    layer: nn.Module | None  # a copy on the meta device, with the layer's settings; None for an operation
    sources: tuple[int, ...]  # the nodes whose results went in, in the order of the arguments
    shape: tuple[int, ...]  # of the result
    parameters: int  # trainable; a layer that runs twice counts where it runs first
    macs: int  # of the layer; those of operations outside layers count in the whole only


@dataclass(frozen=True)
class Dataflow:
    """Nodes in the order in which they ran; the first is the input."""

    nodes: tuple[Node, ...]
    output: int  # the node whose result the module returned
    parameters: int
    macs: int

    def used(self, node: int) -> list[int]:
        """The nodes that take ``node``'s result, in order."""
        return [index for index, other in enumerate(self.nodes) if node in other.sources]


def dataflow(model: nn.Module, shape: Sequence[int], closed: tuple[type[nn.Module], ...] = ()) -> Dataflow:
    """The graph of ``model`` for an input of ``shape`` (N, C, H, W).

    A copy of the model runs on the meta device: shapes and the way of the data, no numbers, and the model stays
    as it was. A node is a module without children, an attention (a module inside ``model`` that has a method
    ``gate``), a module of a class in ``closed``, or an operation that a forward method does itself. What returns
    its input untouched (the identity, an empty attention slot, dropout with p = 0) is no node; dropout with
    another p is one, as it is in training. A layer that works
    in place takes the place of its input from there on, as it does in the memory.

    TypeError if ``model`` is no module or ``shape`` is no sequence of positive integers, or if the model does not
    return a tensor that depends on its input.

    >>> graph = dataflow(nn.Sequential(nn.Conv2d(3, 8, 1), nn.Identity(), nn.ReLU()), (1, 3, 5, 7))
    >>> [(node.kind, node.sources) for node in graph.nodes]
    [('input', ()), ('conv', (0,)), ('act', (1,))]
    """
    must_be_module("model", model)
    shape = tuple(positive_int(f"shape[{axis}]", size) for axis, size in enumerate(shape))
    twin = copy.deepcopy(model).to("meta").eval()  # batch norm in training refuses a single value
    for part in twin.modules():
        part.train(_kind(part) == "dropout")
    x = torch.empty(shape, device="meta")
    with torch.no_grad():
        counts = profiling.macs(twin, x)
        recorder = _Recorder(twin, counts.by_module, closed)
        output = recorder.run(x)
    return Dataflow(tuple(recorder.nodes), output, profiling.parameters(model).trainable, counts.total)


class _Recorder(TorchDispatchMode):
    """Hooks note the layers; as a dispatch mode it notes the operations between them."""

    def __init__(self, twin: nn.Module, macs: dict[str, int], closed: tuple[type[nn.Module], ...]):
        super().__init__()
        self.twin = twin
        self.macs = macs
        self.paths = {part: path for path, part in twin.named_modules()}
        self.nodes: list[Node] = []
        self.owner: dict[int, int] = {}  # id of a tensor -> the node whose result it is
        self.kept: list[Tensor] = []  # a tensor that is gone could leave its id to another
        self.inside: nn.Module | None = None  # the closed layer that is running
        self.worked = False  # whether it did anything
        self.counted: set[nn.Module] = set()
        self.closed = closed

    def run(self, x: Tensor) -> int:
        layers = [part for part in self.twin.modules() if part is not self.twin and self._is_closed(part)]
        layers = layers or [self.twin]
        hooks = [layer.register_forward_pre_hook(self._enter) for layer in layers]
        hooks += [layer.register_forward_hook(self._leave) for layer in layers]
        try:
            self._note("input", "x", None, (), x)
            with self:
                y = self.twin(x)
        finally:
            for hook in hooks:
                hook.remove()
        if not isinstance(y, Tensor) or id(y) not in self.owner:
            raise TypeError(f"model must return a tensor that depends on its input, got {type(y).__name__}")
        return self.owner[id(y)]

    def _is_closed(self, part: nn.Module) -> bool:
        return not list(part.children()) or callable(getattr(part, "gate", None)) or isinstance(part, self.closed)

    def _enter(self, layer: nn.Module, arguments: Any) -> None:
        if self.inside is None:
            self.inside, self.worked = layer, False

    def _leave(self, layer: nn.Module, arguments: tuple, result: Any) -> None:
        if self.inside is not layer:
            return
        self.inside = None
        sources = self._sources(arguments)
        if self.worked and sources and isinstance(result, Tensor):
            self._note(_kind(layer), self.paths[layer], layer, sources, result)

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        if self.inside is not None:
            self.worked = True
            return result
        sources = self._sources(args)
        first = result[0] if isinstance(result, (tuple, list)) and result else result
        name = operation.overloadpacket.__name__
        if not sources or not isinstance(first, Tensor):
            return result
        if operation.is_view or name in _UNSEEN:
            self.owner[id(first)] = sources[0]
            self.kept.append(first)
        else:
            self._note(_BY_OPERATION.get(name, "other"), name.strip("_"), None, sources, first)
        return result

    def _sources(self, arguments: Any) -> tuple[int, ...]:
        lists = (argument if isinstance(argument, (tuple, list)) else [argument] for argument in arguments)
        tensors = (part for parts in lists for part in parts if isinstance(part, Tensor))  # cat takes a list
        return tuple(self.owner[id(part)] for part in tensors if id(part) in self.owner)

    def _note(
        self, kind: str, name: str, layer: nn.Module | None, sources: tuple[int, ...], result: Tensor
    ) -> None:
        parameters = macs = 0
        if layer is not None and layer not in self.counted:
            self.counted.add(layer)
            parameters, macs = profiling.parameters(layer).trainable, self.macs.get(self.paths[layer], 0)
        self.nodes.append(Node(kind, name, layer, sources, tuple(result.shape), parameters, macs))
        self.owner[id(result)] = len(self.nodes) - 1
        self.kept.append(result)


def _kind(layer: nn.Module) -> str:
    if callable(getattr(layer, "gate", None)):
        return "attention"
    for classes, kind in _BY_CLASS.items():
        if isinstance(layer, classes):
            return kind
    return "act" if type(layer).__module__ == "torch.nn.modules.activation" else "other"
