"""Helper package of the course on channel attention in CNNs.

Importing it loads neither torch nor matplotlib: the rooms below import what they need, where they need it.
A notebook starts with ``from seattn_course.en import ...`` or ``from seattn_course.tr import ...``.
"""

__version__ = "0.1.0"
