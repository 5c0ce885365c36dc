"""``seattn update``: the course's new state joined with a learner's work, of which nothing is ever lost.

What the learner changed stays in the folder from the first moment to the last. A file that both sides changed is
first merged where it lies. Then git's index is given the new version, and git leaves alone what the index already
has when it moves forward. Broken off anywhere, the update can be started again.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from seattn_course.course.bootstrap import chosen_language
from seattn_course.course.installation import Stop
from seattn_course.course.language import LANGUAGES, Catalogue
from seattn_course.course.merging import merge, read, written

UNFINISHED = ("MERGE_HEAD", "rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG")
# git's words must be ours to read, and it must not wait for a password that nobody sees it ask for.
GIT_ENVIRONMENT = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


class GitError(Exception):
    """git refused; the message is its own."""


class Update:
    """One update of the checkout at ``root``."""

    def __init__(self, root: Path, language: str):
        self.root = root
        self.words = Catalogue("seattn_course.course.messages", language)
        self.lines: list[str] = []
        self.mine: set[str] = set()  # the files that the learner changed or added

    def git(self, *arguments: str) -> bytes:
        command = ["git", "-c", "core.quotePath=false", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(command, cwd=self.root, env=environment | GIT_ENVIRONMENT, capture_output=True)
        if done.returncode:
            told = " ".join(done.stderr.decode("utf-8", "replace").split())
            raise GitError(told[:300] or f"git {arguments[0]}: {done.returncode}")
        return done.stdout

    def names(self, *arguments: str) -> list[str]:
        """The paths that a git command lists with -z."""
        return [os.fsdecode(name) for name in self.git(*arguments).split(b"\0") if name]

    def blob(self, commit: str, path: str) -> bytes | None:
        """A file's content in a commit; None where it has none."""
        try:
            return self.git("cat-file", "blob", f"{commit}:{path}")
        except GitError:
            return None

    def say(self, key: str, **values: object) -> None:
        self.lines.append(self.words.text(f"update.{key}", **values))

    def run(self) -> int:
        """0 where the course is up to date afterwards, 1 otherwise; ``lines`` then hold what to tell."""
        try:
            key = self.obstacle()
        except (OSError, GitError):
            key = "no_git"
        if key:
            self.say(key)
            return 1
        try:
            self.git("fetch", "--quiet")
        except GitError as error:
            self.say("offline", reason=error)
            return 1
        target = self.git("rev-parse", "@{upstream}").decode().strip()
        if not self.git("rev-list", f"HEAD..{target}"):
            self.say("current")
            return 0
        if self.git("rev-list", f"{target}..HEAD"):
            self.say("own_commits")
            return 1
        return self.forward(target)

    def obstacle(self) -> str | None:
        """The key of what stands in the way of an update; None if nothing does."""
        if Path(os.fsdecode(self.git("rev-parse", "--show-toplevel").strip())) != self.root:
            return "no_git"
        folder = self.root / os.fsdecode(self.git("rev-parse", "--git-dir").strip())
        if any((folder / name).exists() for name in UNFINISHED):
            return "busy"
        try:
            self.git("rev-parse", "@{upstream}")
        except GitError:
            return "no_source"
        return None

    def forward(self, target: str) -> int:
        """Move HEAD to ``target``, its descendant, with the learner's changes on top."""
        news = self.names("diff", "--name-only", "--no-renames", "-z", "HEAD", target)
        changed = self.names("diff", "--name-only", "--no-renames", "-z", "HEAD")
        self.mine = {*changed, *self.names("ls-files", "--others", "-z")}
        try:
            for path in sorted(self.mine.intersection(news)):
                self.join(path, target)
            self.git("merge", "--ff-only", "--quiet", target)
        except (OSError, GitError) as error:
            self.say("refused", reason=error)
            return 1
        for path in changed:
            # JupyterLab reads the newer one of a notebook and its text; the learner's cells are in the notebook.
            if path.endswith(".ipynb") and (self.root / path).exists():
                os.utime(self.root / path)
        self.say("done", count=len(news))
        return 0

    def join(self, path: str, target: str) -> None:
        """Merge one file that both sides changed where it lies, and tell git that the new version is known."""
        base, new = self.blob("HEAD", path), self.blob(target, path)
        place = self.root / path
        mine = place.read_bytes() if place.is_file() else None
        if new is None:
            if mine is not None:
                self.say("left", file=path, kept=self.keep_beside(path, mine))
                place.unlink()
            self.git("update-index", "--force-remove", "--", path)
        elif mine is None:
            self.git("checkout", target, "--", path)  # the learner had deleted it; the new version comes back
        else:
            if mine != new:
                replace(place, self.joined(path, base, mine, new))
            mode, _, blob = self.git("ls-tree", target, "--", path).decode().split()[:3]
            self.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}")

    def joined(self, path: str, base: bytes | None, mine: bytes, new: bytes) -> bytes:
        """What the file holds after the update; where ``mine`` cannot be a part of it, a copy is kept beside."""
        notebooks = [read(content) if content else None for content in (base, mine, new)]
        if path.endswith(".ipynb") and None not in notebooks:
            merged = merge(*notebooks, note=self.words.text("update.note"))
            if merged.both_changed:
                self.say("both", file=path, cells=", ".join(merged.both_changed))
            elif merged.kept:
                self.say("merged", file=path)
            return written(merged.notebook) if merged.kept else new
        # The text of a lesson is written when its notebook is saved: what the learner knows of is the notebook.
        told = not (path.startswith("text/") and f"{path[5:-3]}.ipynb" in self.mine)
        lines = None if path.endswith(".ipynb") or base is None else self.joined_lines(base, mine, new)
        if lines is not None:
            if told:
                self.say("merged", file=path)
            return lines
        kept = self.keep_beside(path, mine)
        if told:
            self.say("aside", file=path, kept=kept)
        return new

    def keep_beside(self, path: str, mine: bytes) -> str:
        """Write a copy that neither git nor the course takes for one of its own; its path."""
        stamp = f"mine-{datetime.now():%Y%m%d-%H%M%S}"
        kept = f"{path[:-6]}.{stamp}.ipynb" if path.endswith(".ipynb") else f"{path}.{stamp}"
        replace(self.root / kept, mine)
        return kept

    def joined_lines(self, base: bytes, mine: bytes, new: bytes) -> bytes | None:
        """The three texts merged line by line; None where both sides changed the same lines."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("mine", "base", "new")]
            for file, content in zip(files, (mine, base, new)):
                file.write_bytes(content)
            try:
                return self.git("merge-file", "--stdout", *map(str, files))
            except GitError:
                return None


def replace(path: Path, content: bytes) -> None:
    """Write beside the file, then rename: a crash leaves the old content or the new one, whole."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    if path.exists():
        beside.chmod(path.stat().st_mode)
    os.replace(beside, path)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", default="", help="en or tr; by default the locale's")


def run(arguments: argparse.Namespace) -> int:
    """Update the checkout that this package lies in; 0 where it is up to date afterwards."""
    try:
        language = chosen_language(arguments.language, os.environ)
    except Stop:
        print(f"--language must be one of {', '.join(LANGUAGES)}, got {arguments.language!r}", file=sys.stderr)
        return 2
    update = Update(Path(__file__).resolve().parents[2], language)
    status = update.run()
    print(*update.lines, sep="\n", file=sys.stderr if status else sys.stdout)
    return status
