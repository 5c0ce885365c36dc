"""How long a learner waits: from ``make lab`` to the first figure, and from a slider to its figure.

    python benchmarks/browser_speed.py [--language en] [--moves 9] [STEM ...]

Runs JupyterLab on a copy of the course in a Chromium without a window. Times are of this computer, wall clock; the
limits are those of the course: 30 s to the first figure, 150 ms (median) from a slider to its figure.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from seattn_course.authoring import browser as browsing
from seattn_course.authoring.tree import CourseTree, find_root

FIRST_FIGURE_S, SLIDER_MS = 30, 150
# From the key to the new image on the screen, as the page itself measures it; null where a step shows nothing new.
TIMED_KEY = """async ([slider, image, key]) => {
    const changed = new Promise(resolve => new MutationObserver((_, observer) => {
        observer.disconnect();
        resolve(true);
    }).observe(image, {attributes: true, attributeFilter: ['src']}));
    const start = performance.now();
    slider.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    const never = new Promise(resolve => setTimeout(() => resolve(false), 3000));
    if (!await Promise.race([changed, never])) return null;
    await image.decode();
    return performance.now() - start;
}"""


def first_figure(browser, course: Path, language: str, home: Path) -> None:
    """Print the parts of the way from the command to a figure that the learner's own kernel has drawn."""
    parts, begun = [], time.perf_counter()

    def part(name: str) -> None:
        parts.append((name, time.perf_counter() - begun - sum(seconds for _, seconds in parts)))

    with browsing.lab(course, language, home) as address:
        part("JupyterLab listens")
        page = browsing.open_page(browser, address)
        part("the lesson is on the screen")
        path = address.split("/lab/tree/")[1].split("?")[0]
        page.locator(".jp-OutputArea-output img").first.wait_for(state="attached")
        part("its stored figure is there")
        browsing.open_notebook(page, path)
        part("the kernel is ready")
        for name in ("setup", "photo"):
            browsing.run_named(page, name)
        browsing.named_cell(page, "photo").locator("img").wait_for()
        part("a figure of one's own")
        page.context.close()
    total = sum(seconds for _, seconds in parts)
    for name, seconds in parts:
        print(f"{seconds:6.1f} s  {name}")
    print(f"{total:6.1f} s  in all (limit {FIRST_FIGURE_S} s)")


def sliders(page, path: str, moves: int) -> list[float]:
    """The times of every slider of a notebook, in milliseconds; prints each one's median."""
    browsing.open_notebook(page, path)
    page.evaluate(browsing.RUN_ALL)
    times = []
    for number, (figure, controls) in enumerate(browsing.explorers(page), start=1):
        for control in (one for one in controls if one.kind == "[role=slider]"):
            browsing.moved_figure(figure, control, 0)
            own = []
            for key in ["ArrowRight", "ArrowLeft"] * (moves // 2 + 1):
                handles = [control.locator.element_handle(), figure.element_handle(), key]
                own.append(page.evaluate(TIMED_KEY, handles))
            own = [one for one in own[1:] if one is not None]
            times += own
            browsing.moved_figure(figure, control, 1)  # at 0 it might leave the next slider without effect
            if own:
                print(f"{statistics.median(own):6.0f} ms  {path}, widget {number}", flush=True)
    page.evaluate(browsing.CLOSE_ALL)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=("en", "tr"), default="en")
    parser.add_argument("--moves", type=int, default=9)
    parser.add_argument("stems", nargs="*", metavar="STEM", help="lessons such as 03_se_block; all by default")
    arguments = parser.parse_args()
    root = find_root()
    stems = [lesson.stem for lesson in CourseTree(root).lessons("notebooks", languages=(arguments.language,))]
    with tempfile.TemporaryDirectory() as folder, browsing.chromium() as browser:
        if browser is None:
            raise SystemExit("no Chromium here: playwright install chromium")
        course = browsing.copy_course(root, Path(folder, "course"))
        first_figure(browser, course, arguments.language, Path(folder, "home"))
        with browsing.lab(course, arguments.language, Path(folder, "home")) as address:
            page = browsing.open_page(browser, address)
            times = []
            for stem in arguments.stems or stems:
                times += sliders(page, f"notebooks/{arguments.language}/{stem}.ipynb", arguments.moves)
            page.context.close()
    print(f"{statistics.median(times):6.0f} ms  median of {len(times)} moves (limit {SLIDER_MS} ms)")


if __name__ == "__main__":
    main()
