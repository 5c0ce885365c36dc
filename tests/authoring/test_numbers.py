"""The gate "numbers": which numbers in prose need a witness, and which witness will do."""

import nbformat
import pytest

from seattn_course.authoring.facts import Fact, cited, places, read_facts
from seattn_course.authoring.markdown import blocks
from seattn_course.authoring.numbers import problems
from seattn_course.authoring.tree import find_root

URL = "https://arxiv.org/abs/1709.01507"
FACTS = [Fact("error", URL, "table 10", "%", (22.28, 23.30)), Fact("parameters", URL, "table 10", "M", (28.1,))]


def report(prose, *, outputs="", code="x", language="en", tags=(), reason="") -> list[str]:
    """The messages about one Markdown cell beside one code cell that printed ``outputs``."""
    cell = nbformat.v4.new_code_cell(code)
    cell.outputs = [nbformat.v4.new_output("stream", text=outputs)]
    text = nbformat.v4.new_markdown_cell(prose, metadata={"name": "prose", "tags": list(tags), "reason": reason})
    notebook = nbformat.v4.new_notebook(cells=[text, cell])
    found = list(problems(notebook, language, FACTS))
    assert all(name == "prose" for name, _ in found)
    return [message for _, message in found]


@pytest.mark.parametrize(
    ("language", "prose", "outputs"),
    [
        ("en", "The gate is 0.587.", "0.586618"),
        ("en", "The gates are 0.587, 0.668 and 0.413.", "[0.586618, 0.668188, 0.413382]"),
        ("tr", "Kapılar 0,587, 0,668 ve 0,413.", "[0.586618, 0.668188, 0.413382]"),
        ("en", "u = −0.35", "-0.3500"),
        ("en", "It falls by 0.35.", "-0.35"),
        ("en", "That is 62.5 % of them, or 62.5%, or 62.5 percent.", "0.6249"),
        ("tr", "Bunların %62,5'i, yani yüzde 62,5.", "0.625"),
        ("en", "62.5 % of them", "share 62.5%"),
        ("en", "It has 28,088,024 parameters, 28.1 M, 28.1 million, about 28 million.", "28088024"),
        ("tr", "28.088.024 parametre, yani 28,1 milyon.", "28,088,024"),
        ("en", "about 28,000 and roughly 60", "28,088 and 61.2"),
        ("en", "At most 1.5·10^-5, of the order of 10^-5 or 10⁻⁵, that is 1.5e-5.", "1.526e-05"),
        ("en", "one of 1/16", "0.0625"),
        ("en", "A map of shape (2, 64, 56, 56), also (2,64,56,56).", "torch.Size([2, 64, 56, 56])"),
        ("en", "A map of shape (2,128,128).", "2, 128"),
        ("en", "56×56, or 56x56, or 56² places", "56"),
        ("en", "The value `0.587` and the shape `(2, 64)`", "0.5866 2 64"),
        ("en", r"$s = 0.587$ and $W_{16} = [0.5, 1.0]$", "0.5866 0.5 1.0"),
        ("tr", r"$s = 0{,}587$", "0.5866"),
        ("en", "| gate |\n|---|\n| 0.587 |", "0.5866"),
    ],
)
def test_a_number_that_was_computed_stands(language, prose, outputs):
    assert report(prose, outputs=outputs, language=language) == []


