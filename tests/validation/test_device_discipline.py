"""No lesson and no solution names a device: what runs on the CPU here runs on a GPU elsewhere.

Found without a GPU: by reading the code, and by running the modules that the notebooks define on the ``meta``
device, where a tensor made on a named device meets one that is not.
"""

import ast
import inspect
import re

import pytest
import torch
from torch import nn

from seattn_course.authoring.tree import CourseTree, find_root

ROOT = find_root()
NOTEBOOKS = CourseTree(ROOT).lessons("notebooks", "solutions", languages=("en",))  # the twins' code is equal
NAMED = re.compile(r"(cpu|cuda|mps|xpu)(:\d+)?")
ATTRIBUTES = {"cuda", "mps", "xpu"}  # .cpu() is how a result comes back to be printed or drawn


def code_cells(lesson) -> list[tuple[str, ast.Module]]:
    return [(cell.id, ast.parse(cell.source)) for cell in lesson.read().cells if cell.cell_type == "code"]


def named_devices(tree: ast.AST) -> list[str]:
    """Calls that name a device: x.cuda(), x.to("cuda"), torch.zeros(3, device="cpu"), torch.device("cuda:0")."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in ATTRIBUTES:
            found.append(ast.unparse(node))
        places = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "device")]
        takes_device = isinstance(node.func, ast.Attribute) and node.func.attr in ("to", "device", "type")
        for place in places:
            text = place.value if isinstance(place, ast.Constant) and isinstance(place.value, str) else ""
            if NAMED.fullmatch(text) and (takes_device or place not in node.args):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("lesson", NOTEBOOKS, ids=lambda lesson: lesson.name)
def test_no_cell_names_a_device(lesson):
    assert {name: found for name, tree in code_cells(lesson) if (found := named_devices(tree))} == {}


@pytest.mark.parametrize(
    "source",
    ["x.cuda()", "x.to('cuda')", "torch.zeros(3, device='cpu')", "torch.device('cuda:0')", "x.to(device='cuda')"],
)
def test_a_named_device_is_found(source):
    assert named_devices(ast.parse(source))


@pytest.mark.parametrize("source", ["x.to(device())", "x.cpu()", "print('cpu')", "device().type == 'cuda'"])
def test_the_courses_own_ways_are_free(source):
    assert not named_devices(ast.parse(source))


# On purpose; lesson 15 finds out: one fails on small maps, the others ask for a value.
BROKEN = {"Draft", "Saving", "BuggyGate"}


def defines(node: ast.stmt) -> bool:
    """An import, a definition, or a constant: what can be run without running the lesson."""
    if isinstance(node, ast.Assign):
        return not any(isinstance(part, ast.Call) for part in ast.walk(node))
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef))


def modules_of(lesson) -> dict[str, type]:
    """The lesson's own modules that can be made as ``Block(channels)``; a base class may want more."""
    space: dict = {}
    for _, tree in code_cells(lesson):
        for node in filter(defines, tree.body):
            try:
                exec(compile(ast.Module([node], []), lesson.name, "exec"), space)
            except (NameError, LookupError):
                if not isinstance(node, ast.Assign):  # a constant may be made from results, not computed here
                    raise
    found = {}
    for name, value in space.items():
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == "builtins":
            wanted = [
                parameter.name
                for parameter in inspect.signature(value).parameters.values()
                if parameter.default is parameter.empty
            ]
            if wanted == ["channels"] and name not in BROKEN:
                found[name] = value
    return found


@pytest.mark.parametrize("lesson", NOTEBOOKS, ids=lambda lesson: lesson.name)
def test_modules_of_the_notebooks_run_on_meta(lesson):
    for name, module in modules_of(lesson).items():
        with torch.device("meta"):
            block = module(32)
            x = torch.empty(2, 32, 5, 3)
        y = block(x)
        assert y.device.type == "meta", name
        assert y.shape == x.shape, name


def test_there_are_modules_to_try():
    assert sum(len(modules_of(lesson)) for lesson in NOTEBOOKS) >= 4
