"""The benchmark of the ablation runs and reports. Its figures are not tested."""

from pathlib import Path

import pytest
import torch

from seattn_course.lab.configuration import Configuration
from seattn_course.lab.training import Settings

SHORT = {"settings": Settings(steps=2), "batch": 8, "width": 8, "test": 40}


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    import ablation_speed

    return ablation_speed


def test_report_of_processes_against_serial(benchmark):
    models = {name: Configuration(attention=name, **SHORT) for name in ("none", "se")}
    report = benchmark.on_cpu(models, range(2), workers=2)
    assert "2 models x 2 seeds = 4 runs" in report
    assert "| 2 processes, same numbers |" in report
    assert f"aim {benchmark.FASTER}" in report


def test_other_numbers_are_an_error(benchmark, monkeypatch):
    counter = iter(range(100))
    monkeypatch.setattr(benchmark, "numbers", lambda results: next(counter))
    with pytest.raises(SystemExit, match="not the serial ones"):
        benchmark.on_cpu({"none": Configuration(**SHORT)}, range(1), workers=1)


def test_report_of_stacked_seeds(benchmark):
    models = {"se": Configuration(attention="se", **SHORT)}
    report = benchmark.on_gpu(models, range(2))
    assert ("| se |" in report) == torch.cuda.is_available()
    assert torch.cuda.is_available() or "not measured, torch finds no GPU" in report