@pytest.mark.parametrize(
    ("language", "prose", "outputs", "number"),
    [
        ("en", "The gate is 0.586.", "0.586618", "0.586"),
        ("en", "The gate is 0.5866182.", "0.5866", "0.5866182"),
        ("tr", "Kapı 0,59'dur.", "0.47", "0,59"),
        ("en", "u = −0.35", "0.35", "0.35"),
        ("en", "580 parameters", "579.8", "580"),
        ("en", "64 channels", "6.4", "64"),
        ("en", "10 % of them", "0.5", "10 %"),
        ("en", "3 % of them", "0.5", "3 %"),
        ("tr", "%62,5'i", "0.5", "62,5"),
        ("en", "h = 5", "4", "5"),
        ("en", "5 times faster", "4", "5"),
        ("en", "7 ms", "4", "7"),
        ("en", "28.1 M", "28.9e6", "28.1 M"),
        ("tr", "28.088.024", "28.088.025", "28.088.024"),
        ("en", "10^-7", "1e-3", "10^-7"),
        ("en", "shape (2, 64, 57, 56)", "2 64 56 56", "57"),
        ("en", "`0.59`", "0.47", "0.59"),
        ("en", "$s = 0.59$", "0.47", "0.59"),
        ("en", "# The 580 parameters", "49", "580"),
        ("en", "![at 0.59](figure.png)", "0.47", "0.59"),
        ("en", "| gate |\n|---|\n| 0.59 |", "0.47", "0.59"),
        ("en", "about 28,000", "29,088", "28,000"),
        ("en", "13 steps", "12", "13"),
        ("en", "about 3 µs", "12", "3"),
        ("en", "float32 holds 580", "float580", "580"),
        ("tr", "16 adımda", "15", "16"),
        ("tr", "13 Eksenler", "15", "13"),
    ],
)
def test_a_number_nobody_computed_is_named(language, prose, outputs, number):
    messages = report(prose, outputs=outputs, language=language)
    assert len(messages) == 1
    assert messages[0].startswith(f"'{number}' is in no output")


def test_the_finding_names_the_nearest_computed_values():
    [message] = report("The gate is 0.59.", outputs="0.11 0.42 0.57 0.6", code="y = 100")
    assert message.endswith("(nearest computed: 0.6, 0.57, 0.42)")


@pytest.mark.parametrize(
    ("language", "prose"),
    [
        ("en", "three steps, 3 steps, 12 channels, 3×3 kernels, a 1×1 convolution"),
        ("en", "ResNet-50, SE-ResNeXt-50 (32×4d), CIFAR-10, top-1, conv1, V2, float32, P1, C07, 16-bit, W1"),
        ("en", "Python 3.11, PyTorch 2.13 and timm 1.0.31"),
        ("en", "SENet won in 2017 (Hu et al., 2018), ILSVRC 2017, on 5 September 2017 or 2017-09-05"),
        ("tr", "SENet 2017'de kazandı (Hu ve ark., 2018); 5 Eylül 2017."),
        ("en", "See lesson 14, lessons 11-13, table 10, Section 2.3, Figure 14, exercise 15 and step 20."),
        ("tr", "14. ders, 13. ve 15. dersler, 13–15. adımlar, Tablo 10, Şekil 14, 15. alıştırmada, 20. adımda"),
        ("en", "It takes 30 to 60 minutes, or 45–50 minutes."),
        ("tr", "Bu ders 30 ile 60 dakika, yani 45 dakika sürer."),
        ("en", "## 13. The thirteenth section"),
        ("en", "[Hu et al. 2020](https://arxiv.org/abs/1709.01507) and https://arxiv.org/abs/1709.01507"),
        ("en", "`SEBlock(64, reduction=16)` and\n\n```python\nx = 580\n```"),
        ("en", "y is (N, C, H, W), W1 is h × C, $x_{17}$ and $\\text{layer 17}$"),
        ("en", "14. one\n15. two"),
    ],
)
def test_what_needs_no_witness(language, prose):
    assert report(prose, language=language) == []


@pytest.mark.parametrize(
    ("language", "prose", "outputs"),
    [
        ("en", "2·64·4 = 512", "64"),
        ("en", "(2·64·4 = 512)", "64"),
        ("en", "The count is C/r = 64/16 = 4, not 4·64 = 256.", "64 16"),
        ("tr", "0,2·2 + 0,4·0,5 + 0,1·1 = 0,7", "0.2 0.4 0.5 0.1"),
        ("en", r"$2 \cdot 64 \cdot 4 = 512$ and $\frac{64}{16} = 4$", "64 16"),
        ("en", "0.587·2.0 ≈ 1.173", "0.587 2.0"),
        ("en", "0.5^16 = 1.5·10^-5 and 16 blocks", "0.5 16 1.526e-5"),
        ("en", "530 / 25,557 = 2.1 %", "530 25557"),
    ],
)
def test_arithmetic_that_is_shown_needs_only_its_operands(language, prose, outputs):
    assert report(prose, outputs=outputs, language=language) == []


