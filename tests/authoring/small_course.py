"""A small but complete course: two lessons with solutions and exercises, in both languages, that passes all gates.

Its numbers are what its code computes: the logistic function of 0.35 is 0.5866175789, twice that 1.1732351578.
"""

import base64
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from seattn_course.authoring.accept import accept
from seattn_course.authoring.execution import outputs_hash
from seattn_course.authoring.generation import generate
from seattn_course.authoring.sync import synchronise
from seattn_course.authoring.tree import CourseTree, Lesson

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
        "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
    )
).decode()


@dataclass
class Cell:
    """A cell in both languages; an output is what print shows, or a dict of a result's forms."""

    name: str
    type: str
    en: str
    tr: str
    tags: list[str] = field(default_factory=list)
    out_en: str | dict | None = None
    out_tr: str | dict | None = None
    reason: str = ""


def md(name: str, en: str, tr: str, **more) -> Cell:
    return Cell(name, "markdown", en, tr, **more)


def code(name: str, both: str, out_en=None, out_tr=None, tr: str | None = None, **more) -> Cell:
    """A code cell; ``tr`` only where comments or docstrings differ, ``out_tr`` only where words do."""
    turkish = (tr or both).replace("seattn_course.en", "seattn_course.tr")
    return Cell(name, "code", both, turkish, out_en=out_en, out_tr=out_tr or out_en, **more)


GATE = [
    md(
        "title",
        "# 1 · The gate\n\nA gate multiplies a channel by a number between 0 and 1. The "
        "[solutions](../../solutions/en/01_gate.ipynb) and the [paper](https://arxiv.org/abs/1709.01507) "
        "say more.\n\n**Time:** 5 minutes, and 5 minutes for the exercises.",
        "# 1 · Kapı\n\nKapı (gate), bir kanalı (channel) 0 ile 1 arasında bir sayıyla çarpar. Daha fazlası "
        "[çözümlerde](../../solutions/tr/01_gate.ipynb) ve [makalede](https://arxiv.org/abs/1709.01507)."
        "\n\n**Süre:** 5 dakika; alıştırmalar için 5 dakika daha.",
    ),
    code("setup", "from seattn_course.en import t"),
    md(
        "equation",
        "## The equation\n\nThe gate of the logit $u$ is\n\n$$s = \\sigma(u) \\quad \\text{for each channel}$$\n\n"
        "For `u = 0.35` it is 0.587, that is 58.7 %.",
        "## Denklem\n\n$u$ değerinin kapısı şudur:\n\n$$s = \\sigma(u) \\quad \\text{her kanal için}$$\n\n"
        "`u = 0.35` için kapı 0,587 olur, yani %58,7.",
    ),
    code(
        "gate",
        "import math\n\nu = 0.35  # the logit of channel 1\ngate = 1 / (1 + math.exp(-u))\n"
        'print(t(en="gate", tr="kapı"), f"{gate:.3f}", 1024)',
        "gate 0.587 1024\n",
        "kapı 0.587 1024\n",
        tr="import math\n\nu = 0.35  # 1. kanalın değeri\ngate = 1 / (1 + math.exp(-u))\n"
        'print(t(en="gate", tr="kapı"), f"{gate:.3f}", 1024)',
    ),
    code(
        "scale",
        'def scale(x, gate):\n    """The channel after its gate."""\n    # one number for the whole channel\n'
        "    return x * gate\n\n\nscale(2.0, gate)",
        {"text/plain": "1.1732351578346602"},
        tr='def scale(x, gate):\n    """Kapısından geçen kanal."""\n    # bütün kanal için tek sayı\n'
        "    return x * gate\n\n\nscale(2.0, gate)",
    ),
    md(
        "reading",
        "### What the output shows\n\n- The value 2.0 becomes 1.17.\n- With 1,024 channels there are 1,024 gates.",
        "### Çıktı ne gösteriyor?\n\n- 2,0 değeri 1,17 olur.\n- 1.024 kanalın 1.024 kapısı vardır.",
    ),
    code(
        "figure",
        "from IPython.display import display\n\npicture = scale(2.0, gate)",
        {"image/png": PIXEL, "text/plain": "Bars of 2.0 and 1.17"},
        {"image/png": PIXEL, "text/plain": "2.0 ve 1.17 çubukları"},
    ),
]
MEAN = [
    md(
        "title",
        "# 2 · The mean\n\nSqueezing takes a mean.\n\n**Time:** 5 minutes, and 10 minutes for the exercises.",
        "# 2 · Ortalama\n\nSıkıştırma (squeeze) bir ortalama alır."
        "\n\n**Süre:** 5 dakika; alıştırmalar için 10 dakika daha.",
    ),
    code("setup", "from seattn_course.en import t"),
    code(
        "mean",
        'values = [1.0, 2.0, 6.0]\nprint(t(en="mean", tr="ortalama"), sum(values) / len(values))',
        "mean 3.0\n",
        "ortalama 3.0\n",
    ),
    code(
        "time",
        "import time\n\ntime.perf_counter()",
        {"text/plain": "4711.5"},
        {"text/plain": "4718.5"},
        tags=["nbval-ignore-output"],
        reason="A clock shows another time on every run.",
    ),
    md(
        "close",
        "## In one sentence\n\nThe mean of these values is 3.0: see [the gate](01_gate.ipynb#1-·-The-gate).",
        "## Tek cümleyle\n\nBu değerlerin ortalaması 3,0: bkz. [kapı](01_gate.ipynb#1-·-Kapı) (gate).",
    ),
]


