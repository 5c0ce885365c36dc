"""Probes: each looks at one side of an answer. They observe first and judge afterwards, so that an answer's
observations can also be compared with those of the known wrong answers."""
