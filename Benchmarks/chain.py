"""The longest chain of commands that must follow each other, from a record of calls and the table of dependencies.

As a program: whether the table fits a record, whatever time that took.
"""

import json
import sys

from dependencies import STEPS
from measuring import Failed

# The start of a call is known to a millisecond or so, and clocks are read in different processes.
TOLERANCE = 0.005


class Call:
    """A line of the stand-ins' record, times in seconds since the run began."""

    def __init__(self, line, began):
        entry = json.loads(line)
        self.program = entry["program"]
        self.words = entry["argv"]
        self.input = entry["stdin"] or ""
        self.exit = entry["exit"]
        self.context = entry["cluster"]
        self.start = entry["start"] / 1e9 - began
        self.end = entry["end"] / 1e9 - began

    @property
    def line(self):
        return " ".join([self.program] + self.words)

    @property
    def identity(self):
        return (self.program, *self.words, self.input)


def read_calls(path, began=0):
    """The calls of a record, in the order in which they began."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return sorted((Call(line, began) for line in file), key=lambda call: call.start)


def in_turn(calls):
    """What a script would run: every call once, when it was first of use, without those that found that it is too early."""
    once = {}
    for call in calls:
        if call.exit == 0:
            once.setdefault(call.identity, call)
    return list(once.values())


class Link:
    """The calls that do the same for the same: more than one where they were repeated."""

    def __init__(self, step, cluster, peer):
        self.step, self.cluster, self.peer = step, cluster, peer
        self.calls = []
        # When it is over at the earliest, by phase, and what it had to wait for.
        self.earliest = None
        self.binding = None

    @property
    def call(self):
        """The one that counts: of looks the last, which found it; the same change once more changes nothing."""
        return self.calls[-1 if looks(self.calls[0]) else 0]

    @property
    def name(self):
        return " ".join(part for part in (self.step.name, self.peer and f"of {self.peer}",
                                          self.cluster and f"in {self.cluster}") if part)


class Chain:
    """`seconds` from the start to the end of the longest chain, `links` what it consists of."""

    def __init__(self, calls, times, speed):
        self.times, self.speed = times, speed
        self.groups = {}
        for call in calls:
            if call.exit == 0:
                self._sort_in(call)
        self.last = max(self.groups.values(), key=lambda link: self._earliest(link)["done"])
        self.seconds = self.last.earliest["done"]

    def _sort_in(self, call):
        text = f"{call.line}\n{call.input}"
        own = (call.context or "").removeprefix("k3d-") or None
        for step in STEPS:
            found = step.pattern.search(text)
            if found:
                said = found.groupdict()
                key = (step.name, said.get("own") or own, said.get("peer"))
                self.groups.setdefault(key, Link(step, *key[1:])).calls.append(call)
                return
        raise Failed(f"dependencies.py knows no such step: {call.line} {call.input[:200]}")

    def _seconds(self, section, row):
        rows = self.times[section]
        return rows.get(row, rows.get("", 0)) / self.speed

    def needed(self, link):
        """What has to be before a link: pairs of another one and of its phase."""
        for need in link.step.needs:
            met = [other for other in self.groups.values() if other.step.name == need.step and self._fits(need, other, link)]
            if not met:
                raise Failed(f"dependencies.py: “{link.name}” needs “{need.text}”, which no call does")
            for other in met:
                yield other, need.phase
        if link.step.one_at_a_time:
            same = [other for other in self.groups.values() if other.step is link.step]
            before = [other for other in same if other.calls[0].start < link.calls[0].start]
            if before:
                yield max(before, key=lambda other: other.calls[0].start), "done"

    def _fits(self, need, other, link):
        if need.whose == "peer":
            return other.cluster == link.peer
        if need.whose == "all":
            return True
        if need.whose == "others":
            return other.cluster != link.cluster
        if need.whose:
            return other.peer == need.whose and other.cluster in (None, link.cluster)
        return other.cluster == link.cluster

    def _earliest(self, link):
        if link.earliest is None:
            start = 0
            for other, phase in self.needed(link):
                end = self._earliest(other)[phase]
                if end > start:
                    start, link.binding = end, (other, phase)
            link.earliest = self._phases(link, start)
        return link.earliest

    def _phases(self, link, start):
        takes = self._seconds("commands", link.step.takes) if link.step.takes is not None else 0
        follows = sum(self._seconds("ready", row) for row in link.step.ready)
        applied = start + takes
        if looks(link.call):
            applied = done = max(applied, start + follows)
        else:
            done = applied + follows if "--wait" in link.call.words else applied
        return {"start": start, "applied": applied, "done": done}

    @property
    def links(self):
        """From the first to the last, each with the phase that the next one needed."""
        way, link, phase = [], self.last, "done"
        while link:
            way.append((link, phase))
            link, phase = link.binding or (None, None)
        return way[::-1]

    def check(self):
        """Refuses a need that a run which worked has not kept: it can be none; and a step that no run has any more."""
        for step in STEPS:
            if all(link.step is not step for link in self.groups.values()):
                raise Failed(f"dependencies.py: no call is the step “{step.name}”")
        for link in self.groups.values():
            call = link.call
            for other, phase in self.needed(link):
                met = self._met(other, phase)
                early = self._phases(link, met)["done"] - call.end if looks(call) else met - call.start
                if early > TOLERANCE:
                    raise Failed(f"dependencies.py: “{link.name}” does not need “{other.name}” {phase}: "
                                 f"it was {1e3 * early:.0f} ms too early")

    def _met(self, link, phase):
        """When a phase had come in the run, at the earliest: others may see what a call did before it has ended."""
        if looks(link.calls[0]):
            return min(call.end for call in link.calls)
        return self._phases(link, link.calls[0].start)[phase]

    def told(self):
        """The chain beside the run, a line a link: when it could be over, when it was, and how late it began."""
        lines = ["   could   was over   began late by"]
        for link, phase in self.links:
            before = max((self._over(*need) for need in self.needed(link)), default=0)
            late = 1e3 * (link.call.start - before)
            lines.append(f"{link.earliest[phase]:8.3f} {self._over(link, phase):10.3f} {late:12.0f} ms  {link.name}")
        return "\n".join(lines)

    def _over(self, link, phase):
        call = link.call
        return call.end if phase == "done" else self._phases(link, call.start)[phase]


def looks(call):
    """Whether a call changes nothing, and may look already while that happens for which it waits."""
    return call.words[0] in ("get", "wait", "list")


def main():
    try:
        Chain(read_calls(sys.argv[1]), {"commands": {}, "ready": {}}, speed=1).check()
    except Failed as problem:
        sys.exit(f"error: {problem}")


if __name__ == "__main__":
    main()
