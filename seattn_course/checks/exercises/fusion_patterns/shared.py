"""fusion_patterns.shared: measure how many parameters a model lacks because modules or weights are shared."""

import copy

import torch
from torch import nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.placement import Gate, branch
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def hidden_by_sharing(model):
    everywhere = sum(p.numel() for _, p in model.named_parameters(remove_duplicate=False))
    return everywhere - sum(p.numel() for p in model.parameters())


class Block(nn.Module):
    """A residual block with an attention that was made elsewhere."""

    def __init__(self, channels, attention, attention_skip=None):
        super().__init__()
        self.f = branch(channels, channels)
        self.attn = attention
        self.attn_skip = attention_skip or nn.Identity()

    def forward(self, x):
        return (self.attn_skip(x) + self.attn(self.f(x))).relu()


def _row(*attentions):
    return nn.Sequential(*[Block(4, attention) for attention in attentions])


def _models(generator):
    torch.manual_seed(int(torch.randint(1000, (1,), generator=generator)))
    one, other = Gate(4, 3), Gate(4, 2)
    copied = copy.deepcopy(one)  # the same values, but weights of its own
    slots = Gate(4, 3)
    tied = nn.Sequential(nn.Linear(4, 6), nn.Linear(4, 6))
    tied[1].weight = tied[0].weight  # one tensor, not the whole layer
    frozen = Gate(4, 3).requires_grad_(False)
    norm = nn.BatchNorm2d(4)  # buffers are no parameters
    return {
        "one": _row(one, one, one, one),
        "copies": _row(one, copied, other),
        "two_pairs": nn.Sequential(_row(one, one), nn.Sequential(_row(other, other, copied))),
        "slots": Block(4, slots, slots),
        "tied": tied,
        "frozen": _row(frozen, frozen),
        "norm": nn.Sequential(norm, nn.ReLU(), norm),
    }


def _cases(generator):
    return [Case((model,)) for model in _models(generator).values()]


def _one(generator):
    return [Case((_models(generator)["one"],))]


EXERCISE = Exercise(
    id="fusion_patterns.shared",
    kind="function",
    name="hidden_by_sharing",
    reference=hidden_by_sharing,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
)


def _places(model):
    return [p for _, p in model.named_parameters(remove_duplicate=False)]


def _total(parameters):
    return sum(p.numel() for p in parameters)


@EXERCISE.wrong("counted_once_twice")
def _counted_once_twice(model):
    return sum(p.numel() for _, p in model.named_parameters()) - _total(model.parameters())


@EXERCISE.wrong("sign")
def _sign(model):
    return -hidden_by_sharing(model)


@EXERCISE.wrong("real_total")
def _real_total(model):
    return _total(model.parameters())


@EXERCISE.wrong("everywhere_total")
def _everywhere_total(model):
    return _total(_places(model))


@EXERCISE.wrong("tensors_counted")
def _tensors_counted(model):
    return len(_places(model)) - len(list(model.parameters()))


@EXERCISE.wrong("modules_counted")
def _modules_counted(model):
    return len(list(model.named_modules(remove_duplicate=False))) - len(list(model.modules()))


@EXERCISE.wrong("ratio")
def _ratio(model):
    return _total(_places(model)) / _total(model.parameters())


@EXERCISE.wrong("share")
def _share(model):
    return hidden_by_sharing(model) / _total(_places(model))


@EXERCISE.wrong("by_value")
def _by_value(model):
    hidden, seen = 0, []
    for p in _places(model):
        if any(q.shape == p.shape and torch.equal(q, p) for q in seen):
            hidden += p.numel()
        else:
            seen.append(p)
    return hidden


@EXERCISE.wrong("by_shape")
def _by_shape(model):
    places = _places(model)
    return _total(places) - _total({tuple(p.shape): p for p in places}.values())


@EXERCISE.wrong("shared_once")
def _shared_once(model):
    places = _places(model)
    return _total({id(p): p for p in places if sum(q is p for q in places) > 1}.values())


@EXERCISE.wrong("all_places_of_the_shared")
def _all_places_of_the_shared(model):
    places = _places(model)
    return _total(p for p in places if sum(q is p for q in places) > 1)


@EXERCISE.wrong("trainable_only")
def _trainable_only(model):
    return _total(p for p in _places(model) if p.requires_grad) - _total(
        p for p in model.parameters() if p.requires_grad
    )


@EXERCISE.wrong("attentions_only")
def _attentions_only(model):
    gates = [part for _, part in model.named_modules(remove_duplicate=False) if isinstance(part, Gate)]
    return _total(p for gate in gates for p in gate.parameters()) - _total(
        p for gate in set(gates) for p in gate.parameters()
    )


@EXERCISE.wrong("whole_modules_only")
def _whole_modules_only(model):
    leaves = [
        part for _, part in model.named_modules(remove_duplicate=False) if not list(part.children())
    ]
    return _total(p for leaf in leaves for p in leaf.parameters()) - _total(
        p for leaf in set(leaves) for p in leaf.parameters()
    )


@EXERCISE.wrong("children_only")
def _children_only(model):
    return _total(p for child in model.children() for p in child.parameters()) - _total(model.parameters())


@EXERCISE.wrong("inner_ones_again")
def _inner_ones_again(model):
    return _total(p for part in model.modules() for p in part.parameters()) - _total(model.parameters())


@EXERCISE.wrong("inside_of_the_shared_again")
def _inside_of_the_shared_again(model):
    hidden, seen = 0, set()
    for _, part in model.named_modules(remove_duplicate=False):
        hidden += _total(part.parameters()) if id(part) in seen else 0
        seen.add(id(part))
    return hidden


@EXERCISE.wrong("modules_once")
def _modules_once(model):
    own = [p for part in model.modules() for p in part.parameters(recurse=False)]
    return _total(own) - _total(model.parameters())


@EXERCISE.wrong("state_dict_whole")
def _state_dict_whole(model):
    return _total(model.state_dict().values()) - _total(model.parameters())


@EXERCISE.wrong("buffers_too")
def _buffers_too(model):
    everywhere = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers(remove_duplicate=False))
    return _total(everywhere.values()) - _total(model.parameters()) - _total(model.buffers())


@EXERCISE.wrong("copied_first")
def _copied_first(model):
    for part in list(model.modules()):
        for name, child in list(part.named_children()):
            setattr(part, name, copy.deepcopy(child))
    return _total(model.parameters()) - _total(_places(model))


@EXERCISE.wrong("separated")
def _separated(model):
    hidden = hidden_by_sharing(model)
    for part in list(model.modules()):
        for p in part.parameters(recurse=False):
            p.data.zero_()
    return hidden


@EXERCISE.accepted
def by_module(model):
    total = 0
    for _, part in model.named_modules(remove_duplicate=False):
        total += sum(p.numel() for p in part.parameters(recurse=False))
    return total - sum(p.numel() for p in model.parameters())


@EXERCISE.accepted
def by_identity(model):
    seen, hidden = set(), 0
    for _, p in model.named_parameters(remove_duplicate=False):
        if id(p) in seen:
            hidden += p.numel()
        seen.add(id(p))
    return hidden


@EXERCISE.accepted
def by_the_state_dict(model):
    keys = {name for name, _ in model.named_buffers(remove_duplicate=False)}
    stored = sum(tensor.numel() for name, tensor in model.state_dict().items() if name not in keys)
    return stored - sum(p.numel() for p in model.parameters())
