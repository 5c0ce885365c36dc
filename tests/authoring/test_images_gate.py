"""The gate "images": a description for each picture, and a limit to its size."""

import nbformat
import pytest

from seattn_course.authoring.images import LARGEST_IMAGE, problems

ALT = "Gates of 16 channels: 0.2 to 0.9"


def figure(mime: str = "image/png", data: str = "AAAA", alt: str | None = ALT) -> nbformat.NotebookNode:
    metadata = {} if alt is None else {mime: {"alt": alt}}
    output = nbformat.v4.new_output("display_data", {mime: data, "text/plain": "x"}, metadata=metadata)
    return nbformat.v4.new_code_cell("x", outputs=[output])


def test_a_described_figure_passes():
    assert list(problems(figure())) == []
    assert list(problems(figure("image/svg+xml", "<svg/>"))) == []


@pytest.mark.parametrize("alt", [None, "", "figure.png", "a figure", "x" * 40])
def test_a_figure_without_a_description(alt):
    assert list(problems(figure(alt=alt))) == ["image/png output has no alt text of at least 20 characters"]


def test_a_large_figure():
    [message] = problems(figure(data="A" * (LARGEST_IMAGE * 4 // 3 + 8)))
    assert message == "image/png output has 200 KiB; at most 200"


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (f"![{ALT}](a.png)", 0),
        ("![](a.png) and ![plot](b.png)", 2),
        (f'<img src="a.png" alt="{ALT}">', 0),
        ('<img src="a.png">', 1),
        ("`![](a.png)`", 0),
    ],
)
def test_images_in_markdown(source, count):
    assert len(list(problems(nbformat.v4.new_markdown_cell(source)))) == count


def test_an_image_in_an_html_output():
    for html, count in ((f'<div><img src="data:," alt="{ALT}"></div>', 0), ('<div>\n<img src="data:,"></div>', 1)):
        output = nbformat.v4.new_output("display_data", {"text/html": html})
        assert len(list(problems(nbformat.v4.new_code_cell("x", outputs=[output])))) == count
