"""Where the boxes of a block diagram stand: the longest way through in a column, all other ways beside it."""

import itertools
from dataclasses import dataclass

from seattn_course.lab.dataflow import Dataflow


@dataclass(frozen=True)
class Way:
    """A way that leaves a box and comes back to one further down; ``through`` are the boxes on it."""

    start: int
    through: tuple[int, ...]
    end: int
    lane: int  # 0 is the main column, 1 the lane beside it, ...


@dataclass(frozen=True)
class Layout:
    """Places of the nodes: (lane, row), row 0 at the top; a row may be a fraction."""

    main: tuple[int, ...]
    ways: tuple[Way, ...]
    places: dict[int, tuple[int, float]]

    @property
    def lanes(self) -> int:
        return 1 + max((way.lane for way in self.ways), default=0)


def layout(graph: Dataflow) -> Layout:
    """Places for all nodes that lie on a way from the input to the output."""
    alive = _ancestors(graph)
    edges = [(source, node) for node in sorted(alive) for source in dict.fromkeys(graph.nodes[node].sources)]
    main = _longest(graph, alive)
    places: dict[int, tuple[int, float]] = {node: (0, float(row)) for row, node in enumerate(main)}
    left = [edge for edge in edges if edge not in set(itertools.pairwise(main))]
    ways: list[Way] = []
    while left:
        start, *through, end = _longest_way(left, places)
        top, bottom = places[start][1], places[end][1]
        lane = _free_lane(ways, places, top, bottom)
        for number, node in enumerate(through, start=1):
            places[node] = (lane, top + number * (bottom - top) / (len(through) + 1))
        ways.append(Way(start, tuple(through), end, lane))
        done = set(zip([start, *through], [*through, end]))
        left = [edge for edge in left if edge not in done]
    return Layout(tuple(main), tuple(ways), places)


def _ancestors(graph: Dataflow) -> set[int]:
    alive, todo = set(), [graph.output]
    while todo:
        node = todo.pop()
        if node not in alive:
            alive.add(node)
            todo.extend(graph.nodes[node].sources)
    return alive


def _longest(graph: Dataflow, alive: set[int]) -> list[int]:
    """The longest way from the input to the output; nodes are in the order in which they ran, so one pass does."""
    best: dict[int, list[int]] = {}
    for node in sorted(alive):
        before = [best[source] for source in graph.nodes[node].sources]
        best[node] = [*max(before, key=len, default=[]), node]
    return best[graph.output]


def _longest_way(edges: list[tuple[int, int]], places: dict[int, tuple[int, float]]) -> list[int]:
    """The longest way over ``edges`` from a placed node through unplaced ones to a placed node."""
    best: dict[int, list[int]] = {}
    found: list[int] = []
    for source, node in sorted(edges, key=lambda edge: (edge[1], edge[0])):
        way = [*(best.get(source, [source]) if source not in places else [source]), node]
        if way[0] not in places:
            continue
        if node in places:
            found = max(found, way, key=len)
        else:
            best[node] = max(best.get(node, []), way, key=len)
    return found


def _free_lane(ways: list[Way], places: dict[int, tuple[int, float]], top: float, bottom: float) -> int:
    taken = {way.lane for way in ways if places[way.start][1] < bottom and top < places[way.end][1]}
    return next(lane for lane in range(1, len(ways) + 2) if lane not in taken)