def exercise(name: str, title: tuple[str, str], task: tuple[str, str], signature: str, body: str) -> list[Cell]:
    answer = f"{signature}\n    # BEGIN SOLUTION\n    {{comment}}\n    {body}\n    # END SOLUTION"
    return [
        md("title", f"# {title[0]}", f"# {title[1]}"),
        code("setup", "from seattn_course.en import strict_check as check"),
        md(f"task-{name}", f"## {task[0]}", f"## {task[1]}"),
        code(
            f"answer-{name}",
            answer.format(comment="# as in the lesson"),
            tr=answer.format(comment="# derste olduğu gibi"),
            tags=["answer"],
        ),
        code(
            f"check-{name}",
            f'check("small.{name}", {name})',
            {"text/plain": "passed"},
            {"text/plain": "geçti"},
        ),
        md(
            "why",
            "The function holds one line.",
            "Fonksiyon tek satırdan oluşur.",
            tags=["solution-only"],
        ),
    ]


SOLUTIONS = {
    "01_gate": exercise(
        "scale", ("Exercises: the gate", "Alıştırmalar: kapı"), ("Scale a value", "Bir değeri ölçekleyin"),
        "def scale(x, gate):", "return x * gate",
    ),
    "02_mean": exercise(
        "mean", ("Exercises: the mean", "Alıştırmalar: ortalama"), ("Take a mean", "Ortalama alın"),
        "def mean(values):", "return sum(values) / len(values)",
    ),
}  # fmt: skip
LESSONS = {"01_gate": GATE, "02_mean": MEAN}


def notebook_of(cells: list[Cell], language: str) -> nbformat.NotebookNode:
    """The notebook of one language, executed."""
    made, count = [], 0
    for cell in cells:
        metadata = {"name": cell.name} | ({"tags": cell.tags} if cell.tags else {})
        metadata |= {"reason": cell.reason} if cell.reason else {}
        source = getattr(cell, language)
        if cell.type == "markdown":
            made.append(nbformat.v4.new_markdown_cell(source, metadata=metadata))
            continue
        count += 1
        output = getattr(cell, f"out_{language}")
        made.append(
            nbformat.v4.new_code_cell(
                source, metadata=metadata, execution_count=count, outputs=_outputs(output, count)
            )
        )
    notebook = nbformat.v4.new_notebook(cells=made, metadata={"seattn": {"language": language}})
    notebook.metadata.seattn["outputs"] = outputs_hash(notebook)
    return notebook


def _outputs(output: str | dict | None, count: int) -> list[nbformat.NotebookNode]:
    if output is None:
        return []
    if isinstance(output, str):
        return [nbformat.v4.new_output("stream", text=output)]
    if "image/png" in output:
        alt = {"image/png": {"alt": output["text/plain"]}}
        return [nbformat.v4.new_output("display_data", data=output, metadata=alt)]
    return [nbformat.v4.new_output("execute_result", data=output, execution_count=count)]


def make_course(root: Path) -> None:
    """Write the course under ``root``: notebooks, texts, accepted translations and generated exercises."""
    for kind, lessons in (("notebooks", LESSONS), ("solutions", SOLUTIONS)):
        for stem, cells in lessons.items():
            for language in ("en", "tr"):
                Lesson(root, kind, language, stem).write(notebook_of(cells, language))
    refused = synchronise(CourseTree(root)).refused
    if refused:
        raise ValueError(f"the small course is not sound: {refused}")
    for kind, lessons in (("notebooks", LESSONS), ("solutions", SOLUTIONS)):
        for stem in lessons:
            accept(Lesson(root, kind, "en", stem), None)
    for solution in CourseTree(root).lessons("solutions"):
        exercise = solution.as_kind("exercises")
        exercise.write(generate(solution.read(), exercise))
