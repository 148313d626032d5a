"""Starts programs by way of the launcher, compares them in pairs, and sums the runs up."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile


class Failed(Exception):
    """A program that should have worked did not."""


class Result:
    """One run: `seconds`, `status`, `peak` in bytes, and its `output`, both streams together."""

    def __init__(self, answer, output):
        self.seconds = answer["seconds"]
        self.status = answer["status"]
        self.peak = answer["peak"]
        self.output = output


class Launcher:
    """A process that starts and times programs; all of them die with its process group."""

    def __init__(self):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launcher.py")
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", program],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        descriptor, self.output = tempfile.mkstemp(prefix="nbx-bench-output-")
        os.close(descriptor)

    def run(self, words, environment=None, may_fail=False):
        """Runs one program to its end; an interrupt ends it first."""
        order = {"words": words, "environment": dict(environment or os.environ), "output": self.output}
        try:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline() or '{"problem": "the launcher is gone"}')
        except KeyboardInterrupt:
            self._end_what_runs()
            raise
        if "problem" in answer:
            raise Failed(f"{' '.join(words)}: {answer['problem']}")
        with open(self.output, encoding="utf-8", errors="replace") as file:
            result = Result(answer, file.read())
        if result.status != 0 and not may_fail:
            last = "\n  ".join(result.output.strip().splitlines()[-25:])
            raise Failed(f"{' '.join(words)}: exit status {result.status}\n  {last}")
        return result

    def _end_what_runs(self):
        """Ends the program that runs, by force if it does not listen; this launcher ends with it."""
        self._close_input()
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)

    def _close_input(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def close(self):
        """May be called again."""
        self._close_input()
        self.process.wait()
        if os.path.exists(self.output):
            os.remove(self.output)


class Sample:
    """Figures of the same kind, in seconds or in bytes."""

    def __init__(self, figures):
        self.figures = list(figures)

    def shown(self, unit):
        """`least / median / most` in a unit that suits the median."""
        low, middle, high = min(self.figures), statistics.median(self.figures), max(self.figures)
        if unit == "bytes":
            return f"{low / 2**20:.1f} / {middle / 2**20:.1f} / {high / 2**20:.1f} MiB"
        if middle < 1:
            return f"{low * 1e3:.1f} / {middle * 1e3:.1f} / {high * 1e3:.1f} ms"
        return f"{low:.2f} / {middle:.2f} / {high:.2f} s"


def in_pairs(count, first, second, progress):
    """Runs A B A B …, after one of each that does not count; both are called and return seconds."""
    first(), second()
    pairs = []
    for index in range(count):
        progress(f"pair {index + 1} of {count}")
        pairs.append((first(), second()))
    return pairs
