"""The examples in the docstrings run, and each class says what a reader needs: residual, models, profiling."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

from seattn_course import models, residual

MODULES = [
    *(
        f"{room.__name__}.{entry.name}"
        for room in (residual, models)
        for entry in pkgutil.iter_modules(room.__path__)
    ),
    "seattn_course.lab.profiling",
    "seattn_course.lab.gradients",
]
CLASSES = {
    name: getattr(room, name)
    for room in (residual, models)
    for name in room.__all__
    if inspect.isclass(getattr(room, name))
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert result.attempted > 0


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_states_equation_shapes_errors_and_example(name):
    text = inspect.getdoc(CLASSES[name])
    assert "Shape" in text
    assert "arXiv" in text or "et al." in text or "erratum" in text, "source"
    assert "Error" in text or "errors" in text
    assert ">>>" in text


@pytest.mark.parametrize("name", [name for room in (residual, models) for name in room.__all__])
def test_every_public_name_is_documented(name):
    public = getattr(residual, name, None) or getattr(models, name)
    assert len(inspect.getdoc(public)) > 40
    if inspect.isfunction(public):
        assert "Error" in inspect.getdoc(public) or "errors" in inspect.getdoc(public)
