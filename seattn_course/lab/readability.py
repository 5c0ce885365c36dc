"""Can a trained gate be read? Is the cue in it, and does the prediction follow it into another image?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seattn_course import arguments
from seattn_course.lab.data import Batch
from seattn_course.lab.training import predictions
from seattn_course.models import LocalFeatures

# product: A(x) = x * gate(x). factor: gate(x) fits x, but A(x) is something else. unusable: it does not fit x.
KINDS = ("product", "factor", "unusable", "absent")


@dataclass(frozen=True)
class Swap:
    """What other gates do to the predictions; all are shares in [0, 1].

    follow, stay: of the images whose own cue and whose donor's cue name different labels, those that are given the
    label of the donor's cue, and of their own. changed: predictions, over all images, that the swap changes.
    mean_gate: accuracy where each image has the mean gate of all. images: of the first two.
    """

    follow: float
    stay: float
    changed: float
    mean_gate: float
    images: int


def gate_kind(attention: nn.Module, x: Tensor) -> str:
    """Which of ``KINDS`` the gate of ``attention`` is, found out on the map x (N, C, H, W); nothing is trained."""
    arguments.module("attention", attention)
    arguments.feature_map("x", x)
    if not callable(getattr(attention, "gate", None)):
        return "absent"
    modes = [(part, part.training) for part in attention.modules()]
    attention.eval()
    try:
        with torch.no_grad():
            gate, y = attention.gate(x), attention(x)
    except Exception:  # a learner's module: gate may be a layer of its own, made for another shape
        return "unusable"
    finally:
        for part, training in modes:
            part.training = training
    if not isinstance(gate, Tensor) or gate.dim() != 4 or not _fits(gate, x):
        return "unusable"
    return "product" if torch.allclose(x * gate, y, rtol=1e-4, atol=1e-5) else "factor"


def _fits(gate: Tensor, x: Tensor) -> bool:
    return all(mine in (1, other) for mine, other in zip(gate.shape, x.shape))


def gates(model: LocalFeatures, images: Tensor) -> list[Tensor]:
    """The gate in each block for images (N, 3, H, W): tensors (N, C or 1, H' or 1, W' or 1), on the CPU.

    ``model`` runs in eval mode and is left as it was. ValueError if its attention has no gate that fits its map.
    """
    seen: list[Tensor] = []

    def look(attention: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        kind = gate_kind(attention, inputs[0])
        if kind not in ("product", "factor"):
            raise ValueError(f"model must have a gate(x) that fits its map, got a gate that is {kind}")
        gate = attention.gate(inputs[0])
        seen.append(gate.expand(len(images), -1, -1, -1).cpu())

    with _hooked(model, lambda place: look):
        predictions(model, _unlabelled(images), chunk=len(images))
    return seen


def cue_decoding(found: Sequence[Tensor], cue: Tensor) -> float:
    """How often a linear classifier names the cue from the gates alone, in [0, 1]; with three cues chance is 1/3.

    found: of each block, as :func:`gates` returns them; of each, the means over places and over channels are read.
    cue: (N,) int64. Trained on the first half of the images, tested on the second (logistic regression, scikit-
    learn).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if not found or any(len(gate) != len(cue) for gate in found):
        raise ValueError(f"found must hold gates of {len(cue)} images, got {[len(gate) for gate in found]}")
    parts = [part for gate in found for part in (gate.mean((2, 3)), gate.mean(1).flatten(1))]
    features, answers = torch.cat(parts, 1).double().numpy(), cue.numpy()
    half = len(cue) // 2
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    return float(classifier.fit(features[:half], answers[:half]).score(features[half:], answers[half:]))


def gate_swap(model: LocalFeatures, batch: Batch, labels_by_cue: Tensor) -> Swap:
    """Gives each image the gates of one with another cue, in all blocks, and looks at the predictions.

    labels_by_cue: (N, 3), the label that each cue would give (:func:`~seattn_course.lab.data.orientations`).
    ValueError where it does not fit ``batch``, and if the attention of ``model`` is not x * gate(x).
    """
    if labels_by_cue.shape[0] != len(batch) or not torch.equal(
        labels_by_cue.gather(1, batch.cue[:, None]).squeeze(1), batch.labels
    ):
        raise ValueError(f"labels_by_cue must give the batch's labels, got {tuple(labels_by_cue.shape)}")
    own = gates(model, batch.images)
    donor = _donors(batch.cue)
    before = predictions(model, batch)
    after = _predicted(model, batch, [gate[donor] for gate in own])
    mean = _predicted(model, batch, [gate.mean(0, keepdim=True).expand_as(gate) for gate in own])
    theirs = labels_by_cue.gather(1, batch.cue[donor][:, None]).squeeze(1)
    differ = theirs != batch.labels
    return Swap(
        follow=_share(after[differ] == theirs[differ]),
        stay=_share(after[differ] == batch.labels[differ]),
        changed=_share(after != before),
        mean_gate=_share(mean == batch.labels),
        images=int(differ.sum()),
    )


def _donors(cue: Tensor) -> Tensor:
    """For each image the index of one with another cue: sorted by cue, and moved on by the largest group."""
    order = cue.argsort(stable=True)
    largest = int(cue.bincount().max())
    if 2 * largest > len(cue):
        raise ValueError(f"batch must have another cue in at least half of its images, got {largest} alike")
    donor = torch.empty_like(order)
    donor[order] = order.roll(-largest)
    return donor


def _predicted(model: LocalFeatures, batch: Batch, given: Sequence[Tensor]) -> Tensor:
    def giving(gate: Tensor) -> Callable:
        def give(attention: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
            if gate_kind(attention, inputs[0]) != "product":
                raise ValueError("model must have an attention that returns x * gate(x), got another")
            return inputs[0] * gate.to(inputs[0])

        return give

    with _hooked(model, lambda place: giving(given[place])):
        return predictions(model, batch, chunk=len(batch))


@contextmanager
def _hooked(model: LocalFeatures, hook_of: Callable[[int], Callable]) -> Iterator[None]:
    if not isinstance(model, LocalFeatures):
        raise TypeError(f"model must be a LocalFeatures, got {type(model).__name__}")
    with ExitStack() as stack:
        for place, block in enumerate(model.blocks):
            if not hasattr(block, "attn"):
                raise ValueError(f"model must have one attention a block, got {type(block).__name__} with two")
            hook, inside = hook_of(place), [False]

            def once(attention, inputs, output, hook=hook, inside=inside):
                if inside[0]:  # gate_kind calls the module again
                    return None
                inside[0] = True
                try:
                    return hook(attention, inputs, output)
                finally:
                    inside[0] = False

            stack.callback(block.attn.register_forward_hook(once).remove)
        yield


def _unlabelled(images: Tensor) -> Batch:
    nothing = torch.zeros(len(images), dtype=torch.int64)
    return Batch(images, nothing, nothing)


def _share(right: Tensor) -> float:
    return right.double().mean().item() if len(right) else float("nan")
