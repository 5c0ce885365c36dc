"""Sphinx's settings for one language of the site; ``seattn site`` gives sources, language and title."""

import importlib.util
from pathlib import Path

extensions = ["myst_nb", "sphinx.ext.mathjax"]
templates_path = ["_templates"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_sidebars = {
    "**": [
        "sidebar/brand.html", "sidebar/language.html", "sidebar/search.html", "sidebar/scroll-start.html",
        "sidebar/navigation.html", "sidebar/scroll-end.html",
    ]
}  # fmt: skip
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# The outputs are the stored ones, which the validation compares; a page loads nothing from elsewhere.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_render_markdown_format = "gfm"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "seattn_course.authoring.site.heading_anchor"
mathjax = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
mathjax_path = "tex-svg-full.js"  # in one file, with all it may need
html_static_path.append(str(mathjax / mathjax_path))
