"""Stored outputs are compared by number, type and the numbers they show."""

import nbformat
import pytest

from seattn_course.authoring.parity_outputs import output_differences


def printed(text: str, name: str = "stdout") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("stream", text=text, name=name)


def shown(**forms: str) -> nbformat.NotebookNode:
    data = {key.replace("_", "/"): value for key, value in forms.items()}
    return nbformat.v4.new_output("display_data", data=data)


def error(message: str, name: str = "ValueError") -> nbformat.NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[message])


def differences(english: list, turkish: list, tags: tuple[str, ...] = ()) -> list[str]:
    make = nbformat.v4.new_code_cell
    return list(output_differences(*(make(outputs=side, metadata={"tags": tags}) for side in (english, turkish))))


@pytest.mark.parametrize(
    ("english", "turkish"),
    [
        ([printed("gate 0.587 of 3\n")], [printed("3 kanalda kapı 0.587\n")]),
        ([printed("1,024")], [printed("1,024")]),
        ([printed("0.5")], [printed("0,5")]),
        ([printed("28,088,024 and 9.84 %")], [printed("28.088.024 ve 9,84 %")]),
        ([printed("torch.Size([2, 64])")], [printed("torch.Size([2, 64])")]),
        ([printed("<f at 0x7f12>")], [printed("<f at 0x7f34>")]),
        ([shown(text_html="<b style='width:3px'>1.5</b>")], [shown(text_html="<i style='width:4px'>1.5</i>")]),
        ([error("channels must be 4, got 3")], [error("channels must be 4, got 3")]),
        ([], []),
    ],
)
def test_equal_outputs(english, turkish):
    assert differences(english, turkish) == []


@pytest.mark.parametrize(
    ("english", "turkish", "message"),
    [
        ([printed("0.587")], [printed("0.578")], "only in English 0.587; only in Turkish 0.578"),
        ([printed("-0.5")], [printed("0.5")], "only in English -0.5; only in Turkish 0.5"),
        ([printed("1e-05")], [printed("1e-06")], "only in English 1e-05; only in Turkish 1e-06"),
        ([printed("50%")], [printed("50")], "only in English 50%; only in Turkish 50"),
        ([printed("1")], [], "outputs differ: English ['stream stdout'], Turkish none"),
        ([printed("1")], [printed("1", "stderr")], "Turkish ['stream stderr']"),
        ([printed("1")], [printed("1"), printed("1")], "Turkish ['stream stdout', 'stream stdout']"),
        ([shown(text_plain="1")], [shown(text_plain="1", text_html="1")], "display_data text/html+text/plain"),
        ([error("4", "TypeError")], [error("4")], "English ['error TypeError'], Turkish ['error ValueError']"),
        ([error("got 3")], [error("got 5")], "only in English 3; only in Turkish 5"),
        ([shown(text_plain="Bars of 2.0")], [shown(text_plain="2.5 çubukları")], "only in English 2.0"),
    ],
)
def test_unequal_outputs(english, turkish, message):
    (found,) = differences(english, turkish)
    assert message in found


def test_a_tagged_cell_may_print_other_numbers_but_no_other_things():
    tags = ("nbval-ignore-output",)
    assert differences([printed("took 1.5 s")], [printed("1.7 s sürdü")], tags) == []
    assert differences([printed("1.5")], [shown(text_plain="1.5")], tags) != []
