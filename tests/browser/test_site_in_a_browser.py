"""The site that ``make site`` builds: nothing comes from elsewhere, the switch keeps the cell, search finds."""

import functools
import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OTHER = {"en": "tr", "tr": "en"}
pytestmark = pytest.mark.browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a site built anew."""
    pytest.importorskip("sphinx", reason="the extra 'site' is not installed (2026-11-25)")
    folder = tmp_path_factory.mktemp("site") / "site"
    command = [sys.executable, "-m", "seattn_course", "site", "--output", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def visit(chromium, site):
    """``visit(path)`` opens a page of the site; a request elsewhere, a missing file or a script's error fails."""
    context = chromium.new_context(viewport={"width": 1300, "height": 900}, color_scheme="dark")
    page, wrong = context.new_page(), []
    page.set_default_timeout(60_000)
    page.on(
        "request",
        lambda request: wrong.append(request.url) if not request.url.startswith((site, "data:")) else None,
    )
    page.on(
        "response",
        lambda answer: wrong.append(answer.url) if answer.status >= 400 and "favicon" not in answer.url else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def go(path: str):
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        return page

    yield go
    context.close()
    assert wrong == []


@pytest.mark.parametrize("language", OTHER)
def test_every_page_loads_and_nothing_comes_from_elsewhere(visit, site, language, keep_picture):
    page = visit(f"{language}/index.html")
    assert page.locator("html").get_attribute("lang") == language
    keep_picture(page, f"{language}-site")
    pages = page.locator(".sidebar-tree a.reference.internal").evaluate_all(
        "links => links.map(link => link.href)"
    )
    assert len(pages) > 20
    for address in pages:
        visit(address.removeprefix(site))
        assert page.locator("h1").count() == 1
        broken = page.locator("img").evaluate_all(
            "all => all.filter(one => one.complete && !one.naturalWidth).length"
        )
        assert broken == 0
        assert page.locator("article img:not([alt]), article img[alt='']").count() == 0


@pytest.mark.parametrize("language", OTHER)
def test_the_switch_lands_on_the_same_cell_and_back(visit, language, keep_picture):
    page = visit(f"{language}/notebooks/03_se_block.html#cell-seeds-shows")
    page.wait_for_function("document.querySelector('mjx-container')")
    page.locator("#language-switch").click()
    page.wait_for_url(f"**/{OTHER[language]}/notebooks/03_se_block.html#cell-seeds-shows")
    page.wait_for_function(
        "Math.abs(document.querySelector('#cell-seeds-shows').getBoundingClientRect().top) < 100"
    )
    keep_picture(page, f"{OTHER[language]}-site-lesson")
    page.locator("#language-switch").click()
    page.wait_for_url(f"**/{language}/notebooks/03_se_block.html#cell-seeds-shows")


@pytest.mark.parametrize(("language", "words"), [("en", "softmax gate"), ("tr", "kapının softmax")])
def test_search_finds_in_each_language(visit, language, words, keep_picture):
    page = visit(f"{language}/search.html?q={words}")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").all_inner_texts()
    assert any(text.startswith("3 ·") for text in found), found
    keep_picture(page, f"{language}-site-search")


@pytest.mark.parametrize("language", OTHER)
def test_the_claims_have_their_table(visit, language):
    page = visit(f"{language}/claims.html")
    assert page.locator("table tbody tr").count() > 10
    page.locator("table a").first.click()
    page.wait_for_url(f"**/{language}/notebooks/*.html")
