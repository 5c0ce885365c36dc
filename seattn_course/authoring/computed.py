"""What a notebook computed: every number in its stored outputs and every constant in its code."""

import ast
import html
import operator
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

_TOKEN = re.compile(r"(?<![\w.])(?<!\w-)([-−]?)(\d[\d.,]*\d|\d)(e[-+]?\d+)?(\s?%)?")
_FOLDED = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
           ast.FloorDiv: operator.floordiv, ast.Pow: operator.pow}  # fmt: skip
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_STYLE_OR_TAG = re.compile(r"<style.*?</style>|<script.*?</script>|<[^>]*>", re.DOTALL)


class Computed:
    """A set of numbers that can be asked for "anything within this tolerance", and for the nearest ones."""

    def __init__(self, values: Iterable[float]):
        self._values = sorted(set(values))

    def holds(self, value: float, tolerance: float) -> bool:
        """Whether a number lies within ``tolerance`` of ``value``."""
        slack = tolerance * (1 + 1e-9) + 1e-9 * abs(value)
        place = bisect_left(self._values, value - slack)
        return place < len(self._values) and self._values[place] <= value + slack

    def nearest(self, value: float, count: int = 3) -> list[float]:
        place = bisect_left(self._values, value)
        near = self._values[max(0, place - count) : place + count]
        return sorted(near, key=lambda known: abs(known - value))[:count]


def computed(notebook: NotebookNode, language: str) -> Computed:
    """All numbers that ``notebook`` computed or was given in code; ``language`` decides how outputs are read."""
    values: set[float] = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            values.update(code_numbers(cell.source))
            for output in cell.outputs:
                for text in output_texts(output):
                    values.update(output_numbers(text, language))
    return Computed(values)


def output_texts(output: NotebookNode) -> Iterator[str]:
    """The texts an output shows: a stream, or the textual forms of a result (a figure's is its description)."""
    if output.output_type == "stream":
        yield _ANSI.sub("", output.text)
    for mime, data in output.get("data", {}).items():
        if mime == "text/html":
            yield html.unescape(_STYLE_OR_TAG.sub(" ", data))  # or the 27 of an escaped &#x27; would be a number
        elif mime.startswith("text/"):
            yield data


def output_numbers(text: str, language: str) -> Iterator[float]:
    """Each number in an output, in every way its separators can be read in that language."""
    for sign, digits, exponent, percent in _TOKEN.findall(text):
        for reading in _readings(digits, language):
            value = float(reading + exponent) * (-1 if sign else 1)
            yield value
            if percent:
                yield value / 100


def _readings(digits: str, language: str) -> Iterator[str]:
    if re.fullmatch(r"\d+(\.\d+)?", digits):
        yield digits
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        yield digits.replace(",", "")
    elif "," in digits:
        yield from (part for part in digits.split(",") if re.fullmatch(r"\d+(\.\d+)?", part))
    if language == "tr":
        if re.fullmatch(r"\d+,\d+", digits):
            yield digits.replace(",", ".")
        if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+(,\d+)?", digits):
            yield digits.replace(".", "").replace(",", ".")


def code_numbers(source: str) -> Iterator[float]:
    """Each number in a code cell, constant expressions (``1 / 16``) evaluated; none if the cell does not parse."""
    lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        value = _constant(node)
        if value is not None:
            yield value


def _constant(node: ast.AST) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool) and abs(value) < 1e300:
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _constant(operand)
            return None if value is None else -value
        case ast.BinOp(op=op) if type(op) in _FOLDED:
            left, right = _constant(node.left), _constant(node.right)
            if left is None or right is None or (isinstance(op, ast.Pow) and abs(right) > 64):
                return None
            try:
                value = _FOLDED[type(op)](left, right)
            except (ZeroDivisionError, OverflowError):
                return None
            return value if isinstance(value, float) else None
    return None
