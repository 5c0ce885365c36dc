"""start_here.axes: the four sizes of a batch of images."""

from collections import OrderedDict

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import MappingOfNumbers


def sizes():
    return {"N": 8, "C": 3, "H": 32, "W": 48}


EXERCISE = Exercise(
    id="start_here.axes",
    kind="mapping",
    name="sizes",
    reference=sizes,
    probes=(MappingOfNumbers(),),
)

EXERCISE.wrong_values(
    height_width_swapped={"N": 8, "C": 3, "H": 48, "W": 32},
    batch_channels_swapped={"N": 3, "C": 8, "H": 32, "W": 48},
    one_image={"N": 1, "C": 3, "H": 32, "W": 48},
    grey={"N": 8, "C": 1, "H": 32, "W": 48},
    channels_last={"N": 8, "C": 32, "H": 48, "W": 3},
    batch_missing={"C": 3, "H": 32, "W": 48},
    small_letters={"n": 8, "c": 3, "h": 32, "w": 48},
    words={"batch": 8, "channels": 3, "height": 32, "width": 48},
    quoted={"N": "8", "C": "3", "H": "32", "W": "48"},
    tuple=(8, 3, 32, 48),
    channels_multiplied={"N": 8, "C": 24, "H": 32, "W": 48},
)
EXERCISE.accepted_values(
    other_order={"W": 48, "H": 32, "C": 3, "N": 8},
    ordered_dict=OrderedDict(N=8, C=3, H=32, W=48),
)
