"""Parameters and buffers: filled with random numbers, and carried from the reference to the learner's module.

Default initialisation hides mistakes (at T=1 multiplying equals dividing, with zero biases a missing bias is
invisible), so every check runs on random values, the same in the reference and in the answer.
"""

import itertools
import zlib
from collections.abc import Iterator, Mapping

import torch
from torch import nn

# From the learner's tensor's name to the reference's tensor's name.
Assignment = dict[str, str]
MOST_ASSIGNMENTS = 24


def tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    """All parameters and floating-point buffers by name; a tensor that is used twice counts once."""
    named = dict(module.named_parameters())
    named.update((name, buffer) for name, buffer in module.named_buffers() if buffer.is_floating_point())
    return named


def core(shape: torch.Size) -> tuple[int, ...]:
    """The shape without axes of length 1: what a Linear layer and a 1x1 convolution have in common."""
    return tuple(size for size in shape if size != 1)


def random_like(tensor: torch.Tensor, seed: int, label: str, is_buffer: bool) -> torch.Tensor:
    """Random values of this shape that depend on nothing but ``seed``, ``label`` and the number of elements.

    Parameters are normal with standard deviation 0.8; buffers lie in 0.5 to 1.5, as a variance may not be
    negative.
    """
    generator = torch.Generator().manual_seed(zlib.crc32(f"{seed}/{label}".encode()))
    if is_buffer:
        values = torch.rand(tensor.numel(), generator=generator, dtype=torch.float64) + 0.5
    else:
        values = torch.randn(tensor.numel(), generator=generator, dtype=torch.float64) * 0.8
    return values.reshape(tensor.shape)


def randomise(module: nn.Module, seed: int) -> None:
    """Fill the module by position, so that two modules with the same layers in the same order get equal values."""
    buffers = {name for name, _ in module.named_buffers()}
    with torch.no_grad():
        for index, (name, tensor) in enumerate(tensors(module).items()):
            tensor.copy_(random_like(tensor, seed, f"{index}", name in buffers))


def assignments(own: Mapping[str, torch.Tensor], theirs: Mapping[str, torch.Tensor]) -> list[Assignment]:
    """The ways to carry the reference's tensors over that fit, best guess first: by name, order, layer, shape.

    Any of them is sound: if the answer agrees with the reference under one, it computes the same function and
    only stores its tensors under other names, in another order or transposed.
    """
    if len(own) != len(theirs):
        return []
    candidates = [{name: name for name in own}] if set(own) == set(theirs) else []
    candidates.append(dict(zip(own, theirs)))
    by_layer = list(itertools.islice(_by_layer(own, theirs), MOST_ASSIGNMENTS))
    # Tensor by tensor only where the layers are others; each way that is tried costs a run of the answer.
    candidates += by_layer or itertools.islice(_by_shape(own, theirs), MOST_ASSIGNMENTS)
    found = []
    for candidate in candidates:
        if candidate not in found and _fits(candidate, own, theirs):
            found.append(candidate)
    # Few store a matrix transposed; an assignment that needs no transpose is the likelier one.
    return sorted(found, key=lambda candidate: _transposed(candidate, own, theirs))


def carry(assignment: Assignment, module: nn.Module, theirs: Mapping[str, torch.Tensor]) -> bool:
    """Copy the reference's values into ``module``; False if a shape does not fit (another configuration)."""
    own = tensors(module)
    if set(own) != set(assignment) or not _fits(assignment, own, theirs):
        return False
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(_shaped(theirs[assignment[name]], tensor.shape))
    return True


def _by_layer(own: Mapping[str, torch.Tensor], theirs: Mapping[str, torch.Tensor]) -> Iterator[Assignment]:
    """Every way to pair layers that hold the same: a norm's four vectors stay together."""

    def layers(named: Mapping[str, torch.Tensor]) -> dict[tuple, list[list[str]]]:
        held: dict[str, dict[str, str]] = {}
        for name in named:
            layer, _, local = name.rpartition(".")
            held.setdefault(layer, {})[local] = name
        by_content: dict[tuple, list[list[str]]] = {}
        for locals_ in held.values():
            content = tuple((local, core(named[locals_[local]].shape)) for local in sorted(locals_))
            by_content.setdefault(content, []).append([locals_[local] for local, _ in content])
        return by_content

    for pairs in _pairings(layers(own), layers(theirs)):
        chosen = {name: other for mine, their in pairs for name, other in zip(mine, their)}
        yield {name: chosen[name] for name in own}


def _by_shape(own: Mapping[str, torch.Tensor], theirs: Mapping[str, torch.Tensor]) -> Iterator[Assignment]:
    """Every way to pair tensors of the same shape, transposed ones among them."""

    def groups(named: Mapping[str, torch.Tensor]) -> dict[tuple, list[str]]:
        by_shape: dict[tuple, list[str]] = {}
        for name, tensor in named.items():
            by_shape.setdefault(tuple(sorted(core(tensor.shape))), []).append(name)
        return by_shape

    for pairs in _pairings(groups(own), groups(theirs)):
        chosen = dict(pairs)
        yield {name: chosen[name] for name in own}


def _pairings(mine: Mapping[tuple, list], others: Mapping[tuple, list]) -> Iterator[Iterator[tuple]]:
    """The first ways to pair each group's members with those of the other side's group; none if sizes differ."""
    if {key: len(members) for key, members in mine.items()} != {
        key: len(members) for key, members in others.items()
    }:
        return
    # product() holds all that it is given, and nine tensors of one shape have 362,880 orders.
    orders = [itertools.islice(itertools.permutations(others[key]), MOST_ASSIGNMENTS) for key in mine]
    for order in itertools.product(*orders):
        yield zip(itertools.chain(*mine.values()), itertools.chain(*order))


def _fits(assignment: Assignment, own: Mapping[str, torch.Tensor], theirs: Mapping[str, torch.Tensor]) -> bool:
    return all(
        core(own[name].shape) in (core(theirs[other].shape), core(theirs[other].shape)[::-1])
        for name, other in assignment.items()
    )


def _transposed(
    assignment: Assignment, own: Mapping[str, torch.Tensor], theirs: Mapping[str, torch.Tensor]
) -> int:
    return sum(core(own[name].shape) != core(theirs[other].shape) for name, other in assignment.items())


def _shaped(values: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """``values`` in ``shape``: axes of length 1 do not matter, and a matrix may be stored transposed (x @ W)."""
    if core(values.shape) != core(shape):
        values = values.reshape(core(values.shape)).mT
    return values.reshape(shape)
