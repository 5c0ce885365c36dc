"""Libraries from outside: None where they cannot be had, whatever the reason, and themselves where they can."""

import importlib

import pytest

from seattn_course.lab import outside as room
from seattn_course.lab.outside import LIBRARIES, outside


def refusing(error: Exception, name: str):
    """An import_module that fails for one name."""
    real = importlib.import_module

    def import_module(wanted):
        if wanted == name:
            raise error
        return real(wanted)

    return import_module


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize(
    "error",
    [ModuleNotFoundError("no such module"), OSError("no libgomp.so.1"), RuntimeError("built for another torch")],
    ids=["missing", "shared library", "another torch"],
)
def test_what_cannot_be_imported_is_none(monkeypatch, name, error):
    monkeypatch.setattr(room.importlib, "import_module", refusing(error, LIBRARIES[name][0]))
    assert outside(name) is None


def test_missing_operators_are_defined_and_the_import_tried_again(monkeypatch):
    tries, defined = [], []

    def imported(name):
        tries.append(name)
        if len(tries) == 1:
            raise RuntimeError("operator torchvision::nms does not exist")
        return "timm"

    monkeypatch.setattr(room, "_imported", imported)
    monkeypatch.setattr(room, "_define_operators", lambda: defined.append(True))
    assert outside("timm") == "timm"
    assert (tries, defined) == (["timm", "timm"], [True])


@pytest.mark.reference
def test_a_network_of_timm_takes_the_worked_example(peers):
    from seattn_course.lab.which_where import WhichWhere
    from seattn_course.models import count_params, resnet18

    timm = outside("timm")
    assert timm is peers.timm

    def slot(channels, **settings):
        assert set(settings) == {"device", "dtype"}, "what the lesson says of timm's slot"
        return WhichWhere(channels)

    theirs = timm.create_model("resnet18", num_classes=10, block_args={"attn_layer": slot})
    assert count_params(theirs) == count_params(resnet18(10, attention=WhichWhere))
    assert not any(block.bn2.weight.any() for block in theirs.modules() if hasattr(block, "bn2"))


def test_an_unknown_library_is_refused():
    with pytest.raises(ValueError, match="'timm', 'onnxruntime', got 'keras'"):
        outside("keras")
