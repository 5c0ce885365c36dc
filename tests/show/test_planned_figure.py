"""The figure of what plans found: both languages, every planned comparison in its description."""

import io

import pytest
from PIL import Image

from seattn_course.course.language import LANGUAGES, Catalogue
from seattn_course.lab.plans import PLANS, stored
from seattn_course.show import Show

ADDED = ["reduction", "order_keybar", "order_marker", "patterns", "places", "width", "spatial"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_planned_comparison_is_drawn_and_told(language):
    picture = Show(language).planned_differences(ADDED)
    image = Image.open(io.BytesIO(picture.png))
    assert image.width <= 1000
    assert len(picture.png) < 100_000
    words = Catalogue("seattn_course.show.labels", language)
    for name in ADDED:
        assert words.text(f"planned.question.{name}") in picture.alt
        for model, other in PLANS[name].comparisons():
            mean = f"{stored(name).compare(model, other).mean:+z.1f}"
            assert (mean.replace(".", ",") if language == "tr" else mean) in picture.alt
    assert picture.alt.count("p 0") + picture.alt.count("p 1") == sum(len(PLANS[n].comparisons()) for n in ADDED)


def test_a_verdict_follows_the_plan():
    alt = Show("en").planned_differences(["order_marker"]).alt
    assert "10 seeds" in alt
    assert any(said in alt for said in ("better", "worse", "none that matters", "open"))


@pytest.mark.parametrize(
    ("names", "words"), [([], "at least one plan"), ("width", "'width'"), (["wide"], "'wide'")]
)
def test_wrong_names_of_plans(names, words):
    with pytest.raises(ValueError, match=words):
        Show("en").planned_differences(names)
