"""skip(x): what the residual branch's result is added to."""

from torch import nn

from seattn_course import arguments


def shortcut(cin: int, cout: int, stride: int = 1, *, norm: bool = True) -> nn.Module:
    """The identity where F keeps channels and size; otherwise a 1x1 convolution with F's stride, then batch norm.

    x (N, cin, H, W) -> (N, cout, ceil(H / stride), ceil(W / stride)), which is what a 3x3 convolution with that
    stride and padding 1 gives, for odd sizes too. The stride alone calls for a projection, even if cin == cout.
    He et al., Deep Residual Learning (arXiv 1512.03385), eq. 2 and option B. ``norm=False``: the bare
    convolution of pre-activation networks (arXiv 1603.05027), whose next block begins with the norm.

    TypeError or ValueError, naming the argument, for wrong arguments.

    >>> shortcut(8, 8), shortcut(8, 8, stride=2, norm=False)
    (Identity(), Conv2d(8, 8, kernel_size=(1, 1), stride=(2, 2), bias=False))
    """
    cin, cout = arguments.positive_int("cin", cin), arguments.positive_int("cout", cout)
    stride, norm = arguments.positive_int("stride", stride), arguments.flag("norm", norm)
    if stride == 1 and cin == cout:
        return nn.Identity()
    conv = nn.Conv2d(cin, cout, kernel_size=1, stride=stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(cout)) if norm else conv
