"""Seeded faults for the gates pairing, parity, parity-prose, parity-outputs and stale."""

import re
from collections.abc import Callable
from pathlib import Path

from faults import edit_source, fault, find_cell, place

from seattn_course.authoring.sync import synchronise
from seattn_course.authoring.tree import CourseTree, Lesson


def edit_notebook(lesson: Lesson, change: Callable[[list], str]) -> str:
    """Apply ``change`` to the list of cells; it returns the name of the cell, the rest of the place is added."""
    notebook = lesson.read()
    name = change(notebook.cells)
    lesson.write(notebook)
    return f"{lesson.name} [{name}]"


def in_turkish(where: str) -> str:
    """Differences between the twins are reported at the Turkish file, whichever side was edited."""
    return where.replace("/en/", "/tr/")


def edit_code(root: Path, pattern: str, replacement: str, language: str = "tr", kind: str = "notebooks") -> str:
    where = edit_source(*find_cell(root, pattern, kind, language), pattern, replacement)
    return in_turkish(where)


def edit_prose(root: Path, pattern: str, replacement: str, language: str = "tr", kind: str = "notebooks") -> str:
    where = edit_source(*find_cell(root, pattern, kind, language, "markdown"), pattern, replacement)
    return in_turkish(where)


def edit_cell(root: Path, pattern: str, change: Callable, cell_type: str = "code", **where) -> str:
    """Apply ``change`` to the first cell that matches, for what is not in its source."""
    lesson, index = find_cell(root, pattern, cell_type=cell_type, **where)
    notebook = lesson.read()
    change(notebook.cells[index])
    lesson.write(notebook)
    return place(lesson, index)


def output_cell(root: Path, language: str = "tr") -> tuple[Lesson, int]:
    """The first cell that prints a number and must print the same on every run."""
    for lesson in CourseTree(root).lessons("notebooks", languages=(language,)):
        for index, cell in enumerate(lesson.read().cells):
            for output in cell.get("outputs", []):
                ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
                if output.output_type == "stream" and re.search(r"\d", output.text) and not ignored:
                    return lesson, index
    raise LookupError("no cell prints a number")


@fault("a cell is missing in Turkish", gate="parity")
def cell_missing(root: Path) -> str:
    lesson, index = find_cell(root, r"\bprint\(")
    return edit_notebook(lesson, lambda cells: cells.pop(index).metadata.name)


@fault("a cell is missing in English", gate="parity")
def english_cell_missing(root: Path) -> str:
    lesson, index = find_cell(root, "^## ", language="en", cell_type="markdown")
    return edit_notebook(lesson, lambda cells: cells.pop(index).metadata.name)


@fault("a cell moved", gate="parity")
def cell_moved(root: Path) -> str:
    lesson, index = find_cell(root, r"\bprint\(")

    def move(cells: list) -> str:
        cells.insert(1, cells.pop(index))
        return cells[1].metadata.name

    return edit_notebook(lesson, move)


@fault("a cell was renamed in one language", gate="parity")
def cell_renamed(root: Path) -> str:
    def rename(cell) -> None:
        cell.metadata.name = cell.id = "renamed"

    lesson, index = find_cell(root, r"\bprint\(")
    where = place(lesson, index)
    edit_cell(root, r"\bprint\(", rename)
    return where


@fault("two cells share a name", gate="pairing")
def duplicate_name(root: Path) -> str:
    lesson, index = find_cell(root, r"\bprint\(")
    name = lesson.read().cells[index].metadata.name

    def rename(cells: list) -> str:
        cells[-1].metadata.name = name
        return name

    return edit_notebook(lesson, rename)


@fault("a cell has no name", gate="pairing")
def no_name(root: Path) -> str:
    lesson, index = find_cell(root, r"\bprint\(")

    def unname(cells: list) -> str:
        del cells[index].metadata["name"]
        return f"cell {index + 1}"

    return edit_notebook(lesson, unname)


@fault("a Markdown cell became a code cell", gate="parity")
def type_changed(root: Path) -> str:
    def retype(cell) -> None:
        cell.cell_type, cell.outputs, cell.execution_count = "code", [], None

    return edit_cell(root, "^## ", retype, cell_type="markdown")


@fault("a tag was added in one language", gate="parity")
def tag_added(root: Path) -> str:
    return edit_cell(root, r"\bprint\(", lambda cell: cell.metadata.update(tags=["nbval-skip"]))


@fault("a tag was dropped in one language", gate="parity")
def tag_dropped(root: Path) -> str:
    return edit_cell(root, "BEGIN SOLUTION", lambda cell: cell.metadata.pop("tags"), kind="solutions")


@fault("a reason changed in one language", gate="parity")
def reason_changed(root: Path) -> str:
    lesson = index = None
    for lesson in CourseTree(root).lessons("notebooks", languages=("tr",)):
        reasons = [number for number, cell in enumerate(lesson.read().cells) if "reason" in cell.metadata]
        if reasons:
            index = reasons[0]
            break
    if index is None:
        raise LookupError("no cell gives a reason")

    def change(cells: list) -> str:
        cells[index].metadata.reason += " Perhaps."
        return cells[index].metadata.name

    return edit_notebook(lesson, change)


