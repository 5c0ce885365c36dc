"""The GPU lane's comparator, on outputs made up for the purpose: what it lets pass and what it does not."""

import pytest
from nbformat.v4 import new_output

from seattn_course.authoring.validation.compare import differences, text_difference

NEAR = [
    ("0.5866", "0.5867"),  # one unit of the last printed place
    ("tensor([ 0.1234, -0.0000])", "tensor([0.1234, 0.0000])"),  # the sign of a rounded zero, and its column
    ("tensor([1.0000, 2.5000])", "tensor([1.0000, 2.5001], device='cuda:0')"),
    ("loss 123.4567", "loss 123.4667"),  # within 1e-4 of the value
    ("1.1921e-07", "0.0000e+00"),  # below the absolute tolerance
    ("tensor(5.)", "tensor(5.0000)"),
    ("0.3", "0.2"),
    ("shape (2, 64, 8, 8), 580 parameters", "shape (2, 64, 8, 8), 580 parameters"),
    ("nan", "nan"),
]
FAR = [
    ("0.5866", "0.5868"),
    ("580 parameters", "581 parameters"),
    ("25,557,032", "25,557,033"),
    ("There are 10001.", "There are 10002."),
    ("loss 123.4567", "loss 123.4767"),
    ("(2, 64)", "(2, 64, 1)"),
    ("gate 0.50", "kapı 0.50"),
    ("True", "False"),
    ("0.5", "nan"),
    ("5", "5.0000"),
    ("0.25 0.50", "0.25"),
    ("3x3 convolution", "5x5 convolution"),
    ("torch 2.13.0", "torch 2.13.1"),
    ("1.0e-03", "1.2e-03"),
    ("-0.5", "0.5"),
    ("a\nb", "a b"),
]


@pytest.mark.parametrize(("stored", "new"), NEAR)
def test_what_a_gpu_may_change_passes(stored, new):
    assert text_difference(stored, new) is None


@pytest.mark.parametrize(("stored", "new"), FAR)
def test_what_it_may_not_change_is_named(stored, new):
    assert "stored" in text_difference(stored, new)


def result(**data):
    return new_output("execute_result", data={key.replace("_", "/"): value for key, value in data.items()})


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_progress_bars_are_not_compared():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "  0%|          | 0/2"}
    assert differences([], [new_output("display_data", data=view)]) == []
    assert differences([], [new_output("display_data", data=view | {"text/plain": "2 of 2"})])


def test_images_and_widget_views_are_not_compared():
    view = "application/vnd.jupyter.widget-view+json"
    stored = [new_output("display_data", data={"image/png": "AAAA", "text/plain": "Bars: 0.59, 0.67"})]
    new = [
        new_output("display_data", data={"image/png": "BBBB", view: {"id": 1}, "text/plain": "Bars: 0.59, 0.67"})
    ]
    assert differences(stored, new) == []


def test_the_description_of_a_figure_is_compared():
    stored = [result(image_png="AAAA", text_plain="Bars of 3 channels")]
    assert differences(stored, [result(image_png="AAAA", text_plain="Bars of 4 channels")]) == [
        "text/plain: stored 3, now 4"
    ]


def test_streams_are_joined_before_they_are_compared():
    assert differences([stream("a 1\nb 2\n")], [stream("a 1\n"), stream("b 2\n")]) == []


def test_an_output_more_or_less_is_a_difference():
    one, two = [result(text_plain="1")], [result(text_plain="1"), result(text_plain="1")]
    assert differences(one, two) == ["2 outputs of text/plain, stored are 1"]
    assert differences(one, []) == ["the stored text/plain is missing"]
    assert differences([], [stream("careful", "stderr")]) == ["stderr is not stored: 'careful'"]


def test_exceptions_are_compared_by_name_and_message_but_not_by_traceback():
    def error(message, traceback):
        return [new_output("error", ename="ValueError", evalue=message, traceback=[traceback])]

    assert differences(error("r=3", "File a"), error("r=3", "File b")) == []
    assert differences(error("r=3", "File a"), error("r=4", "File a"))


def test_structured_outputs_are_compared_too():
    kind = "application/json"
    stored = [new_output("display_data", data={kind: {"gate": 0.5866, "channel": 3}})]
    near = [new_output("display_data", data={kind: {"channel": 3, "gate": 0.5867}})]
    far = [new_output("display_data", data={kind: {"channel": 4, "gate": 0.5866}})]
    assert differences(stored, near) == []
    assert differences(stored, far)
