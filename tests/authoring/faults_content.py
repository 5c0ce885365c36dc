"""Seeded faults for the gates exercises, execution, numbers, glossary, images, links, reasons and sizes."""

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
from faults import edit_source, fault, find_cell, place

from seattn_course.authoring.execution import outputs_hash
from seattn_course.authoring.tree import CourseTree, Lesson

STUB = r"raise NotImplementedError\(.*\)"


def edit(root: Path, pattern: str, replacement: str, **where) -> str:
    """Replace the pattern in the first cell that has it."""
    return edit_source(*find_cell(root, pattern, **where), pattern, replacement)


def add(root: Path, addition: str, kind: str = "notebooks", language: str = "tr") -> str:
    """Add a paragraph to the first Markdown cell."""
    lesson, index = find_cell(root, r"\w", kind, language, "markdown")
    return edit_source(lesson, index, r"\Z", f"\n\n{addition}")


def change_cell(root: Path, change: Callable, wanted: Callable, kind="notebooks", record: bool = False) -> str:
    """Apply ``change`` to the first cell for which ``wanted`` is true; ``record``: as if executed like this."""
    for lesson in CourseTree(root).lessons(kind):
        notebook = lesson.read()
        for index, cell in enumerate(notebook.cells):
            if wanted(cell):
                where = place(lesson, index)
                change(cell)
                if record:
                    notebook.metadata.seattn.outputs = outputs_hash(notebook)
                lesson.write(notebook)
                return where
    raise LookupError(f"no cell of {kind} to break")


def has_output(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.get("outputs"))


def has_result(cell: nbformat.NotebookNode) -> bool:
    return any(output.output_type == "execute_result" for output in cell.get("outputs", []))