@fault("the notebook says another language than its folder", gate="parity")
def wrong_language(root: Path) -> str:
    lesson = CourseTree(root).lessons("notebooks", languages=("tr",))[0]
    notebook = lesson.read()
    notebook.metadata.seattn.language = "en"
    lesson.write(notebook)
    return lesson.name


@fault("the twin is missing", gate="parity")
def twin_missing(root: Path) -> str:
    lesson = CourseTree(root).lessons("solutions", languages=("tr",))[-1]
    lesson.path.unlink()
    lesson.text_path.unlink()
    return lesson.name


@fault("a constant differs", gate="parity")
def constant(root: Path) -> str:
    return edit_code(root, r"(?<== )(\d+)\.(\d+)", r"\1.\g<2>1")


@fault("a constant differs, edited in English", gate="parity")
def english_constant(root: Path) -> str:
    return edit_code(root, r"(?<== )(\d+)\.(\d+)", r"\1.\g<2>1", language="en")


@fault("an operator differs", gate="parity")
def operator(root: Path) -> str:
    return edit_code(root, r"(?<=\w) [*/] (?=\w)", " + ")


@fault("a string differs", gate="parity")
def string(root: Path) -> str:
    return edit_code(root, r'(?<=tr=")', "yeni ")


@fault("an identifier differs", gate="parity")
def identifier(root: Path) -> str:
    return edit_code(root, r"^(\w+) = ", r"\1_tr = ")


@fault("an expression inside an f-string differs", gate="parity")
def f_string(root: Path) -> str:
    return edit_code(root, r"(f\"[^\"{]*\{)(\w+)", r"\1-\2")


@fault("a line of code is missing in one language", gate="parity")
def line_missing(root: Path) -> str:
    return edit_code(root, r"^(\w+) = .*\n", "")


@fault("an argument is missing in one language", gate="parity")
def argument_missing(root: Path) -> str:
    return edit_code(root, r"^([^#\"'\n]*\([^()#\"'\n]*), \w+\)", r"\1)")


@fault("the Turkish notebook imports the English words", gate="parity")
def wrong_import(root: Path) -> str:
    return edit_code(root, r"from seattn_course\.tr", "from seattn_course.en")


@fault("a docstring is missing in one language", gate="parity")
def docstring_missing(root: Path) -> str:
    return edit_code(root, r'^ +""".*"""\n', "")


@fault("a number in a comment differs", gate="parity")
def comment_number(root: Path) -> str:
    return edit_code(root, r"(#[^\n\"']*)\b(\d+)", r"\g<1>4\2")


@fault("the marker of a solution is missing in one language", gate="parity")
def marker_missing(root: Path) -> str:
    return edit_code(root, r"^ *# END SOLUTION\n?", "", kind="solutions")


@fault("the code does not parse", gate="parity")
def syntax_error(root: Path) -> str:
    return edit_code(root, r"\bprint\(", "print((")


@fault("an inline formula differs", gate="parity-prose")
def inline_formula(root: Path) -> str:
    return edit_prose(root, r"(?<![$\w])\$(\w)(?=[^$]*\$(?!\$))", r"$\\hat \1")


@fault("a displayed formula differs, edited in English", gate="parity-prose")
def displayed_formula(root: Path) -> str:
    return edit_prose(root, r"\$\$(\w)", r"$$2\1", language="en")


@fault("a heading level differs", gate="parity-prose")
def heading_level(root: Path) -> str:
    return edit_prose(root, r"^## ", "### ")


@fault("a heading is missing", gate="parity-prose")
def heading_missing(root: Path) -> str:
    return edit_prose(root, r"^## ", "")


@fault("a link's target differs", gate="parity-prose")
def link_target(root: Path) -> str:
    return edit_prose(root, r"(\]\([^)]*)/(\w+)\.ipynb", r"\1/99_\2.ipynb")


@fault("a link leads to the other language", gate="parity-prose")
def link_language(root: Path) -> str:
    return edit_prose(root, r"\]\(\.\./\.\./(\w+)/tr/", r"](../../\1/en/")


@fault("a link is missing", gate="parity-prose")
def link_missing(root: Path) -> str:
    return edit_prose(root, r"\[([^\]]+)\]\([^)]*\)", r"\1")


@fault("a number differs in the prose", gate="parity-prose")
def prose_number(root: Path) -> str:
    return edit_prose(root, r"\b(\d+),(\d)(?=\d)", r"\1,9\2")


@fault("a number differs in the English prose", gate="parity-prose")
def english_prose_number(root: Path) -> str:
    return edit_prose(root, r"(?<=[a-z] )(\d+)\.(\d)(?=\d)", r"\1.9\2", language="en")


