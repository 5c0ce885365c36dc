"""capstone.invent_and_refute: an attention of one's own, what is claimed of it, and the control that could refute it."""

import torch
from torch import nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.inventions import (
    ContextPool,
    Fixed,
    Neighbours,
    Places,
    PlacesUnasked,
    Product,
    Squeezed,
    Strips,
    StripsUnasked,
    Surprise,
    Unasked,
)
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.designs import (
    DesignClaims,
    DesignControl,
    DesignForm,
    DesignGates,
    DesignLearns,
    DesignRuns,
)


class RelativeSpread(nn.Module):
    """Gates from the spread of each channel, relative to that of all."""

    def __init__(self, channels):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(channels, 4), nn.Linear(4, channels)

    def gate(self, x):
        z = x.std(dim=(2, 3), correction=0)  # (N, C)
        z = z / (z.mean(dim=1, keepdim=True) + 1e-6)
        return torch.sigmoid(self.fc2(torch.tanh(self.fc1(z))))[:, :, None, None]

    def forward(self, x):
        return x * self.gate(x)


class Unmoved(RelativeSpread):
    """The same layers, asked about a learned vector in place of the image."""

    def __init__(self, channels):
        super().__init__(channels)
        self.z = nn.Parameter(torch.ones(channels))

    def gate(self, x):
        return torch.sigmoid(self.fc2(torch.tanh(self.fc1(self.z))))[:, None, None]


def design(channels):
    claims = {"same_everywhere": True, "ignores_order": True, "ignores_scale": True}
    return RelativeSpread(channels), Unmoved(channels), claims


def _one(generator):
    return [Case((8,))]


EXERCISE = Exercise(
    id="capstone.invent_and_refute",
    kind="function",
    name="design",
    reference=design,
    probes=(
        Contract(_one),
        DesignForm(),
        DesignRuns(),
        DesignGates(),
        DesignLearns(),
        DesignControl(),
        DesignClaims(),
    ),
)


def _claims(everywhere, order, scale):
    return dict(zip(("same_everywhere", "ignores_order", "ignores_scale"), (everywhere, order, scale)))


def _design(attention=Squeezed, control=Unasked, claims=(True, True, False), then=lambda made: made):
    def design(channels):
        return then((attention(channels), control(channels), _claims(*claims)))

    return design


def _wrong(key, *parts, **changes):
    EXERCISE.wrong(key)(_design(*parts, **changes))


def _gated(base, **methods):
    """A class of ``base`` with another gate or forward: written as functions of the module and the map."""
    return type("Changed", (base,), methods)


def _shut_out(module, x):
    return Squeezed.gate(module, x).detach()


def _with_noise(module, x):
    return Squeezed.gate(module, x) * torch.rand(x.shape[:2], dtype=x.dtype, device=x.device)[:, :, None, None]


def _over_the_batch(module, x):
    return Squeezed.gate(module, x.mean(0, keepdim=True))


def _in_place(module, x):
    x *= module.gate(x)
    return x


class _Idle(Squeezed):
    def __init__(self, channels):
        super().__init__(channels)
        self.spare = nn.Linear(3, 2)


class _IdleControl(Fixed):
    """Brought to the number by parameters that nobody asks."""

    def __init__(self, channels):
        super().__init__(channels)
        self.ballast = nn.Parameter(torch.zeros(7 * channels + 3))


class _InAList(Squeezed):
    """Its first layer is in a plain list: it stays in float32, on the CPU, and is not trained."""

    def __init__(self, channels):
        super().__init__(channels)
        self.layers = [nn.Linear(channels, channels)]

    def gate(self, x):
        z = self.layers[0](x.mean((2, 3)))
        return torch.sigmoid(self.up(torch.tanh(self.down(z))))[:, :, None, None]


class _FixedSize(Places):
    def __init__(self, channels):
        super().__init__(channels)
        self.where = nn.Parameter(torch.zeros(5, 7))

    def gate(self, x):
        return super().gate(x) * torch.sigmoid(self.where)


class _LargeControl(Unasked):
    def __init__(self, channels):
        super().__init__(channels)
        self.more = nn.Linear(channels, channels)

    def gate(self, x):
        return torch.sigmoid(self.more(super().gate(x).flatten()))[:, None, None]


def _one_module(made):
    attention, _, claims = made
    return attention, attention, claims


def _one_layer(made):
    made[1].down = made[0].down
    return made


