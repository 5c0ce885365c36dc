"""What a Markdown cell says: its blocks, and in each the text, code, formulas, links and images.

Read with markdown-it-py, the parser that jupytext brings along, so that no gate guesses at Markdown by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

OPAQUE = "\ufffc"  # stands in running text where a code span, a formula or an image was


@dataclass(frozen=True)
class Piece:
    """A run of one kind: "text", "code" (span), "math" (span or block), "fence" or "image" (its alt text).

    ``href`` is the target of the link around it; ``target`` an image's file, or a fence's language.
    """

    kind: str
    text: str
    href: str | None = None
    target: str | None = None


@dataclass
class Block:
    """A paragraph, a list item's paragraph, a table cell, a heading (``level`` 1 to 6), a fence or a formula."""

    level: int = 0
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The running text on one line; what is not prose is replaced by ``OPAQUE``."""
        shown = (piece.text if piece.kind == "text" else OPAQUE for piece in self.pieces)
        return " ".join("".join(shown).split())

    @property
    def label(self) -> str:
        """What a browser calls the text content: code spans and formulas as they are written."""
        shown = {"math": "${}$", "image": ""}
        return "".join(shown.get(piece.kind, "{}").replace("{}", piece.text) for piece in self.pieces).strip()


class _Tags(HTMLParser):
    """Collects the targets and images of raw HTML inside Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[Piece] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "img":
            self.pieces.append(Piece("image", known.get("alt") or "", target=known.get("src") or ""))
        elif tag == "a" and known.get("href"):
            self.pieces.append(Piece("text", "", href=known["href"]))

    def handle_data(self, data: str) -> None:
        self.pieces.append(Piece("text", data))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    return parser.use(dollarmath_plugin, allow_space=True, double_inline=True).use(amsmath_plugin)


def html_pieces(source: str) -> list[Piece]:
    """The texts, links and images of raw HTML."""
    tags = _Tags()
    tags.feed(source)
    tags.close()
    return tags.pieces


def _inline(tokens: list[Token]) -> Iterator[Piece]:
    href = None
    for token in tokens:
        match token.type:
            case "text" | "text_special":
                yield Piece("text", token.content, href)
            case "softbreak" | "hardbreak":
                yield Piece("text", "\n", href)
            case "code_inline":
                yield Piece("code", token.content, href)
            case "math_inline" | "math_inline_double":
                yield Piece("math", token.content, href)
            case "image":
                yield Piece("image", token.content, href, str(token.attrs["src"]))
            case "link_open":
                href = str(token.attrs["href"])
                yield Piece("text", "", href)
            case "link_close":
                href = None
            case "html_inline":
                yield from html_pieces(token.content)


@cache
def blocks(source: str) -> tuple[Block, ...]:
    """The blocks of a Markdown cell, in order."""
    found: list[Block] = []
    level = 0
    for token in _parser().parse(source):
        match token.type:
            case "heading_open":
                level = int(token.tag[1])
            case "heading_close":
                level = 0
            case "inline":
                found.append(Block(level, list(_inline(token.children or []))))
            case "fence" | "code_block":
                found.append(Block(0, [Piece("fence", token.content, target=token.info.strip())]))
            case "math_block" | "math_block_label" | "amsmath":
                found.append(Block(0, [Piece("math", token.content)]))
            case "html_block":
                found.append(Block(0, html_pieces(unescape(token.content))))
    return tuple(found)


def pieces(source: str, *kinds: str) -> list[Piece]:
    """All pieces of these kinds in a cell, in order."""
    return [piece for block in blocks(source) for piece in block.pieces if piece.kind in kinds]


def headings(source: str) -> list[Block]:
    return [block for block in blocks(source) if block.level]


def lab_anchor(heading: Block) -> str:
    """The anchor JupyterLab 4 gives a heading in a notebook: its text content, spaces as hyphens."""
    return heading.label.replace(" ", "-")


def page_anchor(heading: Block) -> str:
    """The anchor a repository's web page gives a heading of a .md file: lower case, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.label.lower()).replace(" ", "-")
