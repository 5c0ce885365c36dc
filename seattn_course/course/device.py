"""Which device the notebooks run on. Data is made on the CPU generator and moved, so numbers agree."""

import os

CHOICES = ("auto", "cpu", "cuda")


def device() -> "torch.device":  # noqa: F821 - torch is imported late: the package stays light
    """The device chosen by ``SEATTN_DEVICE`` (auto, cpu or cuda; auto takes a GPU when there is one)."""
    import torch

    choice = os.environ.get("SEATTN_DEVICE", "auto")
    if choice not in CHOICES:
        raise ValueError(f"SEATTN_DEVICE must be one of {', '.join(CHOICES)}, got {choice!r}")
    if choice == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("SEATTN_DEVICE=cuda, but torch finds no GPU here; use cpu or auto")
    if choice == "auto":
        choice = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(choice)
