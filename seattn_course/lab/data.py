"""Two tasks made so that attention is needed, and small real data: what the lab trains on.

Made images come from a seeded generator on the CPU and are moved afterwards: CPU and GPU see the same numbers.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from seattn_course import arguments

SIZE = 24  # height and width of the made images
NOISE = 0.3  # standard deviation of the noise on every value
ORIENTATIONS = (
    0,
    45,
    90,
    135,
)  # degrees between the horizontal and the direction of change: the label is the index
CUES = 3  # planes in keybar, strips in marker
PERIOD = 4.0  # pixels from crest to crest

_BAR, _GAP = 3, 2  # keybar: columns of the bar, then of grey
_MARKED_ROW = SIZE // 2 - 1  # marker: the one row that only the stem's middle patches see, grey on both sides
_IMAGE_FILES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"}


@dataclass(frozen=True)
class Batch:
    """Images with their labels. ``cue`` says where the label is to be read (-1: the data has no cue).

    Shapes: images (N, C, H, W), floating point; labels (N,) int64; cue (N,) int64. TypeError or ValueError
    otherwise. ``batch[2:5]`` and ``batch[order]`` (a slice, a tensor of indices or of booleans) are batches again.
    """

    images: Tensor
    labels: Tensor
    cue: Tensor

    def __post_init__(self):
        arguments.feature_map("images", self.images)
        for name in ("labels", "cue"):
            value = getattr(self, name)
            if not isinstance(value, Tensor) or value.dtype != torch.int64:
                got = value.dtype if isinstance(value, Tensor) else type(value).__name__
                raise TypeError(f"{name} must be an int64 tensor of shape ({len(self)},), got {got}")
            if value.shape != (len(self),):
                raise ValueError(f"{name} must have shape ({len(self)},), got {tuple(value.shape)}")

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: slice | Tensor) -> "Batch":
        return Batch(self.images[index], self.labels[index], self.cue[index])

    def to(self, device: torch.device | str) -> "Batch":
        """The same batch on ``device``."""
        return Batch(self.images.to(device), self.labels.to(device), self.cue.to(device))

    def split(self, size: int) -> Iterator["Batch"]:
        """Batches of ``size`` in order; the last one may be smaller."""
        size = arguments.positive_int("size", size)
        return (self[start : start + size] for start in range(0, len(self), size))


@dataclass(frozen=True)
class DataSet:
    """Images to train with, others to test with, and the names of the classes (a label is an index into them)."""

    train: Batch
    test: Batch
    classes: tuple[str, ...]


def generator(seed: int | torch.Generator) -> torch.Generator:
    """A new CPU generator started at ``seed`` (at least 0), or the CPU generator that was given, to draw on."""
    if isinstance(seed, torch.Generator):
        if seed.device.type != "cpu":
            raise ValueError(f"seed must be an integer or a generator on the CPU, got one on {seed.device}")
        return seed
    return torch.Generator().manual_seed(arguments.positive_int("seed", seed, at_least=0))


def orientations(count: int, seed: int | torch.Generator) -> Tensor:
    """The label that each cue would give in the images of :func:`keybar` and :func:`marker`: (count, 3) int64.

    >>> batch, which = keybar(64, seed=0), orientations(64, seed=0)
    >>> torch.equal(which.gather(1, batch.cue[:, None]).squeeze(1), batch.labels)
    True
    """
    count = arguments.positive_int("count", count)
    return torch.randint(len(ORIENTATIONS), (count, CUES), generator=generator(seed))


def keybar(count: int, seed: int | torch.Generator) -> Batch:
    """Which channel? Red, green and blue carry a grating each; the colour of the left bar names the one to read.

    Columns 0 to 2 are the bar, 3 and 4 are grey, the rest is gratings: no 5x5 patch of
    :class:`~seattn_course.models.LocalFeatures` sees bar and grating. Chance is 25 %; who cannot use the bar and
    names the most frequent of the three orientations is right in 9/16 = 56.25 %. Grey is 0, waves and bar lie in
    [-1, 1], and noise of standard deviation 0.3 is added.

    count: images. seed: an integer of at least 0, or a CPU generator to draw on; TypeError or ValueError
    otherwise. Returns images (count, 3, 24, 24), labels 0 to 3 into ``ORIENTATIONS``, and the plane that counts as
    cue, 0 to 2.

    >>> batch = keybar(64, seed=0)
    >>> batch.images.shape, sorted(batch.cue.unique().tolist())
    (torch.Size([64, 3, 24, 24]), [0, 1, 2])
    """
    count, source = arguments.positive_int("count", count), generator(seed)
    which = orientations(count, source)  # (N, 3): one orientation a plane
    cue = torch.randint(CUES, (count,), generator=source)  # (N,)
    images = _gratings(which, source)  # (N, 3, 24, 24)
    images[:, :, :, :_BAR] = (2 * torch.eye(CUES) - 1)[cue][:, :, None, None]  # 1 in its plane, -1 in the others
    images[:, :, :, _BAR : _BAR + _GAP] = 0
    return Batch(_noisy(images, source), which.gather(1, cue[:, None]).squeeze(1), cue)


def marker(count: int, seed: int | torch.Generator) -> Batch:
    """Which place? Three strips of eight columns carry a grating each, equal in all planes; one strip is marked.

    Row 11 is a dark bar across the image, bright over the strip that counts; rows 9, 10, 12 and 13 are grey: the
    patches that see the bar (rows 9 to 13) see no grating. Values, arguments, chance and errors are those of
    :func:`keybar`; the cue is the strip, 0 (left) to 2.

    >>> batch = marker(64, seed=0)
    >>> torch.allclose(batch.images[:, 0], batch.images[:, 1], atol=3), sorted(batch.labels.unique().tolist())
    (True, [0, 1, 2, 3])
    """
    count, source = arguments.positive_int("count", count), generator(seed)
    which = orientations(count, source)  # (N, 3): one orientation a strip
    cue = torch.randint(CUES, (count,), generator=source)  # (N,)
    strip = torch.arange(SIZE) * CUES // SIZE  # (24,): the strip of each column
    gratings = _gratings(which, source)  # (N, 3 strips, 24, 24)
    images = gratings.gather(1, strip.expand(count, 1, SIZE, SIZE))  # (N, 1, 24, 24): each column from its strip
    images[:, :, _MARKED_ROW - 2 : _MARKED_ROW + 3] = 0
    images[:, :, _MARKED_ROW] = (2.0 * (strip == cue[:, None]) - 1)[:, None]
    images = images.expand(-1, 3, -1, -1)  # the same in all planes -> (N, 3, 24, 24)
    return Batch(_noisy(images, source), which.gather(1, cue[:, None]).squeeze(1), cue)


def _waves() -> tuple[Tensor, Tensor]:
    """sin and cos of the phase at each pixel, for each orientation, (4, 24, 24): sin(a + p) needs both."""
    angle = torch.tensor(ORIENTATIONS).deg2rad()[:, None, None]
    row, column = torch.arange(SIZE)[:, None], torch.arange(SIZE)
    phase = 2 * math.pi * (column * angle.cos() + row * angle.sin()) / PERIOD
    return phase.sin(), phase.cos()


_SIN, _COS = _waves()


def _gratings(which: Tensor, source: torch.Generator) -> Tensor:
    """Waves in [-1, 1] of the orientations ``which``, each at a random phase: (N, 3) -> (N, 3, 24, 24)."""
    phase = 2 * math.pi * torch.rand(which.shape, generator=source)[:, :, None, None]
    return _SIN[which] * phase.cos() + _COS[which] * phase.sin()


def _noisy(images: Tensor, source: torch.Generator) -> Tensor:
    return images + NOISE * torch.randn(images.shape, generator=source)


def digits(seed: int, test_share: float = 0.25) -> DataSet:
    """scikit-learn's 1,797 handwritten digits, 8x8, split at random into train and test, stratified by class.

    Images (N, 1, 8, 8) float32 in [0, 1]. seed: of the split. test_share: between 0 and 1, both excluded.

    >>> digits(seed=0).train.images.shape
    torch.Size([1347, 1, 8, 8])
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    seed = arguments.positive_int("seed", seed, at_least=0)
    test_share = arguments.real("test_share", test_share, above=0, below=1)
    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float()[:, None] / 16  # (N, 1, 8, 8), from 0..16 to [0, 1]
    everything = _without_cue(images, torch.from_numpy(bunch.target))
    train, test = train_test_split(
        range(len(images)), test_size=test_share, random_state=seed, stratify=bunch.target
    )
    names = tuple(str(name) for name in bunch.target_names)
    return DataSet(everything[torch.tensor(train)], everything[torch.tensor(test)], names)


