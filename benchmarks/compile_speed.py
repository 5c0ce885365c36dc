"""How long torch.compile takes for its first call and how much faster the next ones are, on this machine.

    python benchmarks/compile_speed.py [--folder seattn_course/lab/results]

Without compiled code of an earlier run: its cache is put aside. Writes compile.json, which lesson 15 shows.
"""

import argparse
import os
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "seattn_course" / "lab" / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        # Read when torch's compiler is imported. With one worker the C++ compiler is a child, whose time counts.
        os.environ |= {"TORCHINDUCTOR_CACHE_DIR": cache, "TORCHINDUCTOR_COMPILE_THREADS": "1"}
        from seattn_course.lab import compiled

        found = compiled.measure()
    print(found)
    print(compiled.write(found, arguments.folder))


if __name__ == "__main__":
    main()
