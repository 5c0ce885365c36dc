"""Gate "parity-outputs": the twins' stored outputs have the same number, types and numbers.

Words in outputs are translated, so only the numbers of the textual forms are compared; a figure's textual form is
its description. Cells tagged nbval-ignore-output may print other numbers on each run: their types alone count.
"""

import re
from collections import Counter
from collections.abc import Iterator

from nbformat import NotebookNode

from seattn_course.authoring.computed import output_texts
from seattn_course.authoring.notebooks import matched_cells
from seattn_course.authoring.parity_prose import only_in_one
from seattn_course.authoring.tree import PAIRED_KINDS, CourseTree, Finding

_NUMBER = re.compile(r"(?:(?<![\w.)\]])[-−])?\d(?:[\d.,]*\d)?(?:e[-+]?\d+)?%?")
# 1.5 stays 1.5 (outputs keep the point), but a decimal comma or two points can only be Turkish
_TURKISH = re.compile(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+|-?\d{1,3}(\.\d{3}){2,}")


def parity_outputs_gate(tree: CourseTree) -> Iterator[Finding]:
    # exercises are delivered without outputs: the gate "execution" sees to that
    for _, turkish, name, english_cell, turkish_cell in matched_cells(tree, *PAIRED_KINDS):
        if english_cell.cell_type == "code":
            for message in output_differences(english_cell, turkish_cell):
                yield Finding("parity-outputs", turkish.name, name, message)


def output_differences(english: NotebookNode, turkish: NotebookNode) -> Iterator[str]:
    """What differs between the stored outputs of two cells."""
    types = [[output_type(output) for output in cell.outputs] for cell in (english, turkish)]
    if types[0] != types[1]:
        yield f"outputs differ: English {types[0] or 'none'}, Turkish {types[1] or 'none'}"
    elif "nbval-ignore-output" not in english.metadata.get("tags", []):
        english_numbers, turkish_numbers = cell_numbers(english), cell_numbers(turkish)
        if Counter(english_numbers) != Counter(turkish_numbers):  # `1,024` is printed alike in both
            points = [number.replace(",", "") for number in english_numbers]
            if message := only_in_one("numbers in the outputs", points, map(with_point, turkish_numbers)):
                yield message


def output_type(output: NotebookNode) -> str:
    """An output's kind, with what distinguishes it: the stream's name, the error's, or the forms of a result."""
    match output.output_type:
        case "stream":
            return f"stream {output.name}"
        case "error":
            return f"error {output.ename}"
        case kind:
            return f"{kind} {'+'.join(sorted(output.data))}"


def cell_numbers(cell: NotebookNode) -> list[str]:
    """The numbers in a cell's textual outputs as they are written; addresses of objects are none."""
    found = []
    for output in cell.outputs:
        texts = list(output_texts(output)) if output.output_type != "error" else [output.evalue]
        for text in texts:
            found += [number.replace("−", "-") for number in _NUMBER.findall(re.sub(r"\b0x[0-9a-f]+", "", text))]
    return found


def with_point(number: str) -> str:
    """A number of a Turkish text as English writes it, without separators of thousands."""
    if _TURKISH.fullmatch(number.rstrip("%")):
        number = number.replace(".", "").replace(",", ".")
    return number.replace(",", "")
