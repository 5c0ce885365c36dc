"""Fixtures for all tests. torch is imported where used: most tests of the authoring tools need none of it."""

import os
from types import SimpleNamespace

import pytest
from hypothesis import settings

# In CI the same examples each time: a red run is then about the change, not about luck. Elsewhere new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items):
    """With --dist loadgroup, a file's tests, or an exercise's, share a worker and so their fixtures."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        item.add_marker(pytest.mark.xdist_group(parameters.get("exercise", item.path.stem)))


@pytest.fixture(scope="session")
def peers():
    """``peers.timm`` and ``peers.torchvision``: independent implementations to compare with."""
    from seattn_course.lab.outside import outside

    assert outside("timm"), "the tests need timm and torchvision"
    import timm
    import timm.layers.cbam
    import timm.layers.coord_attn
    import torchvision
    import torchvision.ops

    return SimpleNamespace(timm=timm, torchvision=torchvision)