def test_arithmetic_that_does_not_check_out_is_named_even_if_the_number_is_known():
    messages = report("(2·64·4 = 510)", outputs="64 510")
    assert messages == ["'2·64·4 = 510' does not check out: 512"]


def test_an_operand_needs_a_witness():
    assert report("2·64·4 = 512", outputs="32")[0].startswith("'64' is in no output")


def test_a_function_of_a_number_is_no_arithmetic():
    assert report("σ(0.35) = 0.587", outputs="0.35 0.5866") == []


def test_code_constants_and_constant_expressions_are_witnesses():
    assert report("0.0625 and 580 and 64", code="y = f(1 / 16, n=580)\nz = -64") == []
    assert report("580", code='y = "580"  # 580') != []


def test_a_cited_value_stands_only_beside_its_source_and_table():
    number = "The error falls from 23.30 to 22.28."
    link = f"[Hu et al. 2020, Table 10]({URL})"
    assert report(f"{number} ({link})") == []
    assert report(f"{number} ([Hu ve ark. 2020, Tablo 10]({URL}))".replace(".30", ",30").replace(".28", ",28"),
                  language="tr") == []  # fmt: skip
    assert len(report(number)) == 2
    assert len(report(f"{number} ([Hu et al. 2020]({URL}))")) == 2
    assert len(report(f"{number} ([Hu et al. 2020, Table 10](https://example.org))")) == 2
    assert report(f"28.1 M parameters, not 29.1 M ({link})") == [
        "'29.1 M' is in no output, code or cited source (nearest computed: none)"
    ]


def test_a_table_that_facts_do_not_hold_is_named():
    [message] = report(f"[Hu et al. 2020, Table 99]({URL})")
    assert message == f"cites table 99 of {URL}, which facts.toml does not hold"


def test_given_numbers_pass_in_a_cell_whose_reason_names_them():
    prose = "Suppose 20 blocks and a gate of 0.45."
    reason = "20 and 0.45 are supposed in a question."
    assert len(report(prose)) == 2
    assert len(report(prose, reason=reason)) == 2
    assert report(prose, tags=["given-numbers"], reason=reason) == []
    assert len(report(prose, tags=["given-numbers"], reason="20 is supposed.")) == 1


def test_names_in_outputs_are_no_witnesses():
    assert len(report("580 and 32", outputs="float32 ResNet-580")) == 2


def test_places_named_in_a_link():
    assert places("Hu et al. 2020, Tables 10 and section 5.4") == ["table 10", "section 5.4"]
    assert places("10. tablo ve Bölüm 5.4") == ["table 10", "section 5.4"]


def test_a_link_text_in_several_pieces_is_one_link():
    values, unknown = cited(blocks(f"[*Hu et al.*, **Table** 10]({URL})"), FACTS)
    assert sorted(values) == [22.28, 23.30, 28.1]
    assert not unknown


def test_the_course_facts_are_complete_and_agree_with_each_other():
    facts = {fact.key: fact for fact in read_facts(find_root())}
    assert len(facts) >= 14
    for table in ("by_reduction", "by_squeeze", "by_excitation", "by_stage", "by_place", "without_squeeze"):
        assert 22.28 in facts[f"error_{table}"].values  # the same SE-ResNet-50, r = 16, in every table


def test_an_incomplete_fact_is_refused(tmp_path):
    (tmp_path / "facts.toml").write_text('[fact.x]\nsource = "nobody"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="fact 'x'"):
        read_facts(tmp_path)


ENTRY = """
[source.paper]
url = "https://example.org"

[fact.error]
source = "paper"
where = "table 1"
unit = "%"
what = "of two networks"
MORE

[fact.error.values]
"one" = 5.0
"""


@pytest.mark.parametrize(
    ("more", "message"),
    [('unchecked = "the table"', ""), ('unchecked = ""', "without saying what"), ('checked = "yes"', "'checked'")],
)
def test_a_fact_says_what_of_it_is_unchecked(tmp_path, more, message):
    (tmp_path / "facts.toml").write_text(ENTRY.replace("MORE", more), encoding="utf-8")
    if not message:
        assert read_facts(tmp_path) == [Fact("error", "https://example.org", "table 1", "%", (5.0,))]
        return
    with pytest.raises(ValueError, match=message):
        read_facts(tmp_path)
