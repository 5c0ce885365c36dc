"""The squeezes: one number for each channel (mean or maximum over H and W), or for each place (over C).

Values are those of ``x.mean(..., keepdim=True)`` and ``x.amax(..., keepdim=True)``, and so are the gradients:
the mean sends 1/HW to every place, the maximum shares its gradient equally among places that tie. What differs
is the cost of the backward pass; the two private functions at the end say how.
"""

import torch

_PLACES = (-2, -1)  # H and W of (N, C, H, W)
_CHANNELS = (-3,)


def squeeze_mean(x: torch.Tensor) -> torch.Tensor:
    """Global average pooling: z_c = (1 / HW) * sum of x_c over H and W (SENet, Hu et al., eq. 2).

    ``x`` is (N, C, H, W); the result is (N, C, 1, 1).

    >>> squeeze_mean(torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])).item()
    3.0
    """
    return _mean(x, _PLACES)


def squeeze_max(x: torch.Tensor) -> torch.Tensor:
    """Global max pooling: z_c = the largest x_c over H and W (CBAM, Woo et al., F_max of eq. 2).

    ``x`` is (N, C, H, W); the result is (N, C, 1, 1). It grows with the size of the map: the more places, the
    larger the largest of them (erratum E07).

    >>> squeeze_max(torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])).item()
    6.0
    """
    return _maximum(x, _PLACES)


def channel_mean(x: torch.Tensor) -> torch.Tensor:
    """Mean over the channels at each place (CBAM, Woo et al., F_avg of eq. 3): (N, C, H, W) -> (N, 1, H, W)."""
    return _mean(x, _CHANNELS)


def channel_max(x: torch.Tensor) -> torch.Tensor:
    """Maximum over the channels at each place (CBAM, Woo et al., F_max of eq. 3): (N, C, H, W) -> (N, 1, H, W)."""
    return _maximum(x, _CHANNELS)


def row_mean(x: torch.Tensor) -> torch.Tensor:
    """Mean of each row, over W (coordinate attention, Hou et al., eq. 4): (N, C, H, W) -> (N, C, H, 1)."""
    return _mean(x, (-1,))


def column_mean(x: torch.Tensor) -> torch.Tensor:
    """Mean of each column, over H (coordinate attention, Hou et al., eq. 5): (N, C, H, W) -> (N, C, 1, W)."""
    return _mean(x, (-2,))


def _mean(x: torch.Tensor, dims: tuple[int, ...]) -> torch.Tensor:
    """``x.mean(dims, keepdim=True)``; with gradients, in the order that makes the backward pass cheap.

    The gradient of ``mean`` divides a tensor of x's size; that of ``sum / count`` divides one of z's size and
    expands it, which moves no memory. In float16 a sum overflows from 65504, so there ``mean`` stays.
    """
    if _without_gradient(x) or x.dtype is torch.float16:
        return x.mean(dims, keepdim=True)
    count = 1
    for dim in dims:
        count *= x.shape[dim]
    return x.sum(dims, keepdim=True) / count


def _maximum(x: torch.Tensor, dims: tuple[int, ...]) -> torch.Tensor:
    """``x.amax(dims, keepdim=True)``; with gradients, with a backward pass of its own."""
    return x.amax(dims, keepdim=True) if _without_gradient(x) else _Maximum.apply(x, dims)


def _without_gradient(x: torch.Tensor) -> bool:
    """Whether no backward pass will run through here eagerly; a compiler makes its own, and fuses it."""
    return torch.compiler.is_compiling() or not (torch.is_grad_enabled() and x.requires_grad)


class _Maximum(torch.autograd.Function):
    """amax whose gradient makes a single tensor of x's size, where PyTorch's own makes several and takes longer.

    ``max_pool2d`` over the whole map is no way round it: its forward pass is slower than amax's, and it gives the
    whole gradient to one of several equal maxima, so the gradient would depend on the mode.
    """

    @staticmethod
    def forward(x: torch.Tensor, dims: tuple[int, ...]) -> torch.Tensor:
        return x.amax(dims, keepdim=True)

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.dims = inputs
        ctx.save_for_backward(x, output)

    @staticmethod
    def backward(ctx, grad):
        x, largest = (tensor.detach() for tensor in ctx.saved_tensors)
        is_largest = x.clone().eq_(largest)  # 1 or 0 in x's dtype: a bool tensor would have to be converted
        # float32 at least: a half-precision count of ties would round.
        ties = is_largest.sum(ctx.dims, keepdim=True, dtype=torch.promote_types(x.dtype, torch.float32))
        share = (grad / ties).to(x.dtype)
        if torch.is_grad_enabled():  # create_graph=True: the product must stay differentiable
            return is_largest * share, None
        return is_largest.mul_(share), None

    @staticmethod
    def vmap(info, in_dims, x, dims):
        return _maximum(x.movedim(in_dims[0], 0), dims), 0