def image_folder(path: str | Path, size: int = 32, seed: int = 0, test_share: float = 0.25) -> DataSet:
    """Your own images: one folder for each class below ``path``, whatever the files are called.

    Each image is cropped in its middle to a square, scaled to ``size`` x ``size``, and made RGB in [0, 1]. Split
    at random into train and test, each class by the same share. Where ``path`` has the folders ``train`` and
    ``test``, these are the split, and both hold the same classes. ValueError says what is missing.
    """
    path, size = Path(path), arguments.positive_int("size", size)
    if (path / "train").is_dir() and (path / "test").is_dir():
        train, classes = _read_folder(path / "train", size)
        test, others = _read_folder(path / "test", size)
        if classes != others:
            raise ValueError(f"path must hold the same classes in train and test, got {classes} and {others}")
        return DataSet(train, test, classes)
    everything, classes = _read_folder(path, size)
    test_share = arguments.real("test_share", test_share, above=0, below=1)
    source, for_test = generator(seed), []
    for label, name in enumerate(classes):
        members = (everything.labels == label).nonzero().squeeze(1)
        if len(members) < 2:
            raise ValueError(f"path must hold at least 2 images of each class, got {len(members)} of {name!r}")
        wanted = min(max(1, round(test_share * len(members))), len(members) - 1)
        for_test.append(members[torch.randperm(len(members), generator=source)[:wanted]])
    chosen = torch.zeros(len(everything), dtype=torch.bool)
    chosen[torch.cat(for_test)] = True
    return DataSet(everything[~chosen], everything[chosen], classes)


