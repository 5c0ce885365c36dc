"""Arithmetic that prose shows, such as ``2·64·4 = 512``: read it, and see whether it checks out.

A result that follows from the numbers beside it needs no other witness; the operands do.
"""

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

_SIGNS = {"·": "*", "×": "*", "*": "*", "/": "/", "÷": "/", "+": "+", "-": "-", "−": "-", "–": "-", "^": "**"}
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}  # fmt: skip
_CLOSING, _OPENING = (")", "]", "_", "\ufffc"), ("(", "[", "_", "\ufffc")
Reader = Callable[[str, int], tuple[float, float, int] | None]
_RUN = re.compile(r"(?:[\d()\s+\-−–·×*/÷^=≈%]|[.,](?=\d))+")


@dataclass(frozen=True)
class Equation:
    """Two sides that prose sets equal. ``result`` is the span of the side that is one number, if there is one."""

    text: str
    holds: bool
    value: float
    result: tuple[int, int] | None


@dataclass(frozen=True)
class _Side:
    start: int
    end: int
    numbers: tuple[tuple[float, float], ...]  # value and unit of the last stated digit of each operand
    expression: ast.expr

    @property
    def single(self) -> bool:
        return isinstance(self.expression, ast.Name)

    def value(self, shifted: int | None = None) -> float:
        """The side's value; with operand number ``shifted`` half a unit of its last digit higher."""
        shifts = (0.5 * step * (place == shifted) for place, (_, step) in enumerate(self.numbers))
        return _evaluate(self.expression, [value + shift for (value, _), shift in zip(self.numbers, shifts)])

    def doubt(self) -> float:
        """How far the value may move because its decimal operands are rounded."""
        rounded = [place for place, (_, step) in enumerate(self.numbers) if step < 1]
        return sum(abs(self.value(place) - self.value()) for place in rounded)


def _evaluate(node: ast.expr, numbers: list[float]) -> float:
    match node:
        case ast.Name():
            return numbers[int(node.id[1:])]
        case ast.UnaryOp(op=ast.USub()):
            return -_evaluate(node.operand, numbers)
        case ast.BinOp():
            left, right = _evaluate(node.left, numbers), _evaluate(node.right, numbers)
            if isinstance(node.op, ast.Pow) and abs(right) > 64:
                raise ValueError("no lesson shows such a power")
            return float(_OPERATORS[type(node.op)](left, right))
    raise ValueError(f"not arithmetic: {ast.dump(node)}")


def _side(text: str, start: int, end: int, read: Reader) -> _Side | None:
    """The arithmetic between ``start`` and ``end``, or None if it is none (or only part of something else)."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,"):
        end -= 1
    while text[start:end].startswith("(") and text[start:end].count("(") > text[start:end].count(")"):
        start += 1
    while text[start:end].endswith(")") and text[start:end].count(")") > text[start:end].count("("):
        end -= 1
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if start >= end or before.isalnum() or after.isalnum() or before in _CLOSING or after in _OPENING:
        return None  # "σ(0.35) = ..." is a function's value, "2C" a product with a letter
    code, numbers, place = "", [], start
    while place < end:
        if found := read(text, place):
            value, step, place = found
            if percent := re.compile(r"\s*%").match(text, place, end):
                value, step, place = value / 100, step / 100, percent.end()
            code += f"n{len(numbers)}"
            numbers.append((value, step))
        else:
            sign = text[place]
            if sign not in _SIGNS and sign not in "() ":
                return None
            code += _SIGNS.get(sign, sign)
            place += 1
    try:
        side = _Side(start, end, tuple(numbers), ast.parse(code.strip(), mode="eval").body)
        side.value()
    except (SyntaxError, ValueError, ZeroDivisionError, OverflowError, TypeError):
        return None
    return side


def _equation(text: str, sign: str, left: _Side, right: _Side) -> Equation | None:
    if left.single and right.single:
        return None
    lone = right if right.single else left if left.single else None
    other = left if lone is right else right
    allowed = 1e-9 * abs(other.value())
    if lone:
        allowed += 0.5 * lone.numbers[0][1]
    if sign == "≈":
        allowed += left.doubt() + (0 if lone is right else right.doubt())
    holds = abs(left.value() - right.value()) <= allowed * (1 + 1e-9)
    return Equation(text[left.start : right.end], holds, other.value(), (lone.start, lone.end) if lone else None)


def equations(text: str, read: Reader) -> list[Equation]:
    """All equations of plain arithmetic in ``text``.

    ``read(text, place)`` gives the number that begins there, as the text's language writes it: its value, the
    unit of its last stated digit and where it ends; None if none begins there. The right side of a ``=`` must
    equal the left one at the rounding it states; beside a ``≈`` the operands' own rounding counts too.
    """
    found = []
    for run in _RUN.finditer(text):
        signs = [run.start() + sign.start() for sign in re.finditer("[=≈]", run.group())]
        edges = [run.start() - 1, *signs, run.end()]
        sides = [_side(text, start + 1, end, read) for start, end in pairwise(edges)]
        for sign, (left, right) in zip(signs, pairwise(sides)):
            equation = left and right and _equation(text, text[sign], left, right)
            if equation:
                found.append(equation)
    return found
