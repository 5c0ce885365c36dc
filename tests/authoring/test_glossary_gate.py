"""The gate "glossary": rivals in any inflection and nothing else, in prose, comments and strings."""

import nbformat
import pytest

from seattn_course.authoring.glossary import glossary_gate, lower, problems, terms, word_problems
from seattn_course.authoring.tree import CourseTree, Lesson


def report(source: str, kind: str = "markdown", introduce: bool = False, **metadata) -> list[str]:
    make = getattr(nbformat.v4, f"new_{kind}_cell")
    notebook = nbformat.v4.new_notebook(cells=[make(source, metadata={"name": "cell", **metadata})])
    return [message for _, message in problems(nbformat.from_dict(notebook), introduce)]


@pytest.mark.parametrize(
    ("text", "rival"),
    [
        ("Bir konvolüsyonun çıktısı", "konvolüsyonun"),
        ("KONVOLÜSYON", "KONVOLÜSYON"),
        ("konvolüsyonel ağ", "konvolüsyonel"),
        ("havuzlamayı", "havuzlamayı"),
        ("Havuzlanan değerler", "Havuzlanan"),
        ("özellik haritası", "özellik haritası"),
        ("ÖZELLİK HARİTALARI", "ÖZELLİK HARİTALARI"),
        ("özellik\nharitalarının", "özellik haritalarının"),
        ("geçidi kapatır", "geçidi"),
        ("her geçit için, geçitler", "geçit"),
        ("kalıntının dalı", "kalıntının"),
        ("aktivasyonu", "aktivasyonu"),
        ("Mekânsal dikkat", "Mekânsal"),
        ("mekansal dikkat", "mekansal"),
        ("şişe boynundan", "şişe boynundan"),
        ("**havuzlama**", "havuzlama"),
    ],
)
def test_rivals_in_any_inflection(text, rival):
    messages = report(text)
    assert f"says {rival!r}" in messages[0]


@pytest.mark.parametrize(
    "text",
    [
        "Evrişimin kapısı, ortaklama, öznitelik haritaları, etkinleştirme, artık dal, uzamsal dikkat, darboğaz.",
        "Havuz başında bir özellik var; haritada geçen yol, geçici bir kalınlık.",
        "`havuzlama` ve $\\text{konvolüsyon}$",
        "ResNet'ler, CNN'ler, SE'nin, PyTorch'ta, Hu'nun; GPU'lar 0,5 ve 1.024 değerini verir.",
        "`map`'ler",
        "Python 3.11, PyTorch 2.13 ve timm 1.0.31 ile; bkz. Tablo 2.3",
        "Kanallar, yığınlar ve haritalar",
    ],
)
def test_what_is_no_rival(text):
    assert report(text) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("map'ler", "an English word with a Turkish plural"),
        ("bütün feature map’leri", "an English word with a Turkish plural"),
        ("gateler ve channelları", "an English word with a Turkish suffix"),
        ("channels'ın", "an English word with a Turkish suffix"),
        ("Değer 0.5 olur.", "0.5: Turkish prose writes 0,5"),
        ("Ortalama 2.0 çıkar.", "2.0: Turkish prose writes 2,0"),
    ],
)
def test_english_plurals_and_decimal_points(text, message):
    assert any(message in each for each in report(text))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("# konvolüsyonun sonucu\nx = 1", "konvolüsyonun"),
        ('def f():\n    """Havuzlama yapar."""', "Havuzlama"),
        ('t(en="gate", tr="geçidin değeri")', "geçidin"),
        ('t(en=f"{n} gates", tr=f"{n} geçit")', "geçit"),
        ('t(en="T", tr=f"T {T}\'dir")', "'dir"),
    ],
)
def test_comments_docstrings_and_strings(source, found):
    messages = report(source, "code")
    assert len(messages) == 1
    assert repr(found) in messages[0]


def test_code_itself_is_not_read():
    assert report('havuzlama = 1\nprint("konvolüsyon")\nt(en="konvolüsyon", tr="evrişim")', "code") == []


def test_a_rival_may_be_quoted_with_a_reason_that_names_it():
    text = "Başka kitaplar havuzlama der, ya da geçit."
    reason = "Quotes havuzlama, the word of other books."
    assert len(report(text)) == 2
    assert len(report(text, reason=reason)) == 2
    [message] = report(text, tags=["quoted-rival"], reason=reason)
    assert "'geçit'" in message


@pytest.mark.parametrize(
    "text",
    [
        "Evrişim (convolution) ile evrişimin çıktısı.",
        "**Kanallar** (*channels*) ve kanal sayısı",
        "Öznitelik haritası (feature map) ve haritanın öznitelikleri",
        "Kanal dikkati (channel attention): kanalları ve dikkati",
        "Kapı değeri (gate value)",
        "# Evrişim\n\nEvrişim (convolution)",
        "Başka bir adım, dikkatle: aşama aşama, başlangıçta ve yerinde.",
        "Kapılama (gating) bir kapı (gate) ile olur.",
    ],
)
def test_a_term_with_its_english_at_first_use(text):
    assert report(text, introduce=True) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Evrişimin çıktısı", "'Evrişimin' is used first without its English: (convolution)"),
        ("Evrişim çıktısı. Evrişim (convolution)", "'Evrişim' is used first without its English: (convolution)"),
        ("Öznitelik haritaları", "'Öznitelik haritaları' is used first without its English: (feature map)"),
        ("Darboğazı", "'Darboğazı' is used first without its English: (bottleneck)"),
        ("Gradyanlar (slopes)", "'Gradyanlar' is used first without its English: (gradient)"),
    ],
)
def test_a_term_without_it(text, message):
    assert report(text, introduce=True) == [message]
    assert report(text) == []


def test_turkish_lower_case_keeps_every_place():
    assert lower("İIÎÇŞ ışık") == "iıiçş ışık"
    assert len(lower("İİİ")) == 3


def test_the_glossary_holds_the_curriculum_and_contradicts_itself_nowhere():
    assert len(terms()) >= 57
    assert len({term.en for term in terms()}) == len(terms())
    for term in terms():
        assert list(word_problems(f"{term.tr} {term.stem}")) == []


def test_catalogues_and_turkish_pages_are_read(course):
    folder = course / "seattn_course" / "checks" / "messages" / "tr"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text('[se]\nword = "geçidi kapat"\nglued = "T {T}\'dir"\n', encoding="utf-8")
    (course / "README.tr.md").write_text("# Kurs\nHavuzlama 2.5 kat.", encoding="utf-8")
    assert [str(finding) for finding in glossary_gate(CourseTree(course))] == [
        "seattn_course/checks/messages/tr/a.toml [se.word]: glossary: says 'geçidi'; the course says 'kapı'",
        "seattn_course/checks/messages/tr/a.toml [se.glued]: glossary: \"'dir\" is glued to an interpolated "
        "value, whose ending it cannot know",
        "README.tr.md: glossary: says 'Havuzlama'; the course says 'ortaklama'",
        "README.tr.md: glossary: 2.5: Turkish prose writes 2,5",
    ]


def test_english_notebooks_are_not_read(course):
    lesson = Lesson(course, "notebooks", "en", "02_mean")
    notebook = lesson.read()
    notebook.cells[0].source += "\n\nhavuzlama, map'ler"
    lesson.write(notebook)
    assert list(glossary_gate(CourseTree(course))) == []
