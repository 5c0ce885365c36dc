"""capstone.very_deep: a start for a whole network under which every block is the identity and all of it learns."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.residual import ResidualAttentionP1, ResidualAttentionP2, ResidualAttentionP4

KINDS = (ResidualAttentionP2, ResidualAttentionP4)
STEP = 0.02


def prepare(network):
    for block in network.modules():
        if isinstance(block, (ResidualAttentionP2, ResidualAttentionP4)):
            gate = block.attn if isinstance(block, ResidualAttentionP2) else block.attn_skip
            last = block.f[1].bn
            for tensor in (last.weight, last.bias, gate.fc2.weight, gate.fc2.bias):
                nn.init.zeros_(tensor)
    return network


class Head(nn.Module):
    """A classifier whose layers are called as those of a gate are."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(10, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x.mean((2, 3)))))


def _p1(channels):
    return ResidualAttentionP1(channels, "se", 2, act=None, start="double")


def _p2(channels, cout=None):
    return ResidualAttentionP2(channels, "se", 2, cout=cout, act=None, start="double")


def _p4(channels, cout=None):
    return ResidualAttentionP4(channels, "se", "se", 2, cout=cout, act=None, start="double")


def _filled(network, generator):
    """Random values everywhere: nothing is at its right value yet. No gate's hidden layer is dead by chance."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator) + 0.1)
            if name.endswith("fc1.bias"):
                parameter.abs_().add_(1)
    return network


def _network(generator):
    """Stem, blocks at three depths of nesting, one of them with a projection, head."""
    stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8))
    stages = nn.Sequential(nn.Sequential(_p2(8), _p4(8)), _p1(8), nn.Sequential(nn.Sequential(_p2(8, 10))))
    return _filled(nn.Sequential(stem, stages, _p4(10), Head()), generator)


def _one(generator):
    return [Case((_filled(_p2(8), generator),))]  # a network of one block


def _cases(generator):
    return [Case((_network(generator),)), *_one(generator)]


def _role(name: str, network: nn.Module) -> str:
    """A tensor's name inside its block, with the block's kind; "outside" for all others."""
    parts = name.split(".")
    for length in range(len(parts), -1, -1):
        owner = network.get_submodule(".".join(parts[:length])) if length < len(parts) else None
        if isinstance(owner, (*KINDS, ResidualAttentionP1)):
            kind = type(owner).__name__[-2:]
            return f"{kind} {'.'.join(parts[length:])}"
    return "outside"


class Start(CaseProbe):
    """Each block on its own: is it its skip path, what was changed for that, and what two steps then move."""

    def __init__(self, cases):
        super().__init__("start", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        (network,) = fresh_arguments(case)
        before = {name: p.detach().clone() for name, p in network.named_parameters()}
        bench._seed()
        result = bench.call(case, bench.subject, (network,))
        if isinstance(result, Raised):
            return result
        after = dict(network.named_parameters())
        blocks = [module for module in network.modules() if isinstance(module, KINDS)]
        changed = {_role(name, network) for name, p in after.items() if not torch.equal(p, before[name])}
        frozen = {_role(name, network) for name, p in after.items() if not p.requires_grad}
        identities = [self._identity(block) for block in blocks]
        one_of_each = {type(block).__name__[-2:]: block for block in blocks} if all(identities) else {}
        silent = [f"{kind} {name}" for kind, block in one_of_each.items() for name in _silent(block)]
        return {
            "returned": result is network,
            "identity": identities,
            "silent": sorted(silent),
            "frozen": sorted(frozen),
            "changed": sorted(changed),
        }

    @staticmethod
    def _identity(block: nn.Module) -> bool:
        x = _map(block)
        with torch.no_grad():
            return torch.allclose(block(x), block.proj(x), rtol=0, atol=1e-5)

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        if not found["returned"]:
            return own_finding("returned", bench, case)
        if "outside" in found["changed"]:
            return own_finding("outside", bench, case)
        if not all(found["identity"]):
            number = found["identity"].index(False) + 1
            return own_finding("identity", bench, case, block=number, blocks=len(found["identity"]))
        if found["frozen"]:
            return own_finding("frozen", bench, case, name=found["frozen"][0])
        if found["silent"]:
            return own_finding("silent", bench, case, name=found["silent"][0])
        extra = [name for name in found["changed"] if name not in expected["changed"]]
        return own_finding("changed", bench, case, name=extra[0]) if extra else None


def _map(block: nn.Module) -> torch.Tensor:
    return torch.randn(6, block.channels, 4, 3, generator=torch.Generator().manual_seed(5))


def _silent(block: nn.Module) -> list[str]:
    """The parameters that get a gradient of exactly 0, or none, in step 0 and in step 1."""
    x, named = _map(block), {name: p for name, p in block.named_parameters() if p.requires_grad}
    silent = set(named)
    for _ in range(2):
        y = block(x)
        loss = (y * y.detach().roll(1, 0)).sum()  # weights that differ from place to place
        found = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
        with torch.no_grad():
            for (name, parameter), gradient in zip(named.items(), found):
                if gradient is not None and gradient.any():
                    silent.discard(name)
                    parameter -= STEP * gradient
    return sorted(silent)


EXERCISE = Exercise(
    id="capstone.very_deep",
    kind="function",
    name="prepare",
    reference=prepare,
    may_use_course=True,
    probes=(Contract(_one), Start(_cases)),
)


def _blocks(network, kinds=KINDS):
    return [module for module in network.modules() if isinstance(module, kinds)]


def _on_the_way(block):
    """The gate that stands on the identity path."""
    return block.attn if isinstance(block, ResidualAttentionP2) else block.attn_skip


def _zero(*tensors):
    for tensor in tensors:
        nn.init.zeros_(tensor)


def _prepared(key, blocks=_blocks, norm=True, shift=True, gate=True, bias=True, then=None):
    """Registers prepare with some of the four zeros left out, for other blocks, or with something more."""

    def answer(network):
        for block in blocks(network):
            last, fc2 = block.f[1].bn, getattr(block, "attn_skip", None) or block.attn
            tensors = (last.weight, last.bias, fc2.fc2.weight, fc2.fc2.bias)
            _zero(*(t for t, wanted in zip(tensors, (norm, shift, gate, bias)) if wanted))
            if then is not None:
                then(block)
        return network

    answer.__name__ = "prepare"
    EXERCISE.wrong(key)(answer)


def _last_in_the_list(block):
    _zero([m for m in block.modules() if isinstance(m, nn.BatchNorm2d)][-1].weight)
    _zero([m for m in block.modules() if isinstance(m, nn.BatchNorm2d)][-1].bias)


def _all_norms(block):
    for module in block.modules():
        if isinstance(module, nn.BatchNorm2d):
            _zero(module.weight, module.bias)


def _both_gates(block):
    if isinstance(block, ResidualAttentionP4):
        _zero(block.attn_res.fc2.weight, block.attn_res.fc2.bias)


def _wrong_gate(block):
    gate = block.attn_res if isinstance(block, ResidualAttentionP4) else block.attn
    _zero(gate.fc2.weight, gate.fc2.bias)


def _freeze(block):
    block.f[1].bn.weight.requires_grad_(False)


def _open_gate(block):
    nn.init.constant_(_on_the_way(block).fc2.bias, 3.0)


_prepared("gate_left", gate=False, bias=False)
_prepared("gate_bias_left", bias=False)
_prepared("gate_weight_left", gate=False)
_prepared("gamma_left", norm=False)
_prepared("branch_left", norm=False, shift=False)
_prepared("shift_left", shift=False)
_prepared("p4_forgotten", blocks=lambda network: _blocks(network, ResidualAttentionP2))
_prepared("p2_forgotten", blocks=lambda network: _blocks(network, ResidualAttentionP4))
_prepared("p1_too", blocks=lambda network: _blocks(network, (*KINDS, ResidualAttentionP1)))
_prepared("top_level_only", blocks=lambda network: [b for b in network.children() if isinstance(b, KINDS)])
_prepared("first_only", blocks=lambda network: _blocks(network)[:1])
_prepared("without_projection", blocks=lambda network: [b for b in _blocks(network) if not list(b.proj.parameters())])
_prepared("every_norm", then=_all_norms)
_prepared("last_in_the_list", norm=False, shift=False, then=_last_in_the_list)
_prepared("first_norm", norm=False, shift=False, then=lambda b: _zero(b.f[0].bn.weight, b.f[0].bn.bias))
_prepared("convolution_zeroed", norm=False, then=lambda b: _zero(b.f[1].conv.weight))
_prepared("convolution_too", then=lambda b: _zero(b.f[1].conv.weight))
_prepared("branch_gate_too", then=_both_gates)
_prepared("branch_gate_only", gate=False, bias=False, then=_wrong_gate)
_prepared("both_layers", then=lambda b: _zero(_on_the_way(b).fc1.weight, _on_the_way(b).fc1.bias))
_prepared(
    "first_layer", gate=False, then=lambda b: _zero(_on_the_way(b).fc1.weight, _on_the_way(b).fc1.bias)
)
_prepared("open_bias", then=_open_gate)
_prepared("frozen", then=_freeze)
_prepared("all_zero", then=lambda b: _zero(*b.f.parameters(), *_on_the_way(b).parameters()))


@EXERCISE.wrong("by_name")
def _by_name(network):
    prepare(network)
    for name, parameter in network.named_parameters():
        if "fc2" in name and "attn_res" not in name:
            _zero(parameter)
    return network


@EXERCISE.wrong("drawn_anew")
def _drawn_anew(network):
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
    return prepare(network)


@EXERCISE.wrong("copied")
def _copied(network):
    import copy

    return prepare(copy.deepcopy(network))


@EXERCISE.wrong("nothing_returned")
def _nothing_returned(network):
    prepare(network)


@EXERCISE.accepted
def by_attribute(network):
    def visit(module):
        if type(module).__name__.endswith(("P2", "P4")):
            nn.init.constant_(module.f[-1].bn.weight, 0.0)
            module.f[-1].bn.bias.data.zero_()
            fc2 = (module.attn_skip if hasattr(module, "attn_skip") else module.attn).fc2
            fc2.weight.data.mul_(0.0)
            fc2.bias.data.fill_(0.0)
        for child in module.children():
            visit(child)

    visit(network)
    return network


@EXERCISE.accepted
def with_the_course(network):
    from seattn_course.residual.starts import zero_branch

    for module in network.modules():
        match module:
            case ResidualAttentionP2():
                parts = (module.f, module.attn.fc2)
            case ResidualAttentionP4():
                parts = (module.f, module.attn_skip.fc2)
            case _:
                parts = ()
        for part in parts:
            zero_branch(part)
    return network
