"""Figures of lesson 13: in both languages, every patient, and the numbers in the descriptions."""

import io

import pytest
from PIL import Image

from seattn_course.course.language import LANGUAGES
from seattn_course.lab import clinic
from seattn_course.lab.instruments import Chart, examine
from seattn_course.show import Show

X = clinic.images()
SHARES = {"basic": {"SE": 0.7, "ECA": 0.0004}, "bottleneck": {"SE": 11.76, "ECA": 0.007}}


def chart(net):
    return examine(net, X, net.blocks())


@pytest.fixture(scope="module")
def charts():
    return {"healthy": chart(clinic.healthy())} | {letter: chart(clinic.patient(letter)) for letter in "ADI"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_share_by_host_says_every_share(language):
    picture = Show(language).share_by_host(SHARES)
    assert Image.open(io.BytesIO(picture.png)).width <= 1000
    for words in ("basic: SE 0.7, ECA < 0.1", "bottleneck: SE 11.8, ECA < 0.1"):
        assert words in picture.alt
    assert "{" not in picture.alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_says_what_the_instruments_found(language, charts):
    alts = {name: Show(language).chart_at(charts, name).alt for name in charts}
    assert "block2.attn.fc1.weight" in alts["D"]
    assert "block2.attn = block3.attn" in alts["A"]
    assert "block2 0.0" in alts["D"]
    assert not any("{" in alt for alt in alts.values())
    ends = {"en": ("runs.", "ERROR."), "tr": ("çalışıyor.", "HATA.")}[language]
    assert alts["healthy"].endswith(ends[0])
    assert alts["I"].endswith(ends[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_explorer_and_static_twin_draw_the_same(language, charts):
    show = Show(language)
    explorer = show.chart_explorer(charts)
    for name in charts:
        explorer.controls["name"].value = name
        picture = show.chart_at(charts, name)
        assert picture.quick_png == explorer.image.value
        assert picture.alt in explorer.text.value


def test_wrong_arguments_are_named(charts):
    empty = Chart({}, {}, {}, (), (), 0.0, (), {}, {}, True)
    with pytest.raises(ValueError, match="name must be one of healthy, A, D, I, got 'Z'"):
        Show("en").chart_at(charts, "Z")
    with pytest.raises(ValueError, match=r"charts\['x'\] must hold gates, got none"):
        Show("en").chart_at({"x": empty}, "x")
    with pytest.raises(ValueError, match="shares must give each host the same 1 to 4 kinds"):
        Show("en").share_by_host({"a": {"SE": 1.0}, "b": {"ECA": 1.0}})
