"""How JupyterLab reads and saves the lessons: paired with their texts, and never refusing to open one."""

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupytext.async_contentsmanager import build_async_jupytext_contents_manager_class
from tornado.web import HTTPError


class LessonContentsManager(build_async_jupytext_contents_manager_class(AsyncLargeFileManager)):
    """jupytext's pairing, which opens the newer of notebook and text also when the newer one is the notebook.

    jupytext itself answers with an error there, and rightly for an author. But a learner who changed a lesson in
    another editor knows nothing of texts; the next save brings the text up to the notebook anyway.
    """

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,  # the name JupyterLab's interface gives it
        format: str | None = None,
        load_alternative_format: bool = True,
        require_hash: bool = False,
    ) -> dict[str, Any]:
        options = {"type": type, "format": format, "require_hash": require_hash}
        try:
            return await super().get(
                path, content=content, load_alternative_format=load_alternative_format, **options
            )
        except HTTPError as error:
            if not (content and path.endswith(".ipynb") and error.status_code == 400):
                raise
        # A notebook that cannot be read raises once more here, with its own reason.
        model = await super().get(path, content=True, load_alternative_format=False, **options)
        # Time and hash of the pair, not of the notebook: JupyterLab compares them before it saves.
        pair = await super().get(path, content=False, **options)
        return model | {name: pair[name] for name in ("last_modified", "hash", "hash_algorithm") if name in pair}
