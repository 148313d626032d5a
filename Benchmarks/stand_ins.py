"""A world of stand-ins for docker, k3d, kubectl, helm and linkerd that take the time the real ones take, scaled."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

from measuring import Failed

FOLDER = os.path.dirname(os.path.abspath(__file__))
STAND_INS = os.path.join(os.path.dirname(FOLDER), "Tests", "StandIns")
# Hands calls over to the Python that plays them.
CLIENT = os.path.join(STAND_INS, "Client", "stand_in.c")
PROGRAMS = ["docker", "k3d", "kubectl", "helm", "linkerd"]


def times():
    """What real programs take, in seconds."""
    with open(os.path.join(STAND_INS, "times.json"), encoding="utf-8") as file:
        return json.load(file)


class World:
    """A new one, where there are no clusters yet. To be used with `with`: nothing of it is left afterwards."""

    def __init__(self, parent, client, speed):
        # In memory where that can be had: writing its files to a disk would be measured too.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else parent
        self.folder = folder = tempfile.mkdtemp(prefix="nbx-bench-world-", dir=memory)
        self.programs = os.path.join(folder, "bin")
        self.record = os.path.join(folder, "world", "record.jsonl")
        os.makedirs(self.programs)
        os.makedirs(os.path.join(folder, "world"))
        for name in PROGRAMS:
            os.symlink(client, os.path.join(self.programs, name))
        dropped = ("NBX_TARGET", "NO_COLOR")
        self.environment = {
            name: value for name, value in os.environ.items()
            if name not in dropped and not name.startswith("NBX_STANDIN_")}
        self.environment |= {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "NBX_HOME": os.path.join(folder, "home"), "XDG_CONFIG_HOME": os.path.join(folder, "config"),
            "NBX_STANDIN_FOLDER": os.path.dirname(self.record), "NBX_STANDIN_SPEED": str(speed)}

    def __enter__(self):
        words = [sys.executable, "-I", "-S", os.path.join(STAND_INS, "player.py")]
        self.player = subprocess.Popen(words, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.environment["NBX_STANDIN_PLAYER"] = self.player.stdout.readline().rstrip("\n")
        if not self.environment["NBX_STANDIN_PLAYER"]:
            raise Failed("the stand-ins did not start")
        return self

    def __exit__(self, *_):
        # With its standard input it ends, and what it plays with it.
        self.player.stdin.close()
        self.player.wait()
        self.player.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
