"""The stored measurement of torch.compile, and how it is made; its figures are not tested."""

import math
from dataclasses import replace

import torch

from seattn_course.lab import compiled


def test_what_is_stored_is_of_this_torch_and_makes_sense():
    found = compiled.stored()
    assert torch.__version__.startswith(found.torch.rpartition(".")[0])
    assert found.first_call > 100 * found.compiled > 0


def test_calls_to_pay_off():
    found = replace(compiled.stored(), first_call=30.0, eager=0.05, compiled=0.04)
    assert math.isclose(found.calls_to_pay_off, 3000)
    assert replace(found, compiled=0.06).calls_to_pay_off == math.inf


def test_a_measurement_survives_its_file(tmp_path, monkeypatch):
    found = compiled.measure(rounds=2, backend="eager")
    path = compiled.write(found, tmp_path)
    monkeypatch.setattr(compiled.resources, "files", lambda package: tmp_path.parent)
    monkeypatch.setattr(compiled, "FILE", path.name)
    (tmp_path.parent / "results").mkdir(exist_ok=True)
    path.rename(tmp_path.parent / "results" / path.name)
    assert compiled.stored() == found
