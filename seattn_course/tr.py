"""Türkçe bir defterin kullandığı her şey; İngilizce eşi bunun yerine ``seattn_course.en`` der."""

from seattn_course.course.device import device
from seattn_course.course.notebook import Notebook

_notebook = Notebook("tr")
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
