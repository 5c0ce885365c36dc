"""placement_and_debugging.shared_elements: what a network saves, wanted or not, by sharing parameters."""

import copy

import torch
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def shared_elements(model):
    places = sum(p.numel() for _, p in model.named_parameters(remove_duplicate=False))
    once = sum(p.numel() for p in model.parameters())
    return places - once


class _Tied(nn.Module):
    """Two layers of which only the weight is one and the same: a tensor can be shared without its module."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(5, 5), nn.Linear(5, 5)
        self.second.weight = self.first.weight


def _stack(attentions):
    return nn.Sequential(*(nn.Sequential(nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8), attn) for attn in attentions))


def _one(generator):
    return [Case((_stack([SEBlock(8, 2)] * 3),))]


def _cases(generator):
    first, second = SEBlock(8, 4), SEBlock(8, 2)
    frozen = SEBlock(8, 4).requires_grad_(False)
    return [
        *_one(generator),
        Case((_stack([SEBlock(8, 2) for _ in range(3)]),)),
        Case((_stack([first, second, first, second, first]),)),
        Case((_stack([copy.deepcopy(first), copy.deepcopy(first)]),)),  # equal values, two modules
        Case((_Tied(),)),
        Case((_stack([frozen, frozen]),)),
        Case((nn.Sequential(nn.BatchNorm2d(6), *[nn.BatchNorm2d(6)] * 2),)),
    ]


EXERCISE = Exercise(
    id="placement_and_debugging.shared_elements",
    kind="function",
    name="shared_elements",
    reference=shared_elements,
    may_use_course=True,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
)


def _everywhere(model):
    return list(model.named_parameters(remove_duplicate=False))


@EXERCISE.wrong("nothing_found")
def _nothing_found(model):
    return sum(p.numel() for _, p in model.named_parameters()) - sum(p.numel() for p in model.parameters())


@EXERCISE.wrong("all_places")
def _all_places(model):
    return sum(p.numel() for _, p in _everywhere(model))


@EXERCISE.wrong("once")
def _once(model):
    return sum(p.numel() for p in model.parameters())


@EXERCISE.wrong("negative")
def _negative(model):
    return -shared_elements(model)


@EXERCISE.wrong("tensors_counted")
def _tensors_counted(model):
    return len(_everywhere(model)) - len(list(model.parameters()))


@EXERCISE.wrong("each_shared_once")
def _each_shared_once(model):
    """The elements of what is shared, however often."""
    seen, shared = set(), {}
    for _, p in _everywhere(model):
        if id(p) in seen:
            shared[id(p)] = p.numel()
        seen.add(id(p))
    return sum(shared.values())


@EXERCISE.wrong("first_place_too")
def _first_place_too(model):
    places = {}
    for _, p in _everywhere(model):
        places.setdefault(id(p), []).append(p.numel())
    return sum(sum(sizes) for sizes in places.values() if len(sizes) > 1)


@EXERCISE.wrong("equal_values")
def _equal_values(model):
    total, seen = 0, []
    for _, p in _everywhere(model):
        if any(p.shape == other.shape and torch.equal(p, other) for other in seen):
            total += p.numel()
        seen.append(p)
    return total


@EXERCISE.wrong("equal_shapes")
def _equal_shapes(model):
    total, seen = 0, set()
    for _, p in _everywhere(model):
        total += p.numel() if tuple(p.shape) in seen else 0
        seen.add(tuple(p.shape))
    return total


@EXERCISE.wrong("modules_only")
def _modules_only(model):
    """Looks for modules that stand twice; a tensor can be shared by two modules."""
    total, seen = 0, set()
    for _, part in model.named_modules(remove_duplicate=False):
        own = sum(p.numel() for p in part.parameters(recurse=False))
        total += own if id(part) in seen else 0
        seen.add(id(part))
    return total


@EXERCISE.wrong("counted_at_every_level")
def _counted_at_every_level(model):
    """A module that stands twice is counted with its layers, and each of the layers once more."""
    total, seen = 0, set()
    for _, part in model.named_modules(remove_duplicate=False):
        total += sum(p.numel() for p in part.parameters()) if id(part) in seen else 0
        seen.add(id(part))
    return total


@EXERCISE.wrong("modules_visited_once")
def _modules_visited_once(model):
    total, seen = 0, set()
    for part in model.modules():
        for p in part.parameters(recurse=False):
            total += p.numel() if id(p) in seen else 0
            seen.add(id(p))
    return total


@EXERCISE.wrong("state_counted")
def _state_counted(model):
    return sum(t.numel() for t in model.state_dict().values()) - sum(p.numel() for p in model.parameters())


@EXERCISE.wrong("frozen_left_out")
def _frozen_left_out(model):
    places = sum(p.numel() for _, p in _everywhere(model) if p.requires_grad)
    return places - sum(p.numel() for p in model.parameters() if p.requires_grad)


@EXERCISE.wrong("buffers_too")
def _buffers_too(model):
    places = sum(b.numel() for _, b in model.named_buffers(remove_duplicate=False))
    return shared_elements(model) + places - sum(b.numel() for b in model.buffers())


@EXERCISE.wrong("share")
def _share(model):
    return shared_elements(model) / _all_places(model)


@EXERCISE.wrong("names_returned")
def _names_returned(model):
    kept = {name for name, _ in model.named_parameters()}
    return [name for name, _ in _everywhere(model) if name not in kept]


@EXERCISE.wrong("separated")
def _separated(model):
    """Counts right, and gives each place zeros of its own on the way."""
    result = shared_elements(model)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    return result


@EXERCISE.accepted
def by_identity(model):
    total, seen = 0, set()
    for module in [part for _, part in model.named_modules(remove_duplicate=False)]:
        for p in module._parameters.values():
            if p is not None:
                total += p.numel() if p in seen else 0
                seen.add(p)
    return total


@EXERCISE.accepted
def by_names(model):
    kept = dict(model.named_parameters())
    return sum(p.numel() for name, p in _everywhere(model) if name not in kept)
