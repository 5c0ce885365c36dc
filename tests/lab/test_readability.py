"""A gate whose working is known by construction: it is read, and its swap does what it must."""

import pytest
import torch
from torch import nn

from seattn_course.attention import CBAM, ECA, CoordinateAttention, IdentityAttention, SEBlock, SpatialAttention
from seattn_course.lab.data import Batch, keybar, marker, orientations
from seattn_course.lab.readability import cue_decoding, gate_kind, gate_swap, gates
from seattn_course.models import LocalFeatures

BATCH, LABELS = keybar(300, 5), orientations(300, 5)


class NoGate(nn.Module):
    def forward(self, x):
        return x


class LayerAsGate(NoGate):
    """A learner's module often has a layer of this name."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(5, 5)


class ResidualGate(SEBlock):
    def forward(self, x):
        return x * (1 + self.gate(x))


class PairOfGates(NoGate):
    def gate(self, x):
        return x, x


class CubeOfGates(NoGate):
    def gate(self, x):
        return x.mean((2, 3))


@pytest.mark.parametrize(
    ("attention", "kind"),
    [
        (SEBlock(24, 8), "product"),
        (ECA(24), "product"),
        (CBAM(24), "product"),
        (SpatialAttention(24), "product"),
        (CoordinateAttention(24), "product"),
        (IdentityAttention(), "product"),
        (ResidualGate(24), "factor"),
        (NoGate(), "absent"),
        (LayerAsGate(), "unusable"),
        (PairOfGates(), "unusable"),
        (CubeOfGates(), "unusable"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_kinds_of_gates(attention, kind):
    attention.train()
    assert gate_kind(attention, torch.randn(4, 24, 7, 7)) == kind
    assert attention.training, "left in its mode"


@pytest.mark.parametrize("task", [keybar, marker], ids=["keybar", "marker"])
def test_orientations_are_those_of_the_images(task):
    batch, which = task(50, 3), orientations(50, 3)
    assert torch.equal(which[torch.arange(50), batch.cue], batch.labels)


def test_the_cue_is_decoded_where_it_is_and_only_there():
    noise = torch.rand(300, 6, 1, 1, generator=torch.Generator().manual_seed(0))
    told = torch.eye(3)[BATCH.cue][:, :, None, None]
    assert cue_decoding([noise, told + noise[:, :3]], BATCH.cue) > 0.9
    assert cue_decoding([noise], BATCH.cue) < 0.5
    assert cue_decoding([torch.ones(300, 6, 1, 1)], BATCH.cue) < 0.45
    with pytest.raises(ValueError, match="found must hold gates of 300 images"):
        cue_decoding([noise[:10]], BATCH.cue)


class Oracle(nn.Module):
    """A gate that is open at one channel, the one with the cue's number."""

    def gate(self, x):
        return torch.eye(24)[BATCH.cue][:, :, None, None]

    def forward(self, x):
        return x * self.gate(x)


class Reader(nn.Module):
    """A head that knows all three labels of each image and takes the one that the gate, its input, names."""

    def forward(self, x):
        cue = x[:, :3, 0, 0].argmax(1)
        return torch.eye(4)[LABELS.gather(1, cue[:, None]).squeeze(1)]


class Known(LocalFeatures):
    """The gate decides (``by_gate``), or it has no say at all."""

    def __init__(self, by_gate):
        super().__init__(attention=lambda channels: Oracle())
        self.by_gate, self.reader = by_gate, Reader()

    def forward(self, x):
        ones = torch.ones(len(x), 24, 7, 7)
        for block in self.blocks:
            gated = block.attn(ones)
        return self.reader(gated) if self.by_gate else torch.eye(4)[BATCH.labels]


def test_a_gate_that_decides_is_followed_and_one_that_does_not_is_not():
    decides = gate_swap(Known(by_gate=True), BATCH, LABELS)
    assert (decides.follow, decides.stay) == (1, 0)
    assert decides.images == pytest.approx(300 * 0.75, abs=30)
    assert decides.changed == pytest.approx(decides.images / 300)
    assert decides.mean_gate < 0.7
    idle = gate_swap(Known(by_gate=False), BATCH, LABELS)
    assert (idle.follow, idle.stay, idle.changed, idle.mean_gate) == (0, 1, 0, 1)


def test_gates_are_taken_from_each_block():
    model = Known(by_gate=True)
    found = gates(model, BATCH.images)
    assert [gate.shape for gate in found] == [(300, 24, 1, 1)] * 2
    assert cue_decoding(found, BATCH.cue) == 1
    assert not any(block.attn._forward_hooks for block in model.blocks), "the hooks are gone"


def test_gates_that_cannot_be_swapped():
    batch, which = keybar(40, 1), orientations(40, 1)
    with pytest.raises(ValueError, match="gate that is absent"):
        gates(LocalFeatures(attention=lambda channels: NoGate()), batch.images)
    with pytest.raises(ValueError, match=r"x \* gate\(x\)"):
        gate_swap(LocalFeatures(attention=ResidualGate), batch, which)
    with pytest.raises(ValueError, match="labels_by_cue"):
        gate_swap(LocalFeatures(attention="se"), batch, (which + 1) % 4)
    with pytest.raises(TypeError, match="model must be a LocalFeatures"):
        gates(nn.Identity(), batch.images)
    with pytest.raises(ValueError, match="one attention a block, got ResidualAttentionP4 with two"):
        gates(LocalFeatures(attention="se", pattern="P4"), batch.images)
    alike = Batch(batch.images, batch.labels, torch.zeros_like(batch.cue))
    with pytest.raises(ValueError, match="another cue"):
        gate_swap(LocalFeatures(attention="se"), alike, batch.labels[:, None].expand(-1, 3))
