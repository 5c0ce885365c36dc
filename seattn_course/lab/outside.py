"""Libraries that a learner meets at work and that the course does not need: timm, and what runs ONNX."""

import importlib
from types import ModuleType

from seattn_course import arguments

# name: what has to be importable for it, the library itself last
LIBRARIES = {"timm": ("torchvision", "timm"), "onnxruntime": ("onnx", "onnxscript", "onnxruntime")}
_kept: list = []  # operators live as long as the object that defined them


def outside(name: str) -> ModuleType | None:
    """The library, or None where it, or something it needs, is not installed or does not work here.

    name: "timm" or "onnxruntime", else ValueError. timm imports torchvision. A torchvision that is built for CUDA
    fails beside a CPU build of torch for want of two operators, which the models in use here never call: empty
    definitions of both mend that.

    >>> outside("onnx")
    Traceback (most recent call last):
    ValueError: name must be one of 'timm', 'onnxruntime', got 'onnx'
    """
    name = arguments.choice("name", name, LIBRARIES)
    try:
        return _imported(name)
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            return None
    except (ImportError, OSError):  # not installed; a shared library that is missing
        return None
    _define_operators()
    try:
        return _imported(name)
    except (ImportError, OSError, RuntimeError):
        return None


def _imported(name: str) -> ModuleType:
    return [importlib.import_module(needed) for needed in LIBRARIES[name]][-1]


def _define_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept.append(library)
