"""The made tasks hold what their descriptions say; real data has the right shapes, splits and errors."""

import doctest
import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from seattn_course.lab import data
from seattn_course.lab.data import Batch, cifar10, digits, from_pairs, image_folder, keybar, marker

TASKS = [keybar, marker]
ONE = torch.zeros(1, dtype=torch.int64)


ROOM = ["ablation", "configuration", "data", "statistics", "store", "training", "workers"]


@pytest.mark.parametrize("name", ROOM)
def test_docstrings_of_the_lab_run(name):
    assert doctest.testmod(importlib.import_module(f"seattn_course.lab.{name}")).failed == 0


@pytest.fixture
def quiet(monkeypatch):
    """Images without noise, to look at what they hold."""
    monkeypatch.setattr(data, "NOISE", 0.0)


@pytest.mark.parametrize("task", TASKS)
def test_made_images(task):
    batch = task(4000, seed=1)
    assert batch.images.shape == (4000, 3, 24, 24)
    assert batch.images.dtype == torch.float32
    for values, kinds in ((batch.labels, 4), (batch.cue, 3)):
        shares = values.bincount(minlength=kinds) / 4000
        assert len(shares) == kinds
        assert (shares - 1 / kinds).abs().max() < 0.03  # 4 standard deviations


@pytest.mark.parametrize("task", TASKS)
def test_a_seed_is_a_data_set(task):
    state = torch.get_rng_state()
    first, again, other = task(16, seed=3), task(16, seed=3), task(16, seed=4)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)
    assert torch.equal(torch.get_rng_state(), state)
    source = torch.Generator().manual_seed(3)
    assert torch.equal(task(16, source).images, first.images)
    assert not torch.equal(task(16, source).images, first.images)  # it is drawn on


@pytest.mark.parametrize("task", TASKS)
def test_noise_is_what_it_says(task, monkeypatch):
    noisy = task(200, seed=0).images
    monkeypatch.setattr(data, "NOISE", 0.0)
    clean = task(200, seed=0).images
    assert clean.min() >= -1
    assert clean.max() <= 1
    assert (noisy - clean).std().item() == pytest.approx(0.3, abs=0.005)


def orientation(patch):
    """The strongest wave's orientation in a clean (H, W) patch, by its Fourier transform."""
    spectrum = np.abs(np.fft.fft2(patch - patch.mean(), (48, 48)))
    rows, columns = np.meshgrid(np.fft.fftfreq(48), np.fft.fftfreq(48), indexing="ij")
    index = spectrum.argmax()
    angle = np.degrees(np.arctan2(rows.flat[index], columns.flat[index])) % 180
    away = np.abs(angle - np.array(data.ORIENTATIONS))
    return np.minimum(away, 180 - away).argmin()


def test_keybar_holds_its_label_in_the_plane_of_the_bar(quiet):
    batch = keybar(60, seed=2)
    for image, label, cue in zip(batch.images.numpy(), batch.labels, batch.cue):
        assert image[:, :, :3].mean((1, 2)).argmax() == cue
        assert set(np.unique(image[:, :, :3])) == {-1.0, 1.0}
        assert not image[:, :, 3:5].any()
        assert orientation(image[cue, :, 5:]) == label
    others = [orientation(image[(cue + 1) % 3, :, 5:]) for image, cue in zip(batch.images.numpy(), batch.cue)]
    assert 3 <= sum(other == label for other, label in zip(others, batch.labels)) <= 30  # a quarter of 60, about


def test_marker_holds_its_label_in_the_marked_strip(quiet):
    batch = marker(60, seed=2)
    assert torch.equal(batch.images[:, 0], batch.images[:, 1])
    assert torch.equal(batch.images[:, 0], batch.images[:, 2])
    for image, label, cue in zip(batch.images[:, 0].numpy(), batch.labels, batch.cue):
        strips = image[11].reshape(3, 8)
        assert (strips == strips[:, :1]).all()
        assert strips[:, 0].argmax() == cue
        assert strips[:, 0].tolist().count(-1.0) == 2
        assert not image[[9, 10, 12, 13]].any()
        assert orientation(image[14:, 8 * cue : 8 * cue + 8]) == label
        assert orientation(image[:9, 8 * cue : 8 * cue + 8]) == label