def figure_of(cell: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    return next((output for output in cell.get("outputs", []) if "image/png" in output.get("data", {})), None)


def has_figure(cell: nbformat.NotebookNode) -> bool:
    return figure_of(cell) is not None


# --- exercises ---


@fault("a stub was changed in an exercise", gate="exercises")
def stub_changed(root: Path) -> str:
    return edit(root, STUB, "x = None\n    raise NotImplementedError", kind="exercises")


@fault("the text of a task was changed in an exercise", gate="exercises")
def task_changed(root: Path) -> str:
    return edit(root, r"\w+$", "başka", kind="exercises", cell_type="markdown")


@fault("a check was changed in an exercise", gate="exercises")
def check_changed(root: Path) -> str:
    return edit(root, r"^check\(", "print(", kind="exercises", language="en")


@fault("an exercise is older than its solution", gate="exercises")
def exercise_out_of_date(root: Path) -> str:
    where = edit(root, r"\w+\.?\Z", "başka.", kind="solutions", cell_type="markdown")
    return where.replace("solutions/", "exercises/")


@fault("an exercise is missing", gate="exercises")
def exercise_missing(root: Path) -> str:
    for lesson in CourseTree(root).lessons("exercises"):
        lesson.path.unlink()
        return lesson.name
    raise LookupError("no exercise to delete")


@fault("a cell was deleted from an exercise", gate="exercises")
def exercise_cell_deleted(root: Path) -> str:
    lesson, index = find_cell(root, r"^check\(", kind="exercises")
    where = place(lesson, index)
    notebook = lesson.read()
    del notebook.cells[index]
    lesson.write(notebook)
    return where


@fault("the end marker of a solution is missing", gate="exercises")
def end_marker_missing(root: Path) -> str:
    return edit(root, r"^ *# END SOLUTION$", "", kind="solutions")


@fault("the begin marker of a solution is missing", gate="exercises")
def begin_marker_missing(root: Path) -> str:
    return edit(root, r"^ *# BEGIN SOLUTION\n", "", kind="solutions", language="en")


@fault("an answer cell marks no solution", gate="exercises")
def nothing_marked(root: Path) -> str:
    lesson, index = find_cell(root, r"# BEGIN SOLUTION", "solutions")
    edit_source(lesson, index, r"(?s)^ *# BEGIN SOLUTION\n(.*)^ *# END SOLUTION$", r"\1")
    return edit_source(lesson, index, r"\A", "")


@fault("a solution leaks into an exercise through its text", gate="exercises")
def solution_leaks(root: Path) -> str:
    lesson, index = find_cell(root, r"# BEGIN SOLUTION\n(?s:.){40,}# END SOLUTION", "solutions")
    notebook = lesson.read()
    [body] = re.findall(r"(?s)# BEGIN SOLUTION\n(.*?)\n *# END SOLUTION", notebook.cells[index].source)[:1]
    notebook.cells[0].source += f"\n\n```python\n{body}\n```"
    lesson.write(notebook)
    return place(lesson, 0)


@fault("a solution was pasted above the stub of an exercise", gate="exercises")
def solution_pasted(root: Path) -> str:
    lesson, index = find_cell(root, STUB, "exercises")
    solution = lesson.as_kind("solutions").read().cells
    name = lesson.read().cells[index].metadata.name
    [source] = [cell.source for cell in solution if cell.metadata.get("name") == name]
    return edit_source(lesson, index, r"\Z", "\n\n" + source.replace("\\", "\\\\"))


# --- execution ---


@fault("a cell was never executed", gate="execution")
def unexecuted(root: Path) -> str:
    return change_cell(root, lambda cell: cell.update(outputs=[], execution_count=None), has_output, record=True)


@fault("a cell of a solution was never executed", gate="execution")
def unexecuted_solution(root: Path) -> str:
    def strip(cell):
        cell.update(outputs=[], execution_count=None)

    return change_cell(root, strip, lambda cell: cell.cell_type == "code", kind="solutions", record=True)


@fault("cells were executed out of order", gate="execution")
def out_of_order(root: Path) -> str:
    return change_cell(
        root, lambda cell: cell.update(execution_count=99), lambda cell: cell.cell_type == "code", record=True
    )


def on_first_lesson(root: Path, change: Callable) -> str:
    for lesson in CourseTree(root).lessons("notebooks"):
        if lesson.path.exists():
            notebook = lesson.read()
            change(notebook)
            lesson.write(notebook)
            return lesson.name
    raise LookupError("no lesson")


@fault("all outputs were stripped", gate="execution")
def stripped(root: Path) -> str:
    def strip(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        notebook.metadata.seattn.outputs = outputs_hash(notebook)

    return on_first_lesson(root, strip)


@fault("an error is stored as an output", gate="execution")
def error_output(root: Path) -> str:
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="r is 0", traceback=[])
    return change_cell(root, lambda cell: cell.outputs.append(error), has_output, record=True)


@fault("an output was edited by hand", gate="execution")
def output_edited(root: Path) -> str:
    def change(cell):
        output = next(each for each in cell.outputs if each.output_type == "execute_result")
        output.data["text/plain"] += "1"

    return change_cell(root, change, has_result).partition(" [")[0]


@fault("an output of a solution was deleted by hand", gate="execution")
def output_deleted(root: Path) -> str:
    return change_cell(root, lambda cell: cell.outputs.pop(), has_result, kind="solutions").partition(" [")[0]


@fault("an output is from another run than its cell", gate="execution")
def output_of_another_run(root: Path) -> str:
    def change(cell):
        next(each for each in cell.outputs if each.output_type == "execute_result").execution_count = 98

    return change_cell(root, change, has_result, record=True)


@fault("the record of the outputs is missing", gate="execution")
def record_missing(root: Path) -> str:
    return on_first_lesson(root, lambda notebook: notebook.metadata.seattn.pop("outputs"))


@fault("an exercise was saved with outputs", gate="execution")
def exercise_with_outputs(root: Path) -> str:
    return change_cell(
        root, lambda cell: cell.update(execution_count=1), lambda cell: cell.cell_type == "code", kind="exercises"
    )


# --- numbers ---


@fault("nobody computed a number (English)", gate="numbers")
def number_in_english(root: Path) -> str:
    return add(root, "It is 0.73519 in the end.", language="en")


@fault("nobody computed a number (Turkish)", gate="numbers")
def number_in_turkish(root: Path) -> str:
    return add(root, "Sonuç 0,73519 olur.")


@fault("nobody computed a percentage", gate="numbers")
def percentage(root: Path) -> str:
    return add(root, "Sonuç %73,519 olur.")


@fault("nobody computed a number in a formula", gate="numbers")
def number_in_formula(root: Path) -> str:
    return add(root, "$s = 0.73519$", language="en")


@fault("nobody computed a large integer", gate="numbers")
def large_integer(root: Path) -> str:
    return add(root, "It has 73,519 parameters.", kind="solutions", language="en")


@fault("a published number has lost its source", gate="numbers")
def without_source(root: Path) -> str:
    return add(root, "The published error is 22.28 %.", language="en")


@fault("a source is cited for a number it does not hold", gate="numbers")
def wrong_source(root: Path) -> str:
    return add(root, "([Hu et al. 2020, Table 10](https://arxiv.org/abs/1709.01507)): 73.519 %.", language="en")


@fault("arithmetic that is shown is wrong", gate="numbers")
def wrong_arithmetic(root: Path) -> str:
    return add(root, "2·3·4 = 25", language="en")


@fault("the output changed, the number in the prose did not", gate="numbers")
def outdated_number(root: Path) -> str:
    for lesson in CourseTree(root).lessons("notebooks"):
        notebook = lesson.read()
        for index, cell in enumerate(notebook.cells):
            found = re.search(r"\b0[.,](\d{3})\b", cell.source) if cell.cell_type == "markdown" else None
            if found:
                decimals = f"0.{found[1]}"
                for other in notebook.cells:
                    for output in other.get("outputs", []):
                        forms = [output] if output.output_type == "stream" else [output.get("data", {})]
                        for form in forms:
                            for key in ("text", "text/plain", "text/html"):
                                if key in form:
                                    form[key] = form[key].replace(decimals, "0.7777")
                                    form[key] = re.sub(r"\d+\.\d{4,}", "0.7777", form[key])
                lesson.write(notebook)
                return place(lesson, index)
    raise LookupError("no decimal in prose")


# --- glossary ---


@fault("a rival term in the prose", gate="glossary")
def rival_in_prose(root: Path) -> str:
    return add(root, "Bir konvolüsyonun sonucu.")


@fault("a rival term, inflected and in capitals", gate="glossary")
def rival_inflected(root: Path) -> str:
    return add(root, "ÖZELLİK HARİTALARI ve geçidin değeri.", kind="solutions")


@fault("a rival term in a comment", gate="glossary")
def rival_in_comment(root: Path) -> str:
    return edit(root, r"\A", "# havuzlamayı yapar\n")


@fault("a rival term in a string of the code", gate="glossary")
def rival_in_string(root: Path) -> str:
    return edit(root, r'\bt\(en="([^"]*)", tr="', r't(en="\1", tr="geçit ')


@fault("an English plural with a Turkish suffix", gate="glossary")
def english_plural(root: Path) -> str:
    return add(root, "Bütün map'ler aynıdır.")


@fault("a decimal point in Turkish prose", gate="glossary")
def decimal_point(root: Path) -> str:
    return add(root, "Değer 0.5 olur.")


@fault("a term without its English at first use", gate="glossary")
def term_without_english(root: Path) -> str:
    for lesson in CourseTree(root).lessons("notebooks", languages=("tr",)):
        notebook = lesson.read()
        text = " ".join(cell.source for cell in notebook.cells)
        if "kardinalite" not in text.lower() and "cardinality" not in text:
            notebook.cells[0].source += "\n\nKardinalitesi büyüktür."
            lesson.write(notebook)
            return place(lesson, 0)
    raise LookupError("every lesson speaks of cardinality")


# --- images ---


@fault("a figure has no alt text", gate="images")
def figure_without_alt(root: Path) -> str:
    return change_cell(root, lambda cell: figure_of(cell).metadata.clear(), has_figure, record=True)


@fault("a figure's alt text says nothing", gate="images")
def trivial_alt(root: Path) -> str:
    def change(cell):
        figure_of(cell).metadata["image/png"].alt = "figure"

    return change_cell(root, change, has_figure, record=True)


@fault("an image in Markdown has no alt text", gate="images")
def markdown_image_without_alt(root: Path) -> str:
    return add(root, "![](../../figure.png)")


@fault("a figure is too large", gate="images")
def large_figure(root: Path) -> str:
    def change(cell):
        figure_of(cell).data["image/png"] = "A" * 300_000

    return change_cell(root, change, has_figure, record=True)


# --- sizes ---


@fault("a notebook has more than 1 MiB", gate="sizes")
def large_notebook(root: Path) -> str:
    return on_first_lesson(root, lambda notebook: notebook.cells[0].metadata.update(ballast="x" * 2**20))


# --- files ---


@fault("a notebook's JSON is broken", gate="readable")
def broken_json(root: Path) -> str:
    for lesson in CourseTree(root).lessons("notebooks"):
        if lesson.path.exists():
            lesson.path.write_text(lesson.path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
            return lesson.name
    raise LookupError("no lesson")


@fault("an exercise's JSON is broken", gate="readable")
def broken_exercise(root: Path) -> str:
    for lesson in CourseTree(root).lessons("exercises"):
        if lesson.path.exists():
            lesson.path.write_text("{", encoding="utf-8")
            return lesson.name
    raise LookupError("no exercise")


# --- links ---


@fault("a link's target is missing", gate="links")
def missing_target(root: Path) -> str:
    return add(root, "[ders](99_yok.ipynb)")


@fault("a link's anchor is missing", gate="links")
def missing_anchor(root: Path) -> str:
    return add(root, "[bölüm](#yok-böyle-bir-başlık)")


@fault("a heading was renamed under a link", gate="links")
def renamed_heading(root: Path) -> str:
    lesson, index = find_cell(root, r"\]\((?!http)[\w./]*\.ipynb#[^)]+\)", cell_type="markdown")
    source = lesson.read().cells[index].source
    [(file, anchor)] = re.findall(r"\]\((?!http)([\w./]*\.ipynb)#([^)]+)\)", source)[:1]
    target = (lesson.path.parent / file).resolve()
    other = Lesson(root, target.parent.parent.name, target.parent.name, target.stem)
    notebook = other.read()
    for cell in notebook.cells:
        cell.source = cell.source.replace(anchor.replace("-", " "), "Başka bir başlık")
    other.write(notebook)
    return place(lesson, index)


@fault("a path of somebody's machine stands in the prose", gate="links")
def machine_path(root: Path) -> str:
    return add(root, "Dosya /home/ada/kurs içindedir.")


# --- reasons ---


@fault("an ignored output has no reason", gate="reasons")
def without_reason(root: Path) -> str:
    return change_cell(
        root, lambda cell: cell.metadata.update(tags=["nbval-ignore-output"], reason=""), has_output
    )


@fault("a skipped cell has no reason", gate="reasons")
def skipped_without_reason(root: Path) -> str:
    return change_cell(root, lambda cell: cell.metadata.update(tags=["nbval-skip"], reason=""), has_output)


@fault("a comment makes nbval ignore an output", gate="reasons")
def hidden_comment(root: Path) -> str:
    return edit(root, r"\A", "# NBVAL_IGNORE_OUTPUT\n")
