"""Everything a notebook in English imports; its Turkish twin says ``seattn_course.tr`` instead."""

from seattn_course.course.device import device
from seattn_course.course.notebook import Notebook

_notebook = Notebook("en")
check = _notebook.check
strict_check = _notebook.strict_check
hint = _notebook.hint
lessons = _notebook.lessons
solution = _notebook.solution
progress = _notebook.progress
claims = _notebook.claims
show = _notebook.show
t = _notebook.t

__all__ = ["check", "claims", "device", "hint", "lessons", "progress", "show", "solution", "strict_check", "t"]
