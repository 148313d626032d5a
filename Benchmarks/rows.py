"""What a row of the table is, and the quick rows: those that need no servers."""

import statistics
import sys

from measuring import Failed, Sample, in_pairs


class Row:
    """One measurement of nbx beside what it is compared with.

    `ratio` is the median of the ratios of the pairs, `bound` what it must reach, and `at_most` says from which side.
    """

    def __init__(self, name, what, against, ours, theirs, ratio, bound, at_most, unit="seconds", meaning=""):
        self.name = name
        self.what = what
        self.against = against
        self.ours = Sample(ours).shown(unit)
        self.theirs = Sample(theirs).shown(unit) if theirs else ""
        self.ratio = ratio
        self.bound = bound
        self.at_most = at_most
        self.meaning = meaning
        self.note = ""

    @property
    def verdict(self):
        if self.bound is None:
            return ""
        reached = self.ratio <= self.bound if self.at_most else self.ratio >= self.bound
        return "ok" if reached else "MISS"

    @property
    def bound_text(self):
        if self.bound is None:
            return ""
        return f"at {'most' if self.at_most else 'least'} {self.bound:g}"


def times_as_long(name, what, against, pairs, bound):
    """A row whose ratio is nbx's time over the other's."""
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours, theirs = zip(*pairs)
    return Row(name, what, against, ours, theirs, ratio, bound, at_most=True, meaning="x the time")


def times_as_fast(name, what, against, pairs, bound):
    """A row whose ratio is the other's time over nbx's."""
    ratio = statistics.median(theirs / ours for ours, theirs in pairs)
    ours, theirs = zip(*pairs)
    return Row(name, what, against, ours, theirs, ratio, bound, at_most=False, meaning="x the speed")


class QuickRows:
    """Start-up, checking and evaluating."""

    def __init__(self, tools, files, launcher, environment, progress):
        self.nbx = tools.nbx
        self.tools = tools
        self.files = files
        self.launcher = launcher
        self.environment = environment
        self.progress = progress

    def _compare(self, count, ours, theirs, says=None):
        """Pairs of seconds; `says` is what both must write."""

        def timed(words):
            result = self.launcher.run(words, self.environment)
            if says is not None and result.output.strip() != says:
                raise Failed(f"{words[0]} said {result.output.strip()!r} instead of {says!r}")
            return result.seconds

        return in_pairs(count, lambda: timed(ours), lambda: timed(theirs), self.progress)

    def start_up(self, count):
        ours = [self.nbx, "run", self.files["print.nbx"]]
        bash = self._compare(count, ours, [self.tools.bash, "-c", "true"])
        python = self._compare(count, ours, [sys.executable, "-c", "pass"])
        return [
            times_as_long("start-up", "a recipe of one print", "bash -c true", bash, 2.5),
            times_as_long("start-up", "a recipe of one print", "python3 -c pass", python, None),
        ]

    def check(self, count):
        ours = [self.nbx, "check", self.files["large.nbx"]]
        theirs = [self.tools.just, "--summary", "-f", self.files["large.just"]]
        pairs = self._compare(count, ours, theirs)
        return [times_as_fast("check", "100,000 lines", "just --summary", pairs, 5)]

    def loop(self, count):
        ours = [self.nbx, "run", self.files["loop.nbx"]]
        # bash takes seconds for it.
        bash = self._compare(max(2, count // 4), ours, [self.tools.bash, self.files["loop.sh"]], says="1000000")
        python = self._compare(count, ours, [sys.executable, self.files["loop.py"]], says="1000000")
        return [
            times_as_fast("loop", "a million additions", "bash", bash, 50),
            times_as_fast("loop", "a million additions", "python3", python, 1),
        ]
