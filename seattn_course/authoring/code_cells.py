"""A code cell as two parts: what runs (the syntax tree) and what only people read (comments, docstrings).

The twins share the first part; each has its own second part. Both parts are the same for every Python from 3.11
on: the tree is written out field by field, without the fields and empty values that some versions add.
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass

from seattn_course.authoring.stubs import MESSAGES

DOCSTRING = "(docstring)"
STUB_MESSAGE = "(write your answer here)"
LANGUAGE_MODULE = "seattn_course.(language)"
# Comments that a machine reads: they belong to the code, and are the same in both languages.
MARKER = re.compile(r"#\s*(BEGIN SOLUTION|END SOLUTION|SOLUTION|noqa\b.*|type:.*|fmt:.*)\s*$")
STUB_MESSAGE = "(what an exercise's stub says)"
DOCUMENTED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Words:
    """A comment or docstring: its kind, where it stands (1-based line, column; end exclusive), as written."""

    kind: str  # "trailing" comment, "block" of comment lines, or "docstring"
    start: tuple[int, int]
    end: tuple[int, int]
    raw: str

    @property
    def text(self) -> str:
        """The words alone, on one line."""
        if self.kind == "docstring":
            return " ".join(ast.literal_eval(f"({self.raw})").split())
        return " ".join(line.strip().lstrip("#").strip() for line in self.raw.splitlines())


def parse(source: str) -> ast.Module:
    """The syntax tree of a cell, IPython's magics included; SyntaxError if it is neither Python nor IPython."""
    try:
        return ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return ast.parse(TransformerManager().transform_cell(source))


def _docstring(node: ast.AST) -> ast.Expr | None:
    """The statement that is the node's docstring."""
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        return node.body[0]
    return None


def code_tree(source: str, language: str) -> ast.Module:
    """The tree that the twins share: docstrings, the language's own module and a stub's message are neutral."""
    tree = parse(source)
    for node in ast.walk(tree):
        if statement := _docstring(node):
            statement.value = ast.copy_location(ast.Constant(DOCSTRING), statement.value)
        elif isinstance(node, ast.ImportFrom) and node.module == f"seattn_course.{language}" and not node.level:
            node.module = LANGUAGE_MODULE
        elif isinstance(node, ast.Constant) and node.value == MESSAGES[language]:
            node.value = STUB_MESSAGE
        elif isinstance(node, ast.JoinedStr):
            # Versions differ in how they cut an f-string's literal parts, not in its expressions.
            node.values = [v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")]
    return tree


def children(node: ast.AST) -> list[tuple[str, object]]:
    """The fields that carry meaning, as (name, value), without empty ones."""
    silent = {"ctx", "kind", "type_comment", "type_ignores"}
    fields = ((name, value) for name, value in ast.iter_fields(node) if name not in silent)
    return [(name, value) for name, value in fields if value not in (None, [])]


def written_out(node: object) -> str:
    """A tree as text that does not depend on the version of Python."""
    if isinstance(node, ast.Constant):  # its value may be None, which is not an empty field here
        return f"{type(node.value).__name__}:{node.value!r}"
    if isinstance(node, ast.AST):
        fields = ",".join(f"{name}={written_out(value)}" for name, value in children(node))
        return f"{type(node).__name__}({fields})"
    if isinstance(node, list):
        return "[" + ",".join(map(written_out, node)) + "]"
    return repr(node)


def markers(source: str) -> list[tuple[int, str]]:
    """(number of statements and headers before it, marker) for each comment that a machine reads."""
    found, logical_lines = [], 0
    for token in _tokens(source):
        if token.type == tokenize.NEWLINE:
            logical_lines += 1
        elif token.type == tokenize.COMMENT and MARKER.match(token.string):
            found.append((logical_lines, token.string.lstrip("# ").strip()))
    return found


def words(source: str) -> list[Words]:
    """The comments and docstrings of a cell in order; comment lines that follow each other are one block."""
    lines = source.splitlines()
    found: list[Words] = []
    for token in _tokens(source):
        if token.type != tokenize.COMMENT or MARKER.match(token.string):
            continue
        (line, column), last = token.start, found[-1] if found else None
        own_line = not lines[line - 1][:column].strip()
        if own_line and last and last.kind == "block" and last.end[0] == line - 1 and last.start[1] == column:
            found[-1] = Words("block", last.start, token.end, f"{last.raw}\n{token.string}")
        else:
            found.append(Words("block" if own_line else "trailing", token.start, token.end, token.string))
    return sorted(found + _docstrings(source), key=lambda one: one.start)


def _docstrings(source: str) -> list[Words]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with magics: its comments are found, docstrings in it are not
        return []
    lines = source.splitlines()
    found = []
    for statement in filter(None, map(_docstring, ast.walk(tree))):
        node = statement.value
        # ast counts UTF-8 bytes, tokenize characters
        start = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
        end = len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
        raw = ast.get_source_segment(source, node)
        found.append(Words("docstring", (node.lineno, start), (node.end_lineno, end), raw))
    return found


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    """The tokens up to the end, or up to where Python's tokenizer gives up (IPython's magics)."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            found.append(token)
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


@dataclass(frozen=True)
class Difference:
    """The smallest place where two cells' code differs: 1-based lines, and the code on both sides."""

    lines: tuple[int, int]
    codes: tuple[str, str]


def first_difference(a: ast.AST, b: ast.AST) -> Difference | None:
    """The first place where two trees of ``code_tree`` differ; None if they are equal."""
    if written_out(a) == written_out(b):
        return None
    if type(a) is type(b):
        a_fields, b_fields = dict(children(a)), dict(children(b))
        for name in dict.fromkeys([*a_fields, *b_fields]):
            a_nodes, b_nodes = _nodes(a_fields.get(name)), _nodes(b_fields.get(name))
            for a_node, b_node in zip(a_nodes, b_nodes):
                found = first_difference(a_node, b_node)
                if found and "" not in found.codes:
                    return found
            if len(a_nodes) != len(b_nodes) and isinstance(a, ast.Module):
                longer, position = max(a_nodes, b_nodes, key=len), min(len(a_nodes), len(b_nodes))
                extra = ast.unparse(longer[position])
                codes = (extra, "(nothing)") if longer is a_nodes else ("(nothing)", extra)
                return Difference((longer[position].lineno, longer[position].lineno), codes)
    return Difference((getattr(a, "lineno", 0), getattr(b, "lineno", 0)), (_unparse(a), _unparse(b)))


def _nodes(value: object) -> list[ast.AST]:
    values = value if isinstance(value, list) else [value]
    return [node for node in values if isinstance(node, ast.AST)]


def _unparse(node: ast.AST) -> str:
    """The node's code; empty for nodes that are no code by themselves (operators, argument lists)."""
    if not hasattr(node, "lineno"):
        return ""
    return ast.unparse(ast.fix_missing_locations(node))
