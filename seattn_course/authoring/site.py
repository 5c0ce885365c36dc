"""The ``seattn site`` verb: both languages as one static site, from the stored outputs.

Sphinx and MyST-NB do the work. What is done here is what they cannot know: each language is a site of its own, so
that each has its own search; links between lessons follow the site's folders; each cell gets an anchor with its
name, which is the same in both languages.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from seattn_course.authoring.tree import KINDS, CourseTree, Lesson, find_root
from seattn_course.course.claims import read_ledger
from seattn_course.course.language import LANGUAGES, Catalogue
from seattn_course.course.lessons import lesson_heads

LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?:\.\./)+(?:(?P<kind>\w+)/)?(?P<language>en|tr)/(?P<stem>\w+)\.ipynb\)")
NOT_SHOWN = "application/vnd.jupyter.widget"  # the figure beside each widget stands for it


def heading_anchor(heading: str) -> str:
    """The anchor that JupyterLab gives a heading, so that the lessons' own links work on the site too."""
    return heading.replace(" ", "-")


def for_the_site(notebook: NotebookNode, lesson: Lesson) -> NotebookNode:
    """A copy with the site's links, an anchor before each cell, and no widgets."""
    cells = []
    for cell in notebook.cells:
        cell = cell.copy()
        anchor = f'<span class="cell-anchor" id="cell-{cell.metadata["name"]}"></span>'
        cells += [nbformat.v4.new_markdown_cell(anchor), cell]
        if cell.cell_type == "markdown":
            cell.source = with_site_links(cell.source, lesson)
            continue
        cell.outputs = [shown for output in cell.outputs if (shown := shown_output(output, lesson))]
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata["image/png"]["alt"]
                cell.metadata = {**cell.metadata, "mystnb": {"image": {"alt": alt}}}
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)


def shown_output(output: NotebookNode, lesson: Lesson) -> NotebookNode | None:
    """The output as the site shows it; None if there is nothing left of it."""
    if "data" not in output:
        return output
    data = {kind: value for kind, value in output.data.items() if not kind.startswith(NOT_SHOWN)}
    if "text/markdown" in data:
        data["text/markdown"] = with_site_links("".join(data["text/markdown"]), lesson)
    return NotebookNode(output, data=data) if data else None


def with_site_links(source: str, lesson: Lesson) -> str:
    """Links to other notebooks of the course, as they are on the site."""

    def link(found: re.Match) -> str:
        kind = found["kind"] or lesson.kind
        if found["language"] == lesson.language:
            return f"[{found['text']}](../{kind}/{found['stem']}.ipynb)"
        # The other language is a site of its own, of which this one knows nothing.
        return f'<a href="../../{found["language"]}/{kind}/{found["stem"]}.html">{found["text"]}</a>'

    return LINK.sub(link, source)


def index_page(tree: CourseTree, language: str) -> str:
    """The first page: what the course is, its lessons with their times, and all pages for the sidebar."""
    words = Catalogue("seattn_course.course.messages", language).text
    lines = [f"# {words('site.title')}", "", words("site.intro"), ""]
    lines += [f"| | {words('home.lesson')} | {words('home.time')} | {words('home.more')} |", "|---:|---|---|---|"]
    for head in lesson_heads(language, tree.root):
        time = words("home.minutes", lesson=head.minutes, exercises=head.exercise_minutes)
        more = " · ".join(f"[{words(f'home.{kind}')}]({kind}/{head.stem}.ipynb)" for kind in KINDS[:0:-1])
        lines.append(f"| {head.number} | [{head.title}](notebooks/{head.stem}.ipynb) | {time} | {more} |")
    lines += ["", words("home.legend"), "", f"[{words('site.claims')}](claims.md)", ""]
    captions = {"notebooks": "lessons", "exercises": "exercises", "solutions": "solutions"}
    for kind, caption in captions.items():
        stems = [lesson.stem for lesson in tree.lessons(kind, languages=(language,))]
        lines += ["```{toctree}", ":hidden:", f":caption: {words(f'site.{caption}')}", ""]
        lines += [f"{kind}/{stem}" for stem in stems] + ["claims"] * (kind == "notebooks") + ["```", ""]
    return "\n".join(lines)


def claims_page(tree: CourseTree, language: str) -> str:
    """The ledger of claims as a page."""
    words = Catalogue("seattn_course.course.messages", language).text
    table = re.sub(r"\]\((\w+\.ipynb)\)", r"](notebooks/\1)", read_ledger(language, tree.root)._repr_markdown_())
    return f"# {words('site.claims')}\n\n{words('site.claims_intro')}\n\n{table}\n"


def write_sources(tree: CourseTree, language: str, folder: Path) -> None:
    """What Sphinx reads for one language."""
    shutil.rmtree(folder, ignore_errors=True)
    for lesson in tree.lessons(languages=(language,)):
        page = folder / lesson.kind / f"{lesson.stem}.ipynb"
        page.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(for_the_site(lesson.read(), lesson), page)
    (folder / "index.md").write_text(index_page(tree, language), encoding="utf-8")
    (folder / "claims.md").write_text(claims_page(tree, language), encoding="utf-8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, default=Path("build/site"), help="folder of the site")


def run(arguments: argparse.Namespace) -> int:
    """0 if both languages were built without a warning."""
    tree = CourseTree(find_root())
    site, settings = tree.root / arguments.output, tree.root / "docs" / "site"
    shutil.rmtree(site, ignore_errors=True)
    for language in LANGUAGES:
        work = site.with_name(f"{site.name}-work") / language
        write_sources(tree, language, work / "sources")
        title = Catalogue("seattn_course.course.messages", language).text("site.title")
        values = {"language": language, "project": title, "html_title": title}
        command = [sys.executable, "-m", "sphinx", "build", "--quiet", "--fail-on-warning"]
        command += [f"--conf-dir={settings}", f"--doctree-dir={work / 'doctrees'}"]
        command += [f"--define={name}={value}" for name, value in values.items()]
        if subprocess.run([*command, work / "sources", work / "html"]).returncode:
            return 1
        shutil.copytree(work / "html", site / language, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(settings / "index.html", site)
    (site / ".nojekyll").touch()  # GitHub would leave out folders that begin with an underscore
    print(site / "index.html")
    return 0
