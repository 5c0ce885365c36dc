"""``python -m seattn_course`` is the ``seattn`` command, for environments without its script."""

from seattn_course.course.command import main

raise SystemExit(main())
