"""Mutants: every small change of a reference solution that a slip of the pen could make.

The exercise checker has to reject each of them, or the exercise says why the mutant is right as well.
"""

import ast
import copy
import inspect
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seattn_course.checks.exercise import Exercise

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.LtE: (ast.Lt,),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
# Names that are easily taken for one another: a function, a layer, a method.
NAMES = {
    "max": ("min",),
    "min": ("max",),
    "maximum": ("minimum",),
    "mean": ("sum", "amax"),
    "sum": ("mean",),
    "sigmoid": ("tanh", "relu"),
    "relu": ("sigmoid",),
    "ReLU": ("Identity", "Sigmoid"),
    "Sigmoid": ("Identity", "Tanh", "ReLU"),
    "AdaptiveAvgPool2d": ("AdaptiveMaxPool2d",),
    "randn": ("rand", "ones"),
    "exp": ("expm1",),
    "in_features": ("out_features",),
    "out_features": ("in_features",),
    "named_modules": ("named_children",),
    "gate_fn": ("fc2",),
    "weight": ("bias",),
    "fc1": ("fc2",),
    "fc2": ("fc1",),
}
SKIPPED = ("annotation", "returns", "decorator_list")
# Exchanging their two arguments changes nothing.
SYMMETRIC = ("max", "min", "maximum", "minimum")


@dataclass(frozen=True)
class Mutant:
    """A changed reference: ``text`` says what was changed where, ``answer`` is what a learner would pass."""

    text: str
    answer: Any


def mutants(exercise: Exercise) -> Iterator[Mutant]:
    """Every mutant of the exercise's reference that still compiles; equal texts are numbered (#2, #3, ...)."""
    source = textwrap.dedent(inspect.getsource(exercise.reference))
    tree = ast.parse(source)
    namespace = vars(sys.modules[exercise.reference.__module__])
    seen: Counter = Counter()
    for path, replacement in _changes(tree):
        changed = copy.deepcopy(tree)
        text = _describe(tree, path, replacement)
        seen[text] += 1
        if seen[text] > 1:
            text += f" #{seen[text]}"
        _put(changed, path, replacement)
        try:
            code = compile(ast.fix_missing_locations(changed), "<mutant>", "exec")
            scope = dict(namespace)
            exec(code, scope)
        except (SyntaxError, ValueError, TypeError, NameError):
            continue
        yield Mutant(text, scope[exercise.reference.__name__])


def _changes(tree: ast.AST) -> Iterator[tuple[tuple, ast.AST | None]]:
    """(path to a node, what stands there instead; None removes a statement)."""
    for path, node in _walk(tree, ()):
        yield from ((path, replacement) for replacement in _replacements(node))


def _walk(node: ast.AST, path: tuple) -> Iterator[tuple[tuple, ast.AST]]:
    for field, value in ast.iter_fields(node):
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            # Annotations and decorators do not compute anything, and the words of a message are free.
            if isinstance(child, ast.AST) and field not in SKIPPED and not isinstance(child, ast.JoinedStr):
                here = (*path, (field, index))
                yield here, child
                yield from _walk(child, here)


def _replacements(node: ast.AST) -> Iterator[ast.AST | None]:
    for operator in OPERATORS.get(type(node), ()):
        yield operator()
    if isinstance(node, ast.Constant) and node.value is not None:
        yield from (ast.Constant(value) for value in _constants(node.value))
    if isinstance(node, ast.Name):
        yield from (ast.Name(name, node.ctx) for name in NAMES.get(node.id, ()))
    if isinstance(node, ast.Attribute):
        yield from (ast.Attribute(node.value, name, node.ctx) for name in NAMES.get(node.attr, ()))
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        yield node.args[0]
    if isinstance(node, ast.Call) and len(node.args) == 2 and _name(node.func) not in SYMMETRIC:
        yield ast.Call(node.func, node.args[::-1], node.keywords)
    if isinstance(node, ast.Call):
        for index in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, node.keywords[:index] + node.keywords[index + 1 :])
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        for index in range(len(node.elts)):
            yield ast.Tuple(node.elts[:index] + node.elts[index + 1 :], node.ctx)
    if isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    if isinstance(node, ast.If):
        yield from (ast.If(ast.Constant(value), node.body, node.orelse) for value in (True, False))
    if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Raise)):
        yield None


def _name(function: ast.AST) -> str:
    return getattr(function, "attr", None) or getattr(function, "id", "")


def _constants(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        return [f"{value}x"]
    if value == 0:
        return [1]
    return [value + 1, value - 1] if isinstance(value, int) else [value + 1, 0.0]


def _at(tree: ast.AST, path: tuple) -> ast.AST:
    for field, index in path:
        tree = getattr(tree, field) if index is None else getattr(tree, field)[index]
    return tree


def _put(tree: ast.AST, path: tuple, replacement: ast.AST | None) -> None:
    *way, (field, index) = path
    parent = _at(tree, tuple(way))
    new = ast.Pass() if replacement is None else copy.deepcopy(replacement)
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _describe(tree: ast.AST, path: tuple, replacement: ast.AST | None) -> str:
    """The innermost statement (or function head) before and after."""
    length = max(
        i + 1 for i in range(len(path)) if isinstance(_at(tree, path[: i + 1]), (ast.stmt, ast.arguments))
    )
    before = _line(_at(tree, path[:length]))
    if replacement is None:
        return f"`{before}` removed"
    changed = copy.deepcopy(tree)
    _put(changed, path, replacement)
    return f"`{before}` → `{_line(_at(changed, path[:length]))}`"


def _line(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0]
