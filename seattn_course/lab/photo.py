"""Two real photographs and a small bank of readable filters: what the lessons look at.

The photographs come with scikit-learn ("china.jpg" by danielbuechele, "flower.jpg" by vultilion, both CC BY 2.0).
"""

from importlib import resources

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from seattn_course import arguments

PHOTOGRAPHS = {"palace": "china.jpg", "flower": "flower.jpg"}

# Names of the filter bank's channels, in order; the figures' catalogues translate them.
CHANNELS = ("bright", "dark", "red", "green", "blue", "edge_down", "edge_right", "detail")

_SMOOTH = torch.tensor([[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]) / 16
_DETAIL = torch.tensor([[-1.0, -1.0, -1.0], [-1.0, 8.0, -1.0], [-1.0, -1.0, -1.0]]) / 2
_DOWN = torch.tensor([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]]) / 2
_GREY = torch.tensor([0.299, 0.587, 0.114])  # luma weights of ITU-R BT.601


def photograph(name: str, height: int = 160) -> Tensor:
    """A photograph as a batch of one: shape (1, 3, height, 1.5·height), values in [0, 1].

    Raises ValueError for an unknown name or a height outside 8 to 427.
    """
    name = arguments.choice("name", name, PHOTOGRAPHS)
    height = arguments.positive_int("height", height, at_least=8)
    if height > 427:
        raise ValueError(f"height must be at most 427, the photographs' own, got {height}")
    file = resources.files("sklearn.datasets.images") / PHOTOGRAPHS[name]
    with file.open("rb") as stream:
        image = Image.open(stream).convert("RGB").resize((height * 3 // 2, height), Image.Resampling.BOX)
    pixels = torch.from_numpy(np.asarray(image, dtype=np.float32) / 255)  # (H, W, 3)
    return pixels.permute(2, 0, 1)[None].contiguous()  # (1, 3, H, W)


class FilterBank(nn.Module):
    """Eight hand-made 3×3 filters followed by a ReLU: maps that a person can read. (N, 3, H, W) -> (N, 8, H, W).

    Channels: bright, dark; more red, green, blue than the other two colours; brighter downwards, brighter to
    the right (Sobel); fine detail (Laplacian). The weights are buffers: nothing here learns.
    """

    channels = CHANNELS

    def __init__(self):
        super().__init__()
        colours = 3 * torch.eye(3) - 1  # one colour against the mean of the other two, doubled: 2, -1, -1
        self.register_buffer(
            "weight",
            torch.stack(
                [
                    _GREY[:, None, None] * _SMOOTH,
                    -_GREY[:, None, None] * _SMOOTH,
                    *(colour[:, None, None] * _SMOOTH for colour in colours),
                    _GREY[:, None, None] * _DOWN,
                    _GREY[:, None, None] * _DOWN.T,
                    _GREY[:, None, None] * _DETAIL,
                ]
            ),
        )  # (8, 3, 3, 3)
        # "dark" answers where brightness is below one half
        self.register_buffer("bias", torch.tensor([0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]))

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (1, 1, 1, 1), mode="replicate")  # no artificial edge at the border
        return F.relu(F.conv2d(x, self.weight, self.bias))  # (N, 8, H, W)


def patches(count: int, size: int = 32, seed: int = 0) -> tuple[Tensor, Tensor]:
    """``count`` square patches cut at random places, half from each photograph.

    Returns the patches (count, 3, size, size) and their labels (count,): 0 palace, 1 flower.
    """
    count = arguments.positive_int("count", count, at_least=2)
    size = arguments.positive_int("size", size, at_least=8)
    generator = torch.Generator().manual_seed(seed)
    pictures = [photograph(name) for name in PHOTOGRAPHS]
    if size > pictures[0].shape[2]:
        raise ValueError(f"size must be at most {pictures[0].shape[2]}, the height of a photograph, got {size}")
    cut, label = [], []
    for index in range(count):
        picture = pictures[index % 2]
        top = int(torch.randint(picture.shape[2] - size + 1, (), generator=generator))
        left = int(torch.randint(picture.shape[3] - size + 1, (), generator=generator))
        cut.append(picture[0, :, top : top + size, left : left + size])
        label.append(index % 2)
    return torch.stack(cut), torch.tensor(label)


def trained_block(seed: int, steps: int = 100) -> tuple[FilterBank, nn.Module]:
    """The filter bank, and an SE block trained with it to tell palace patches from flower patches.

    Lesson 03 shows this training line by line: on maps squeezed to 1×1, because the mean of s·x is s times the
    mean of x. Double precision, so that machines agree to the printed digits.
    """
    from seattn_course.attention import SEBlock
    from seattn_course.course.device import device

    bank = FilterBank().double().to(device())
    picture, label = patches(200, seed=0)
    z = bank(picture.double().to(device())).mean(dim=(2, 3), keepdim=True)  # (200, 8, 1, 1)
    label = label.to(device())  # (200,)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        block = SEBlock(len(CHANNELS), reduction=2).double().to(device())
        head = nn.Linear(len(CHANNELS), 2).double().to(device())
    optimizer = torch.optim.Adam([*block.parameters(), *head.parameters()], lr=0.05)
    for _ in range(steps):
        loss = F.cross_entropy(head(block(z).flatten(1)), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return bank, block