@pytest.mark.parametrize("task", TASKS)
def test_no_patch_sees_cue_and_grating(task, quiet):
    """Each 5x5 patch at stride 3 is a function of the cue alone or of the gratings alone."""
    patches = {}
    for batch in (task(40, seed=seed) for seed in range(3)):
        unfolded = torch.nn.functional.unfold(batch.images, 5, stride=3)  # (N, 75, 49)
        for cue in range(3):
            patches.setdefault(cue, []).append(unfolded[batch.cue == cue])
    for place in range(49):
        seen = [torch.cat(patches[cue])[:, :, place] for cue in range(3)]
        fixed = [group.std(0).max() < 1e-6 for group in seen]  # the same for all images with this cue
        assert all(fixed) or not any(fixed)
        shows_cue = place % 7 == 0 if task is keybar else place // 7 == 3
        assert all(fixed) == shows_cue


@pytest.mark.parametrize("task", TASKS)
def test_a_guess_without_the_cue(task, quiet):
    """The modal vote over the three orientations is right in 9/16, ties broken at random."""
    batch = task(1500, seed=5)
    random, right = np.random.default_rng(0), 0
    for image, label in zip(batch.images.numpy(), batch.labels):
        parts = [image[i, :, 5:] for i in range(3)] if task is keybar else [
            image[0, 14:, 8 * i : 8 * i + 8] for i in range(3)
        ]  # fmt: skip
        votes = np.bincount([orientation(part) for part in parts], minlength=4)
        right += random.choice(np.flatnonzero(votes == votes.max())) == label
    assert right / 1500 == pytest.approx(9 / 16, abs=0.045)


def test_batches():
    batch = keybar(10, seed=0)
    assert [len(part) for part in batch.split(4)] == [4, 4, 2]
    assert torch.equal(torch.cat([part.labels for part in batch.split(4)]), batch.labels)
    chosen = batch[torch.tensor([7, 2])]
    assert torch.equal(chosen.images, batch.images[[7, 2]])
    assert batch.to("meta").cue.device.type == "meta"


def test_digits():
    found = digits(seed=0)
    assert found.train.images.shape == (1347, 1, 8, 8)
    assert len(found.test) == 450
    assert found.classes == tuple("0123456789")
    assert found.train.images.min() == 0
    assert found.train.images.max() == 1
    assert (found.train.cue == -1).all()
    shares = [part.labels.bincount(minlength=10) / len(part) for part in (found.train, found.test)]
    assert (shares[0] - shares[1]).abs().max() < 0.003
    assert torch.equal(found.test.images, digits(seed=0).test.images)
    assert not torch.equal(found.test.images, digits(seed=1).test.images)
    assert len(digits(seed=0, test_share=0.5).train) == 898


