"""The place in a block that takes an attention module."""

from torch import nn

from seattn_course import arguments
from seattn_course.attention.factory import Attention, make_attention
from seattn_course.residual.starts import near_identity


def attention_slot(
    attention: Attention, channels: int, reduction: int = 16, start: str | None = None
) -> nn.Module:
    """The module A of a block, made for ``channels`` channels, which are the block's output's (erratum E14).

    attention: None (the identity), a name, a factory or a module, as :func:`make_attention` takes them.
    start: None, or a near-identity start of :func:`near_identity`, which then needs an attention.

    ValueError if a module given as it is was made for another number of channels. One module in two slots shares
    its weights (erratum E20): pass a factory or a name to several blocks, and see :func:`shared_modules`.
    """
    attn = make_attention(attention, channels, reduction)
    made_for = getattr(attn, "channels", None)  # None: fits any number, as spatial attention does
    if made_for is not None and made_for != channels:
        raise ValueError(
            f"attention must be made for the {channels} channels of its place, got {type(attn).__name__} "
            f"made for {made_for}"
        )
    if start is None:
        return attn
    if attention is None:
        raise ValueError(f"start must be None without an attention, got {start!r}")
    return near_identity(attn, start)


def refuse_shared(model: nn.Module) -> None:
    """ValueError if a module with parameters stands in ``model`` more than once (:func:`shared_modules`).

    What a constructor of many blocks calls last: it catches one attention module given to all of them, and a
    factory that always returns the same module.
    """
    if shared := shared_modules(model):
        places = "; ".join(" = ".join(names) for names in shared)
        raise ValueError(
            f"attention must be a name or a factory that makes one module a block, got shared {places}"
        )


def shared_modules(model: nn.Module) -> list[tuple[str, ...]]:
    """The names under which one and the same module with parameters stands in ``model`` more than once.

    Sharing is legitimate, but in attention slots it is nearly always an accident: four blocks with one SE module
    train one gate (erratum E20). Only the outermost shared module of a family is listed.
    TypeError if ``model`` is no module.

    >>> se = nn.Conv2d(4, 4, 1)
    >>> shared_modules(nn.Sequential(se, nn.ReLU(), se))
    [('0', '2')]
    """
    arguments.module("model", model)
    names: dict[nn.Module, list[str]] = {}
    for name, part in model.named_modules(remove_duplicate=False):
        if any(True for _ in part.parameters()):
            names.setdefault(part, []).append(name)
    repeated = [tuple(places) for places in names.values() if len(places) > 1]
    inner = {f"{place}." for places in repeated for place in places}
    return [places for places in repeated if not any(places[0].startswith(outer) for outer in inner)]
