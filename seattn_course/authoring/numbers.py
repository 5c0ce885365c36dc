"""Gate "numbers": every number in the prose of lessons and solutions was computed, or is cited.

A number stands if an output or the code of the same notebook holds it at the rounding the prose states (percent
and 28.1 M included), if the cell links to a source whose table facts.toml lists with that value, if arithmetic
shown beside it yields it, or if it merely counts (an integer up to 12 that is no result). A cell tagged
``given-numbers`` may also state the numbers its ``reason`` names: those of a question, say. Comments and strings
in code are not read: what a string shows is an output, and code spans show code.
"""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring import prose_numbers
from seattn_course.authoring.arithmetic import equations
from seattn_course.authoring.computed import Computed, computed, output_numbers
from seattn_course.authoring.facts import FILE, Fact, cited, read_facts
from seattn_course.authoring.markdown import OPAQUE, Block, blocks
from seattn_course.authoring.prose_numbers import Mention, Quantity, mentions, read_number
from seattn_course.authoring.tree import CourseTree, Finding

GATE = "numbers"
GIVEN = "given-numbers"
_PLAIN_SPAN = re.compile(r"[\d\s.,()\[\]\-−+e×*/=]*\d[\d\s.,()\[\]\-−+e×*/=]*")
_LATEX = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\\(?:text|mathrm|operatorname|mathbf|tag|label|begin|end)\*?\{[^{}]*\}", OPAQUE),
        (r"\\cdot|\\times", "·"),
        (r"\\approx|\\simeq", "≈"),
        (r"\\[dt]?frac\s?\{([^{}]*)\}\s?\{([^{}]*)\}", r"((\1)/(\2))"),
        (r"\\left|\\right|\\[,;:! ]|\\q?quad", " "),
        (r"\\%", "%"),
        (r"_\{[^{}]*\}|_\w", OPAQUE),
        (r"\^\{([^{}]*)\}", r"^(\1)"),
        (r"\\\\|&", " ; "),
        (r"\\[a-zA-Z]+", OPAQUE),
        (r"[{}]", ""),
    )
]


def numbers_gate(tree: CourseTree) -> Iterator[Finding]:
    """A finding for each number in prose that nothing accounts for."""
    try:
        facts = read_facts(tree.root)
    except ValueError as error:
        yield Finding(GATE, FILE, None, str(error))
        return
    for lesson in tree.lessons("notebooks", "solutions"):
        if notebook := tree.notebook(lesson):
            for cell, message in problems(notebook, lesson.language, facts):
                yield Finding(GATE, lesson.name, cell, message)


def problems(notebook: NotebookNode, language: str, facts: list[Fact]) -> Iterator[tuple[str, str]]:
    """(cell name, message) for each number in the notebook's Markdown that nothing accounts for."""
    known = computed(notebook, language)
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        parts = blocks(cell.source)
        values, unknown = cited(parts, facts)
        if GIVEN in cell.metadata.get("tags", []):
            values = [*values, *output_numbers(cell.metadata.get("reason", ""), "en")]
        name = cell.metadata.get("name") or cell.get("id", "?")
        witnesses = [known, Computed(values)]
        found = [message for block in parts for message in _block_problems(block, language, witnesses)]
        yield from ((name, message) for message in (*unknown, *dict.fromkeys(found)))


def _block_problems(block: Block, language: str, witnesses: list[Computed]) -> Iterator[str]:
    yield from _text_problems(prose_numbers.readable(block), language, witnesses)
    for piece in block.pieces:
        if piece.kind == "math":
            yield from _text_problems(_from_latex(piece.text, language), "en", witnesses)
        elif (piece.kind == "code" and _PLAIN_SPAN.fullmatch(piece.text)) or (
            piece.kind == "fence" and piece.target in ("", "text")
        ):
            yield from _text_problems(prose_numbers.excuse(piece.text), "en", witnesses)


def _from_latex(formula: str, language: str) -> str:
    text = formula.replace("{,}", "." if language == "tr" else "")
    for pattern, replacement in _LATEX:
        text = pattern.sub(replacement, text)
    return prose_numbers.excuse(text)


def _text_problems(text: str, language: str, witnesses: list[Computed]) -> Iterator[str]:
    shown = equations(text, lambda whole, place: read_number(whole, place, language))
    for equation in shown:
        if not equation.holds:
            yield f"{equation.text!r} does not check out: {equation.value:.6g}"
    derived = [equation.result for equation in shown if equation.result]
    for mention in mentions(text, language):
        follows = any(start <= mention.start and mention.end <= end for start, end in derived)
        accounted = follows or _accounted(mention, witnesses) or _quotient(mention, text, witnesses)
        if not (accounted or mention.counting):
            near = ", ".join(f"{value:g}" for value in witnesses[0].nearest(mention.readings[0][0].value))
            yield f"{mention.text!r} is in no output, code or cited source (nearest computed: {near or 'none'})"


def _accounted(mention: Mention, witnesses: list[Computed]) -> bool:
    return any(
        all(any(_holds(quantity, witness) for witness in witnesses) for quantity in reading)
        for reading in mention.readings
    )


def _holds(quantity: Quantity, witness: Computed) -> bool:
    tolerance = 0.5 * quantity.step if quantity.rounded or quantity.percent else 0.0
    candidates = [(quantity.value, tolerance)]
    if quantity.percent:
        candidates.append((quantity.value / 100, tolerance / 100))
    if not quantity.signed:
        candidates += [(-value, allowed) for value, allowed in candidates]
    return any(witness.holds(value, allowed) for value, allowed in candidates)


def _quotient(mention: Mention, text: str, witnesses: list[Computed]) -> bool:
    """Whether the mention is part of a fraction such as 1/16 whose value was computed."""
    for fraction in re.finditer(r"(?<![\d.,/])(\d+)\s?/\s?(\d+)(?![\d.,]*/)", text):
        if fraction.start() <= mention.start < fraction.end() and int(fraction[2]):
            value = int(fraction[1]) / int(fraction[2])
            return any(witness.holds(value, 1e-4 * value) for witness in witnesses)
    return False
