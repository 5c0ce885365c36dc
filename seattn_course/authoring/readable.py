"""Gate "readable": every .ipynb file of the course is a notebook. All other gates pass over one that is not."""

import json
from collections.abc import Iterator

import nbformat

from seattn_course.authoring.tree import CourseTree, Finding

GATE = "readable"


def readable_gate(tree: CourseTree) -> Iterator[Finding]:
    for lesson in tree.lessons():
        if not lesson.path.exists():
            continue  # the gates "pairing" and "exercises" say so
        if tree.notebook(lesson) is None:
            yield Finding(GATE, lesson.name, None, _why(lesson.path.read_bytes()))


def _why(content: bytes) -> str:
    try:
        nbformat.validate(json.loads(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        return f"is no UTF-8 text (byte {error.start})"
    except json.JSONDecodeError as error:
        return f"is no JSON: {error.msg} in line {error.lineno}, column {error.colno}"
    except (nbformat.ValidationError, AttributeError) as error:
        return f"is JSON, but no notebook of format 4: {str(error).splitlines()[0][:200]}"
    return "cannot be read as a notebook of format 4"