def _read_folder(path: Path, size: int) -> tuple[Batch, tuple[str, ...]]:
    from PIL import Image

    if not path.is_dir():
        raise ValueError(
            f"path must be a folder that holds one folder of images for each class, got {str(path)!r}"
        )
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    pairs = []
    for label, folder in enumerate(folders):
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in _IMAGE_FILES)
        if not files:
            raise ValueError(f"path must hold images of each class, got none in {str(folder)!r}")
        for file in files:
            with Image.open(file) as image:
                pairs.append((_square(image, size), label))
    if len(folders) < 2:
        raise ValueError(f"path must hold folders of at least 2 classes, got {len(folders)} in {str(path)!r}")
    return from_pairs(pairs), tuple(folder.name for folder in folders)


def _square(image: Any, size: int) -> Tensor:
    import numpy as np
    from PIL import ImageOps

    square = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (size, size))
    return torch.from_numpy(np.asarray(square).copy()).permute(2, 0, 1) / 255  # (H, W, 3) bytes -> (3, H, W)


def from_pairs(pairs: Sequence[tuple[Any, int]], count: int | None = None) -> Batch:
    """A torchvision-style data set (pairs of image and label) as a batch; ``count`` takes the first so many.

    An image is a tensor (C, H, W), or a PIL image, which becomes RGB in [0, 1]. All must have one size: ValueError
    otherwise, and if there are none.
    """
    from PIL import Image

    total = len(pairs) if count is None else min(arguments.positive_int("count", count), len(pairs))
    images, labels = [], []
    for index in range(total):
        image, label = pairs[index]
        images.append(_square(image, image.width) if isinstance(image, Image.Image) else image)
        labels.append(int(label))
    shapes = {tuple(image.shape) for image in images}
    if len(shapes) != 1:
        raise ValueError(f"pairs must be images of one shape, got {sorted(shapes) or 'none'}")
    return _without_cue(torch.stack(images), torch.tensor(labels))


def cifar10(folder: str | Path, count: int | None = None, *, download: bool = True) -> DataSet:
    """CIFAR-10 through torchvision: 50,000 + 10,000 photographs, images (N, 3, 32, 32) in [0, 1], 10 classes.

    folder: where it lies or is to be put (170 MB). count: only the first so many of each part. RuntimeError, in
    one sentence, where torchvision does not work here or the data cannot be had.
    """
    try:
        from torchvision.datasets import CIFAR10
    except (ImportError, RuntimeError) as error:  # RuntimeError: a torchvision that was built for another torch
        raise RuntimeError(
            f"CIFAR-10 needs a torchvision that fits torch {torch.__version__} ({error}); digits() needs none"
        ) from error
    try:
        train, test = (CIFAR10(str(folder), train=train, download=download) for train in (True, False))
    except (OSError, RuntimeError) as error:
        raise RuntimeError(
            f"CIFAR-10 is not in {str(folder)!r} and could not be fetched ({error}); "
            "put cifar-10-python.tar.gz there, or use digits()"
        ) from error
    return DataSet(from_pairs(train, count), from_pairs(test, count), tuple(train.classes))


def _without_cue(images: Tensor, labels: Tensor) -> Batch:
    return Batch(images, labels, torch.full_like(labels, -1))
