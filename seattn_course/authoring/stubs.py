"""From a solution's answer cell to the stub a learner fills in.

Lines between ``# BEGIN SOLUTION`` and ``# END SOLUTION`` become one ``raise NotImplementedError``, which must lie
inside a function, so that Run All reaches the end; a line ending in ``# SOLUTION`` keeps its left-hand side and
gets ``...`` for the rest.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

MESSAGES = {
    "en": "Write your answer here; then run this cell and the `check` cell below it.",
    "tr": "Cevabınızı buraya yazın; sonra bu hücreyi ve altındaki `check` hücresini çalıştırın.",
}
BEGIN, END, LINE = "BEGIN SOLUTION", "END SOLUTION", "SOLUTION"
_MARKER = re.compile(r"#\s*((?:BEGIN |END )?SOLUTION)\s*$")


@dataclass(frozen=True)
class Stub:
    """The source a learner gets, and the pieces of the solution that were taken out of it."""

    source: str
    removed: tuple[str, ...]


def has_markers(source: str) -> bool:
    return any(True for _ in _markers(source))


def is_unfilled(source: str) -> bool:
    """Whether a learner's answer cell still holds a stub's ``raise NotImplementedError`` or ``= ...``."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return "raise NotImplementedError" in source
    return any(_is_stub_raise(node) or _is_ellipsis(node) for node in nodes)


def make_stub(source: str, language: str) -> Stub:
    """The stub of an answer cell; ValueError names the line (of the solution's cell) that cannot be turned."""
    lines = source.splitlines()
    removed: list[str] = []
    edits: list[tuple[int, int, list[str]]] = []  # first line, last line (1-based), what replaces them
    open_line: int | None = None
    for line, kind in _markers(source):
        if kind == BEGIN:
            if open_line:
                raise ValueError(f"line {line}: BEGIN SOLUTION inside the one that begins in line {open_line}")
            open_line = line
        elif kind == END:
            if not open_line:
                raise ValueError(f"line {line}: END SOLUTION without BEGIN SOLUTION")
            body = lines[open_line : line - 1]
            if not any(text.strip() and not text.strip().startswith("#") for text in body):
                raise ValueError(f"line {open_line}: nothing between BEGIN SOLUTION and END SOLUTION")
            removed.append("\n".join(body))
            indentation = lines[open_line - 1][: -len(lines[open_line - 1].lstrip())]
            edits.append((open_line, line, [f'{indentation}raise NotImplementedError("{MESSAGES[language]}")']))
            open_line = None
        elif not open_line:
            first, last, text, value = _without_value(source, lines, line)
            removed.append(value)
            edits.append((first, last, text))
    if open_line:
        raise ValueError(f"line {open_line}: BEGIN SOLUTION without END SOLUTION")
    for first, last, replacement in reversed(edits):
        lines[first - 1 : last] = replacement
    stub = "\n".join(lines)
    _proof(stub)
    return Stub(stub, tuple(removed))


def _markers(source: str) -> Iterator[tuple[int, str]]:
    """(line, BEGIN, END or LINE) of each marker; ValueError for a comment that looks like one and is none."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"is no Python: {error}") from None
    for token in tokens:
        if token.type == tokenize.COMMENT and LINE in token.string:
            found = _MARKER.search(token.string)
            alone = not token.line[: token.start[1]].strip()
            if not found or alone != (found[1] != LINE):
                raise ValueError(f"line {token.start[0]}: {token.string.strip()!r} is no marker of a solution")
            yield token.start[0], found[1]


def _without_value(source: str, lines: list[str], line: int) -> tuple[int, int, list[str], str]:
    """First and last line of the assignment or return that ends in ``line``, its stub, and the value removed."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) and node.value and node.end_lineno == line:
            value = node.value
            head = lines[value.lineno - 1].encode()[: value.col_offset].decode()
            tail = lines[line - 1].encode()[value.end_col_offset :].decode()
            text = head + "..." + _MARKER.sub("", tail).rstrip()
            return value.lineno, line, [text], ast.get_source_segment(source, value) or ""
    raise ValueError(f"line {line}: SOLUTION marks an assignment or a return; this line ends neither")


def _proof(stub: str) -> None:
    """ValueError unless the stub is Python and raises nothing while the cell itself runs."""
    try:
        tree = ast.parse(stub)
    except SyntaxError as error:
        raise ValueError(f"the stub is no Python (its line {error.lineno}): {error.msg}") from None
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if _is_stub_raise(node) and id(node) not in inside:
            raise ValueError(f"the stub's line {node.lineno} raises outside a function: Run All would stop there")


def _is_stub_raise(node: ast.AST) -> bool:
    call = node.exc if isinstance(node, ast.Raise) else None
    name = call.func if isinstance(call, ast.Call) else call
    return isinstance(name, ast.Name) and name.id == "NotImplementedError"


def _is_ellipsis(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) else None
    return isinstance(value, ast.Constant) and value.value is ...
