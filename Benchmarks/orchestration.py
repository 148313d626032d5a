"""The rows of orchestrating programs: the sandbox on Kubernetes with stand-ins, and nbx's own cost per command."""

import json
import os
import statistics
import sys
import time

from chain import Chain, in_turn, read_calls
from measuring import in_pairs
from rows import Row, times_as_fast, times_as_long
from stand_ins import CLIENT, PROGRAMS, World, times

FOLDER = os.path.dirname(os.path.abspath(__file__))
INSTALL = os.path.join(os.path.dirname(FOLDER), "recipes", "install.nbx")


class OrchestrationRows:
    """install.nbx on stand-ins that are `speed` times as fast as the real programs."""

    def __init__(self, tools, launcher, folder, progress):
        self.nbx = tools.nbx
        self.client = tools.compiled(CLIENT)
        self.launcher = launcher
        self.folder = folder
        self.progress = progress

    def _install(self, count, speed):
        """Installs on so many clusters in a new world: the seconds that it took, and what it called."""
        clusters = [f"c{index + 1}" for index in range(count)]
        with World(self.folder, self.client, speed) as world:
            words = [self.nbx, "run", INSTALL, *clusters, "--target", "k3d", "verify=false"]
            began = time.monotonic()
            seconds = self.launcher.run(words, world.environment).seconds
            return seconds, read_calls(world.record, began)

    def _one_after_the_other(self, calls, speed):
        """Seconds that the same calls take in a new world, one after the other."""
        with World(self.folder, self.client, speed) as world:
            path = os.path.join(world.folder, "calls")
            with open(path, "w", encoding="utf-8") as file:
                for call in in_turn(calls):
                    file.write(json.dumps({"words": [call.program, *call.words], "input": call.input}) + "\n")
            script = os.path.join(FOLDER, "one_after_the_other.py")
            words = [sys.executable, "-I", "-S", script, world.programs, path]
            return self.launcher.run(words, world.environment).seconds

    def orchestrate(self, count, speed):
        pairs = []
        for index in range(count):
            self.progress(f"install, {index + 1} of {count}")
            seconds, calls = self._install(3, speed)
            self.progress(f"its commands one after the other, {index + 1} of {count}")
            pairs.append((seconds, self._one_after_the_other(calls, speed)))
        return [times_as_fast("orchestrate", "3 clusters on Kubernetes", "one after the other", pairs, 2.5)]

    def chain(self, count, speed):
        pairs, slowest = [], None
        for index in range(count):
            self.progress(f"install, {index + 1} of {count}")
            seconds, calls = self._install(3, speed)
            chain = Chain(calls, times(), speed)
            chain.check()
            pairs.append((seconds, chain.seconds))
            if seconds == max(ours for ours, _ in pairs):
                slowest = chain
        row = times_as_long("chain", "3 clusters on Kubernetes", "longest chain", pairs, 1.05)
        if row.verdict == "MISS":
            row.note = f"The longest chain in the slowest run:\n{slowest.told()}"
        return [row]

    def twelve(self, count, speed):
        pairs = []
        for index in range(count):
            self.progress(f"install on 12 clusters, {index + 1} of {count}")
            pairs.append((self._install(12, speed)[0], self._install(3, speed)[0]))
        return [times_as_long("twelve", "12 clusters on Kubernetes", "3 clusters", pairs, 1.3)]


class CostRows:
    """Many short programs, started by nbx and by a loop in C."""

    # Sixteen times twenty.
    TIMES = 320
    ABREAST = 16

    def __init__(self, tools, files, launcher, folder, progress):
        self.tools = tools
        self.files = files
        self.launcher = launcher
        self.progress = progress
        self.folder = os.path.join(folder, "tiny")
        os.makedirs(self.folder)
        program = tools.compiled("tiny_kubectl.c")
        for name in PROGRAMS:
            os.symlink(program, os.path.join(self.folder, name))
        self.environment = {
            **os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}",
            "NBX_HOME": os.path.join(folder, "home"), "XDG_CONFIG_HOME": folder}

    def _row(self, what, recipe, program, abreast, count):
        ours = [self.tools.nbx, "run", self.files[recipe], "--target", "k3d"]
        theirs = [self.tools.compiled("spawn_loop.c"), str(self.TIMES), str(abreast), *program]

        def timed(words):
            return lambda: self.launcher.run(words, self.environment).seconds / self.TIMES

        pairs = in_pairs(count, timed(ours), timed(theirs), self.progress)
        cost = statistics.median(ours - theirs for ours, theirs in pairs) * 1e3
        ours, theirs = zip(*pairs)
        return Row("cost", what, "a loop in C", ours, theirs, cost, 3, at_most=True, meaning=" ms more")

    def measure(self, count):
        kubectl = os.path.join(self.folder, "kubectl")
        words = [kubectl, "get", "configmap", "settings", "--namespace", "apps", "--context", "k3d-c1", "-o", "json"]
        return [
            self._row("a command", "commands.nbx", words, 1, count),
            self._row(f"a command, {self.ABREAST} abreast", "lanes.nbx", words, self.ABREAST, count),
        ]