_wrong("attention_only", then=lambda made: made[0])
_wrong("two_of_three", then=lambda made: made[:2])
_wrong("classes", then=lambda made: (Squeezed, Unasked, made[2]))
_wrong("same_module_twice", then=_one_module)
_wrong("claims_named_otherwise", then=lambda made: (*made[:2], made[2] | {"ignores_place": True}))
_wrong("claims_as_text", then=lambda made: (*made[:2], {name: str(claim) for name, claim in made[2].items()}))
_wrong("gate_returned", _gated(Squeezed, forward=lambda module, x: module.gate(x)))
_wrong("fixed_size", _FixedSize, PlacesUnasked, (False, False, False))
_wrong("spread_of_one_pixel", lambda channels: Squeezed(channels, squeeze=lambda x: x.std((2, 3))))
_wrong("in_place", _gated(Squeezed, forward=_in_place))
_wrong("layers_in_a_list", _InAList)
_wrong("device_named", _gated(Squeezed, gate=lambda module, x: (
    Squeezed.gate(module, x) * torch.ones(1, dtype=x.dtype, device="cpu"))))  # fmt: skip
_wrong("added", _gated(Squeezed, forward=lambda module, x: x + module.gate(x)))
_wrong("logits", _gated(Squeezed, gate=lambda module, x: torch.logit(Squeezed.gate(module, x))))
_wrong("over_the_batch", _gated(Squeezed, gate=_over_the_batch))
_wrong("noise", _gated(Squeezed, gate=_with_noise))
_wrong("constant", Unasked, Unasked)
_wrong("detached", _gated(Squeezed, gate=_shut_out))
_wrong("without_gradient_to_x", _gated(Squeezed, gate=lambda module, x: Squeezed.gate(module, x.detach())))
_wrong("idle_layer", _Idle, _LargeControl)
_wrong("control_asks", Squeezed, Squeezed)
_wrong("control_adds", Squeezed, _gated(Unasked, forward=lambda module, x: x + module.gate(x)))
_wrong("control_too_small", Squeezed, Fixed)
_wrong("control_too_large", Squeezed, _LargeControl)
_wrong("control_with_ballast", Squeezed, _IdleControl)
_wrong("control_frozen", then=lambda made: (made[0], made[1].requires_grad_(False), made[2]))
_wrong("exchanged", then=lambda made: (made[1], made[0], made[2]))
_wrong("not_the_same_everywhere", Places, PlacesUnasked, (True, False, False))
_wrong("everywhere_not_seen", claims=(False, True, False))
_wrong("order_matters", Places, PlacesUnasked, (False, True, False))
_wrong("order_not_seen", claims=(True, False, False))
_wrong("scale_matters", claims=(True, True, True))
_wrong("scale_not_seen", RelativeSpread, Unmoved, (True, True, False))


def _accepted(name, *parts):
    made = _design(*parts)
    made.__name__ = name
    EXERCISE.accepted(made)


_accepted("se_like", Squeezed, Unasked, (True, True, False))
_accepted("eca_like", Neighbours, Fixed, (True, True, False))
_accepted("spatial_like", Places, PlacesUnasked, (False, False, False))
_accepted("strips_up_to_two", Strips, StripsUnasked, (False, False, False))
_accepted("context_pool", ContextPool, Unasked, (True, True, False))
_accepted("without_parameters", Surprise, lambda channels: nn.Identity(), (False, True, True))
_accepted(
    "largest_value",
    lambda channels: Squeezed(channels, squeeze=lambda x: x.flatten(2).amax(2)),
    Unasked,
    (True, True, False),
)
_accepted("narrow_relu", lambda channels: _Narrow(channels), lambda channels: _NarrowUnasked(channels))
_accepted("grouped", lambda channels: _Grouped(channels), Fixed, (True, True, False))


class _Narrow(Squeezed):
    """SE's usual two layers, with a single hidden unit, which is dead in many a random state."""

    def __init__(self, channels):
        super().__init__(channels)
        self.down, self.up = nn.Linear(channels, 1), nn.Linear(1, channels)

    def gate(self, x):
        return torch.sigmoid(self.up(torch.relu(self.down(self.squeeze(x)))))[:, :, None, None]


class _NarrowUnasked(_Narrow):
    def __init__(self, channels):
        super().__init__(channels)
        self.z = nn.Parameter(torch.ones(channels))

    def gate(self, x):
        return torch.sigmoid(self.up(torch.relu(self.down(self.z))))[:, None, None]


class _Grouped(Product):
    """One gate for each group of four channels, with a hard sigmoid."""

    def __init__(self, channels):
        super().__init__(channels)
        self.weight, self.bias = nn.Parameter(torch.ones(channels // 4)), nn.Parameter(torch.zeros(channels // 4))

    def gate(self, x):
        z = x.unflatten(1, (-1, 4)).mean((2, 3, 4))  # (N, C / 4)
        s = nn.functional.softsign(z * self.weight + self.bias) + 1
        return s.repeat_interleave(4, dim=1)[:, :, None, None]