@pytest.fixture
def folder(tmp_path):
    """Two classes of plain colours: 5 wide red files, 3 tall blue ones in mixed formats."""
    for name, colour, size, files in (
        ("cats", (255, 0, 0), (40, 20), ["a.png", "b.jpg", "c.PNG", "d.gif", "e.bmp"]),
        ("dogs", (0, 0, 255), (10, 30), ["x.png", "y.png", "z.webp"]),
    ):
        (tmp_path / name).mkdir()
        for file in files:
            Image.new("RGB", size, colour).save(tmp_path / name / file)
        (tmp_path / name / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_own_folder(folder):
    found = image_folder(folder, size=16, seed=0)
    assert found.classes == ("cats", "dogs")
    assert found.train.labels.bincount().tolist() == [4, 2]
    assert found.test.labels.bincount().tolist() == [1, 1]
    assert found.train.images.shape == (6, 3, 16, 16)
    for batch in (found.train, found.test):
        red, blue = batch.images[:, 0].mean((1, 2)), batch.images[:, 2].mean((1, 2))
        assert torch.equal((blue > red).long(), batch.labels)
    assert torch.equal(image_folder(folder, 16, seed=0).test.images, found.test.images)


def test_own_folder_with_its_own_split(folder):
    for part in ("train", "test"):
        for name in ("cats", "dogs"):
            (folder / part / name).mkdir(parents=True)
            Image.new("L", (9, 9), 80 if part == "train" else 200).save(folder / part / name / "one.png")
    found = image_folder(folder, size=8)
    assert (len(found.train), len(found.test)) == (2, 2)
    assert (found.train.images < 0.5).all()
    assert (found.test.images > 0.5).all()
    (folder / "test" / "dogs").rename(folder / "test" / "birds")
    with pytest.raises(ValueError, match="same classes in train and test"):
        image_folder(folder)


def test_pairs_of_a_torchvision_data_set():
    pairs = [(Image.new("RGB", (6, 6), (51, 0, 0)), 1), (torch.zeros(3, 6, 6), 0), (torch.ones(3, 6, 6), 2)]
    batch = from_pairs(pairs)
    assert batch.labels.tolist() == [1, 0, 2]
    assert batch.images[0, 0].unique().tolist() == pytest.approx([0.2])
    assert len(from_pairs(pairs, count=2)) == len(from_pairs(pairs[:2], count=9)) == 2


def test_cifar10_says_what_is_missing(tmp_path, monkeypatch, peers):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(RuntimeError, match="needs a torchvision that fits torch"):
        cifar10(tmp_path)
    monkeypatch.undo()
    with pytest.raises(RuntimeError, match=r"not in .* could not be fetched .*cifar-10-python.tar.gz"):
        cifar10(tmp_path, download=False)


def test_cifar10_comes_through_torchvision(tmp_path, monkeypatch, peers):
    def fake(root, train, download):
        pairs = [(Image.new("RGB", (32, 32)), label) for label in range(6 if train else 3)]
        return type("Fake", (list,), {"classes": ["plane", "car"]})(pairs)

    monkeypatch.setattr("torchvision.datasets.CIFAR10", fake)
    found = cifar10(tmp_path, count=4)
    assert (found.train.images.shape, len(found.test), found.classes) == ((4, 3, 32, 32), 3, ("plane", "car"))


@pytest.mark.parametrize(
    ("call", "error", "content"),
    [
        (lambda _: keybar(0, 0), ValueError, ["count", "at least 1", "0"]),
        (lambda _: marker(2.0, 0), TypeError, ["count", "2.0"]),
        (lambda _: keybar(2, -1), ValueError, ["seed", "-1"]),
        (lambda _: keybar(2, "0"), TypeError, ["seed", "'0'"]),
        (lambda _: data.generator(SimpleNamespace()), TypeError, ["seed"]),
        (lambda _: keybar(2, 0).split(0), ValueError, ["size"]),
        (lambda _: Batch(torch.zeros(2, 3, 4), torch.zeros(2), torch.zeros(2)), ValueError, ["images"]),
        (lambda _: Batch(torch.zeros(2, 3, 4, 4), torch.zeros(2), None), TypeError, ["labels", "float32"]),
        (lambda _: Batch(torch.zeros(1, 3, 4, 4), ONE, torch.zeros(2).long()), ValueError, ["cue"]),
        (lambda _: digits(0, test_share=1), ValueError, ["test_share", "below 1"]),
        (lambda path: image_folder(path / "nowhere"), ValueError, ["one folder of images", "nowhere"]),
        (lambda path: image_folder(path), ValueError, ["at least 2 classes", "got 0"]),
        (lambda _: from_pairs([]), ValueError, ["one shape", "none"]),
        (lambda _: from_pairs([(torch.zeros(3, 4, 4), 0), (torch.zeros(3, 5, 4), 0)]), ValueError, ["(3, 5, 4)"]),
    ],
    ids=[
        "count", "count float", "seed", "seed str", "seed object", "split", "images", "labels", "cue", "share",
        "no folder", "empty folder", "no pairs", "shapes",
    ],
)  # fmt: skip
def test_wrong_arguments_of_the_data(call, error, content, tmp_path):
    with pytest.raises(error) as caught:
        call(tmp_path)
    assert all(part in str(caught.value) for part in content)


def test_a_class_without_enough_images(folder):
    for file in ("b.jpg", "c.PNG", "d.gif", "e.bmp"):
        (folder / "cats" / file).unlink()
    with pytest.raises(ValueError, match="at least 2 images of each class, got 1 of 'cats'"):
        image_folder(folder)
    (folder / "cats" / "a.png").unlink()
    with pytest.raises(ValueError, match="images of each class, got none"):
        image_folder(folder)