@fault("thousands lost their separator's meaning", gate="parity-prose")
def thousands(root: Path) -> str:
    return edit_prose(root, r"\b([1-9]\d{0,2})\.(\d{3})\b", r"\1,\2")


@fault("a percent sign is missing", gate="parity-prose")
def percent(root: Path) -> str:
    return edit_prose(root, r"%(?=\d)", "")


@fault("a number in a code span differs", gate="parity-prose")
def code_span(root: Path) -> str:
    return edit_prose(root, r"`([^`\n]*?)(\d+)([^`\n]*)`", r"`\g<1>7\2\3`")


@fault("an output number was edited in one language", gate="parity-outputs")
def output_number(root: Path) -> str:
    lesson, index = output_cell(root)

    def edit(cells: list) -> str:
        output = next(output for output in cells[index].outputs if output.output_type == "stream")
        last_digit = re.compile(r"\d(?!.*\d)", re.DOTALL)
        output.text = last_digit.sub(lambda digit: str(9 - int(digit.group())), output.text)
        return cells[index].metadata.name

    return edit_notebook(lesson, edit)


@fault("an output is missing in one language", gate="parity-outputs")
def output_missing(root: Path) -> str:
    lesson, index = output_cell(root, "en")

    def drop(cells: list) -> str:
        cells[index].outputs = []
        return cells[index].metadata.name

    return in_turkish(edit_notebook(lesson, drop))


@fault("an output has another type in one language", gate="parity-outputs")
def output_type(root: Path) -> str:
    lesson, index = output_cell(root)

    def retype(cells: list) -> str:
        next(output for output in cells[index].outputs if output.output_type == "stream").name = "stderr"
        return cells[index].metadata.name

    return edit_notebook(lesson, retype)


def edit_and_sync(root: Path, pattern: str, replacement: str, cell_type: str, language: str) -> str:
    """Edit one language, text and notebook alike; the place is the cell that is out of date now: the other one."""
    lesson, index = find_cell(root, pattern, "notebooks", language, cell_type)
    where = edit_source(lesson, index, pattern, replacement)
    synchronise(CourseTree(root))
    other = lesson.twin().language
    return where.replace(f"/{language}/", f"/{other}/")


@fault("an English sentence changed, its translation did not", gate="stale")
def stale_turkish(root: Path) -> str:
    return edit_and_sync(root, r"\.\Z", ". And more.", "markdown", "en")


@fault("a Turkish sentence changed, the English one did not", gate="stale")
def stale_english(root: Path) -> str:
    return edit_and_sync(root, r"\.\Z", ". Dahası var.", "markdown", "tr")


@fault("a comment changed in one language", gate="stale")
def stale_comment(root: Path) -> str:
    return edit_and_sync(root, r"(?<=# )(?=[a-z])", "only ", "code", "en")


@fault("a docstring changed in one language", gate="stale")
def stale_docstring(root: Path) -> str:
    return edit_and_sync(root, r'(?<=    """)(?=[A-Z])', "Yalnız ", "code", "tr")


@fault("a translation was never accepted", gate="stale")
def never_accepted(root: Path) -> str:
    return edit_cell(root, "^## ", lambda cell: cell.metadata.pop("twin"), cell_type="markdown")


@fault("only the notebook was edited", gate="pairing")
def notebook_edited(root: Path) -> str:
    return edit_source(*find_cell(root, r"\.\Z", cell_type="markdown"), r"\.\Z", ". Dahası var.")


@fault("only the text was edited", gate="pairing")
def text_edited(root: Path) -> str:
    lesson, index = find_cell(root, r"^## .*", language="en", cell_type="markdown")
    heading = re.search(r"^## .*", lesson.read().cells[index].source, re.MULTILINE).group()
    lesson.write_text(lesson.text_path.read_text(encoding="utf-8").replace(heading, f"{heading} again", 1))
    return place(lesson, index)


@fault("a cell was added to the text only", gate="pairing")
def text_cell_added(root: Path) -> str:
    lesson = CourseTree(root).lessons("solutions")[0]
    text = lesson.text_path.read_text(encoding="utf-8")
    lesson.write_text(f'{text}\n+++ {{"name": "extra"}}\n\nMore.\n')
    return f"{lesson.name} [extra]"


@fault("the text is missing", gate="pairing")
def text_missing(root: Path) -> str:
    lesson = CourseTree(root).lessons("notebooks")[0]
    lesson.text_path.unlink()
    return lesson.name


@fault("the notebook of a text is missing", gate="pairing")
def notebook_missing(root: Path) -> str:
    lesson = CourseTree(root).lessons("solutions")[0]
    lesson.path.unlink()
    return lesson.text_path.relative_to(root).as_posix()


@fault("a cell's id is not its name", gate="pairing")
def cell_id(root: Path) -> str:
    return edit_cell(root, r"\bprint\(", lambda cell: cell.update(id="a1b2c3d4"))
