"""Numbers, formulas and links as each language writes them."""

import pytest

from seattn_course.authoring.parity_prose import formula, numbers_in, prose_differences, target_of


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        ("0.5 and 1,024.5", "0,5 ve 1.024,5"),
        ("28,088,024 parameters", "28.088.024 parametre"),
        ("58.7 % or 58.7% or 58.7 percent", "%58,7 ya da % 58,7 ya da yüzde 58,7"),
        ("from −3 to 3, -0.5", "−3 ile 3 arası, −0,5"),
        ("30-60 minutes, ResNet-50", "30-60 dakika, ResNet-50"),
        ("Python 3.11", "Python 3.11"),
        ("a factor of 10⁻⁵", "10⁻⁵ kat"),
        ("channels 1, 2 and 3 of (2, 64)", "(2, 64) içinden 1, 2 ve 3. kanal"),
        ("in 2017.", "2017'de."),
        ("the 3rd", "3'üncü"),
    ],
)
def test_numbers_that_are_the_same(english, turkish):
    assert sorted(numbers_in(english, "en")) == sorted(numbers_in(turkish, "tr")) != []


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        ("0.5", "0,6"),
        ("1,024", "1,024"),
        ("0.50", "0,5"),
        ("50 %", "50"),
        ("-0.5", "0,5"),
        ("10⁻⁵", "10⁻⁶"),
        ("28,088,024", "28.088.042"),
    ],
)
def test_numbers_that_are_not_the_same(english, turkish):
    assert numbers_in(english, "en") != numbers_in(turkish, "tr")


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        (r"s = \text{mean}", r"s = \text{ortalama}"),
        (r"x_{\text{in the branch}}", r"x_{\text{dalda}}"),
        ("0.5 x", "0{,}5  x"),
        ("0.5 x", "0.5 x"),
        (r"28\,088\,024", r"28\,088\,024"),
        ("28{,}088{,}024", "28{.}088{.}024"),
    ],
)
def test_formulas_that_are_the_same(english, turkish):
    assert formula(english, "en") == formula(turkish, "tr")


@pytest.mark.parametrize(
    ("english", "turkish"),
    [("x_1", "x_2"), ("0.5", "0{,}6"), (r"\sigma(u)", r"\delta(u)"), ("W_2 W_1", "W_1 W_2"), ("0.5", "0,5")],
)
def test_formulas_that_are_not(english, turkish):
    assert formula(english, "en") != formula(turkish, "tr")


@pytest.mark.parametrize(
    ("english", "turkish", "equal"),
    [
        ("../../solutions/en/01.ipynb", "../../solutions/tr/01.ipynb", True),
        ("../tr/01.ipynb", "../en/01.ipynb", True),
        ("01.ipynb#The-gate", "01.ipynb#Kapı", True),
        ("../../README.md", "../../README.tr.md", True),
        ("https://example.org/en/a#x", "https://example.org/tr/a#x", True),
        ("../../solutions/en/01.ipynb", "../../solutions/en/01.ipynb", False),
        ("01.ipynb#The-gate", "01.ipynb", False),
        ("01.ipynb", "02.ipynb", False),
        ("https://arxiv.org/abs/1709.01507", "https://arxiv.org/abs/1709.01508", False),
        ("https://example.org/a#x", "https://example.org/a#y", False),
    ],
)
def test_links(english, turkish, equal):
    assert (target_of(english, "en") == target_of(turkish, "tr")) is equal


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        ("Lesson 3 has one gate.", "Üçüncü derste bir kapı var."),
        ("In lesson 2", "İkinci derste"),
        ("lessons 3 and 14", "üçüncü ve on dördüncü ders"),
        ("three parts", "3 bölüm"),
        ("![A gate of 0.5](gate.png)", "![0,5 değerinde kapı](gate.png)"),
        ("[`SE` block](a.ipynb)", "[bir `SE` bloğu](a.ipynb)"),
        ("| a | 1.5 |\n|---|---|\n| b | 2 |", "| a | 1,5 |\n|---|---|\n| b | 2 |"),
        ("```python\nx = 1  # one\n```", "```python\nx = 1  # bir\n```"),
    ],
)
def test_prose_that_says_the_same(english, turkish):
    assert list(prose_differences(english, turkish)) == []


@pytest.mark.parametrize(
    ("english", "turkish", "message"),
    [
        ("0.5 of 3", "3'te 0,6", "numbers in the prose differ: only in English 0.5; only in Turkish 0.6"),
        ("3 gates, three parts", "4 kapı, üç bölüm",
         "numbers in the prose differ: only in English nothing; only in Turkish 4"),
        ("1,024", "1,024", "numbers in the prose differ: only in English 1024; only in Turkish 1.024"),
        ("$x$ and $y$", "$x$ ve $x$", "formulas differ: only in English $y$; only in Turkish $x$"),
        ("# A\n\n## B", "# A\n\n### B", "heading levels differ: English [1, 2], Turkish [1, 3]"),
        ("[a](x.ipynb)", "a", "links differ: only in English x.ipynb; only in Turkish nothing"),
        ("![a](x.png)", "![a](y.png)", "images differ: only in English x.png; only in Turkish y.png"),
        ("`f(0.5)`", "`f(0.6)`", "numbers in code spans differ: only in English 0.5; only in Turkish 0.6"),
        ("<img src='a.png' alt='b'>", "b", "images differ: only in English a.png; only in Turkish nothing"),
    ],
)  # fmt: skip
def test_prose_that_does_not(english, turkish, message):
    assert list(prose_differences(english, turkish)) == [message]
