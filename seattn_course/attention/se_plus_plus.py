"""SEPlusPlus: the SE family as one block with switches; SEPlusPlusV2: the same with options that learn."""

import torch
import torch.nn.functional as F
from torch import nn

from seattn_course import arguments
from seattn_course.attention.pooling import squeeze_max, squeeze_mean
from seattn_course.attention.se_variants import gate_function
from seattn_course.attention.squeeze_excitation import SEBlock


class SEPlusPlus(SEBlock):
    """Mean squeeze, max squeeze or their sum; sigmoid or hard sigmoid; a bottleneck with a floor.

    s = gate(W2 silu(W1 z)), y_c = s_c * x_c, with z_c the sum of the enabled squeezes (SENet, Hu et al., eq. 3
    and 4, with delta = SiLU and sigma = gate). SEStable is ``use_max=False``, SEGated is the default.

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is s, (N, C, 1, 1).
    channels, reduction: C and r. min_hidden: floor under h = C // r. gate: "sigmoid" or "hardsigmoid", any case.
    use_avg, use_max: which squeezes to add; a disabled one is not computed.

    TypeError or ValueError, naming the argument, for wrong arguments, for no squeeze at all and for a wrong x.

    >>> sum(p.numel() for p in SEPlusPlus(64).parameters())
    580
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 16,
        min_hidden: int = 4,
        gate: str = "sigmoid",
        use_avg: bool = True,
        use_max: bool = True,
        *,
        bias: bool = True,
    ):
        super().__init__(channels, reduction, bias=bias, min_hidden=min_hidden)
        self.act = nn.SiLU()
        self.gate_fn = gate_function(gate)
        self.use_avg = arguments.flag("use_avg", use_avg)
        self.use_max = arguments.flag("use_max", use_max)
        if not (use_avg or use_max):
            raise ValueError("use_avg or use_max must be True, got use_avg=False and use_max=False")

    def squeeze(self, x: torch.Tensor) -> torch.Tensor:
        """z, (N, C, 1, 1): the enabled squeezes, added."""
        if not self.use_max:
            return squeeze_mean(x)
        if not self.use_avg:
            return squeeze_max(x)
        return self.fuse(squeeze_mean(x), squeeze_max(x))

    def fuse(self, avg: torch.Tensor, maximum: torch.Tensor) -> torch.Tensor:
        """One descriptor from two, all of them (N, C, 1, 1)."""
        return avg + maximum


class SEPlusPlusV2(SEPlusPlus):
    """:class:`SEPlusPlus` with a learnable fusion of the squeezes, a temperature, and a residual gate.

    s = gate(W2 silu(W1 z) / T), with z = w0 * avg + w1 * max and w = softmax(fusion_logits), or z = avg + max;
    y = s * x, or y = (1 + alpha * s) * x when ``residual`` (SENet, Hu et al., eq. 3 and 4; 1 + gate on a feature
    map: "attention residual learning", Wang et al. 2017).

    Shapes: x (N, C, H, W) -> y (N, C, H, W); ``gate(x)`` is s, (N, C, 1, 1), before alpha.
    channels, reduction, min_hidden, gate, use_avg, use_max: as SEPlusPlus. bias: biases in both layers.
    fusion: "softmax" or "sum"; plays no part with a single squeeze. ``fusion_logits`` exists only where it is used
        (E03). Two logits are one degree of freedom, shared by all channels; at the start z is half the sum.
    temperature: T, above ``eps``. A fixed T (buffer ``T``) is fc2 divided by T: another start, no new function
        (E10). A gate saturates later for T > 1 and sooner for T < 1.
    learnable_temperature: T = softplus(t_raw) + eps with a parameter ``t_raw``. Weight decay pulls T to ln 2.
    residual, alpha_init, learnable_alpha: ``alpha`` is a buffer or a parameter, and exists only when residual.
        With alpha = 1 the factor lies in (1, 2): no channel can be closed. With alpha = 0 the block starts as the
        identity, and fc1 and fc2 have no gradient until alpha has moved (E05).
    eps: the smallest T that ``learnable_temperature`` can reach.

    Checkpoints: loading restores the temperature and alpha that were saved, whatever the constructor was told. A
    checkpoint with a fixed T loads into a block that learns it, and the other way round, at the same temperature.

    TypeError or ValueError, naming the argument, for wrong arguments, for ``learnable_alpha`` without ``residual``
    (E11), for a saved temperature that is none, and for a wrong x.

    >>> block = SEPlusPlusV2(64, learnable_temperature=True, residual=True, learnable_alpha=True)
    >>> sum(p.numel() for p in block.parameters()), round(block.temperature.item(), 6)
    (584, 1.0)
    """

    def __init__(
        self,
        channels: int,
        reduction: int = 16,
        min_hidden: int = 4,
        gate: str = "sigmoid",
        use_avg: bool = True,
        use_max: bool = True,
        fusion: str = "softmax",
        temperature: float = 1.0,
        learnable_temperature: bool = False,
        residual: bool = False,
        alpha_init: float = 1.0,
        learnable_alpha: bool = False,
        bias: bool = True,
        eps: float = 1e-6,
    ):
        super().__init__(channels, reduction, min_hidden, gate, use_avg, use_max, bias=bias)
        self.fusion = arguments.choice("fusion", fusion, ("softmax", "sum"))
        self.eps = arguments.real("eps", eps, above=0)
        temperature = self._valid_temperature("temperature", temperature)
        learnable_temperature = arguments.flag("learnable_temperature", learnable_temperature)
        self.residual = arguments.flag("residual", residual)
        alpha_init = arguments.real("alpha_init", alpha_init)
        if arguments.flag("learnable_alpha", learnable_alpha) and not residual:
            raise ValueError("learnable_alpha must be False when residual is False, got True: there is no alpha")

        if use_avg and use_max and self.fusion == "softmax":
            self.fusion_logits = nn.Parameter(torch.zeros(2))
        if learnable_temperature:
            self.t_raw = nn.Parameter(self._raw_temperature(torch.tensor(temperature)))
        else:
            self.register_buffer("T", torch.tensor(temperature))
        if residual:
            alpha = torch.tensor(alpha_init)
            if learnable_alpha:
                self.alpha = nn.Parameter(alpha)
            else:
                self.register_buffer("alpha", alpha)
        self.register_load_state_dict_pre_hook(_load_either_temperature)

    @property
    def temperature(self) -> torch.Tensor:
        """T, a scalar tensor above 0; differentiable with respect to ``t_raw`` where T is learnable."""
        if hasattr(self, "t_raw"):
            return F.softplus(self.t_raw) + self.eps
        return self.T

    def fuse(self, avg: torch.Tensor, maximum: torch.Tensor) -> torch.Tensor:
        if self.fusion == "sum":
            return avg + maximum
        w = self.fusion_logits.softmax(0)
        return w[0] * avg + w[1] * maximum

    def excite(self, z: torch.Tensor) -> torch.Tensor:
        h = self.act(self.fc1(z))  # (N, C, 1, 1) -> (N, h, 1, 1)
        u = self.fc2(h)  # -> (N, C, 1, 1), the logits
        return self.gate_fn(u / self.temperature)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        s = self.gate(x)  # (N, C, 1, 1)
        return x * (1 + self.alpha * s) if self.residual else x * s

    def _valid_temperature(self, name: str, value: float) -> float:
        largest = torch.finfo(torch.float32).max  # beyond it T itself would be inf
        return arguments.real(name, value, above=self.eps, below=largest)

    def _raw_temperature(self, T: torch.Tensor) -> torch.Tensor:
        """t_raw with softplus(t_raw) + eps = T.

        log(exp(y) - 1) written so that it neither overflows (from T = 89 in float32, E02) nor loses small T.
        """
        y = T.double() - self.eps
        return (y + torch.log(-torch.expm1(-y))).to(T.dtype)


def _load_either_temperature(block, state_dict, prefix, *_):
    """Before loading: refuse a saved temperature that is none, and turn T into t_raw, or back, where needed."""
    fixed, raw = prefix + "T", prefix + "t_raw"
    if fixed in state_dict and not state_dict[fixed].is_meta:
        block._valid_temperature(f"{fixed} in the checkpoint", state_dict[fixed].item())
    if fixed in state_dict and hasattr(block, "t_raw"):
        state_dict[raw] = block._raw_temperature(state_dict.pop(fixed))
    elif raw in state_dict and not hasattr(block, "t_raw"):
        state_dict[fixed] = F.softplus(state_dict.pop(raw)) + block.eps
