"""The campaign that kills nbx at random instants and looks at what is left behind."""

import glob
import json
import os
import shutil
import signal
import subprocess
import time

from campaign import Campaign
from findings import Finding

CLUSTER = "c1"
# A run that nobody kills has so long; one that was asked to end, too.
LIMIT = 240
SIGNALS = [signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]


class KillCampaign(Campaign):
    """However nbx ends, the next `install` works, and `cleanup` leaves no server, no folder and no context."""

    name = "kills"
    cases = "runs of recipes"

    def __init__(self, programs, folder, repository):
        super().__init__(programs, folder, repository)
        self.count = 0
        self.killed = 0
        self.home = None
        # How many seconds a recipe takes on this machine.
        self.usual = {}
        self.server = os.environ.get("NBX_NATS_SERVER") or shutil.which("nats-server")

    def _fetched(self):
        """A nats-server, which is fetched once and not for each home."""
        self.home = home = os.path.join(self.folder, "fetched")
        os.makedirs(home)
        recipe = self.write("fetch.nbx", b'clusters c1\nregion create c1\ndefer { region delete c1 }\n'
                            b'helm upgrade --install c1 nats/nats with { config.cluster.enabled: false }\n')
        ended = self.programs.run(["run", recipe], home, LIMIT, self.programs.environment(home))
        found = glob.glob(os.path.join(home, "home", "servers", "*", "**", "nats-server"), recursive=True)
        if ended.status != 0 or not found:
            raise SystemExit(f"kills: there is no nats-server, and nbx fetched none; NBX_NATS_SERVER names one\n{ended.said}")
        return found[0]

    def round(self, numbers):
        self.server = os.path.abspath(self.server or self._fetched())
        self.count += 1
        self.home = os.path.join(self.folder, str(self.count))
        os.makedirs(self.home)
        told = []
        recipes = [numbers.choice(["install", "install", "create"])]
        recipes += numbers.choices(["install", "stop", "start", "cleanup"], k=numbers.randrange(4))
        try:
            for recipe in recipes:
                self._run(recipe, numbers, told)
                self._status(told)
            self._clean(told)
        finally:
            self._remove()
        return len(recipes) + 1

    def _environment(self):
        return self.programs.environment(self.home) | {"NBX_NATS_SERVER": self.server}

    def _nbx(self, *words):
        return self.programs.run(list(words), self.home, LIMIT, self._environment())

    def _run(self, recipe, numbers, told):
        """Runs a recipe, and mostly not to its end."""
        words = ["run", recipe, CLUSTER] + (["replicas=1"] if recipe == "install" else [])
        sent, delay = numbers.choice(SIGNALS), numbers.random() * self.usual.get(recipe, 2.0) * 1.1
        process = self.programs.start(words, self.home, self._environment())
        if not has_ended_within(process, delay):
            self.killed += 1
            told.append(f"nbx {' '.join(words)}, and after {delay:.3f} s kill -{sent.name[3:]}")
            os.kill(process.pid, sent)
            ended = self.programs.wait(process, LIMIT)
            # In its first milliseconds nbx does not listen to signals yet.
            if ended.problem and ended.status != -sent:
                self._found(ended.problem, told, ended)
            return
        ended = self.programs.wait(process, LIMIT)
        told.append(f"nbx {' '.join(words)}: exit status {ended.status}")
        if ended.status == 0:
            self.usual[recipe] = max(ended.seconds, self.usual.get(recipe, 0) / 2)
        # What is not there can neither be stopped nor started.
        if ended.problem or (ended.status != 0 and recipe in ("install", "create", "cleanup")):
            self._found(ended.problem or f"{recipe} failed", told, ended)

    def _status(self, told):
        ended = self._nbx("status", "--json")
        try:
            json.loads(ended.output)
        except ValueError:
            self._found("nbx status --json gives no JSON", told, ended)
        if ended.problem:
            self._found(f"nbx status: {ended.problem}", told, ended)

    def _clean(self, told):
        ended = self._nbx("run", "cleanup", CLUSTER)
        told.append(f"nbx run cleanup {CLUSTER}: exit status {ended.status}")
        if ended.problem or ended.status != 0:
            self._found(ended.problem or "cleanup failed", told, ended)
        left = [f"process {pid}: {line}" for pid, line in processes_of(self.home)]
        left += self._folders()
        if left:
            self._found("cleanup left something behind: " + "; ".join(left), told, ended)

    def _folders(self):
        home = os.path.join(self.home, "home")
        known = [os.path.join(home, "local", "regions"), os.path.join(home, "local", "store"), os.path.join(home, "runs"),
                 self._memory()]
        contexts = glob.glob(os.path.join(self.home, "config", "nats", "context", "*"))
        return [path for path in known if os.path.lexists(path)] + contexts

    def _memory(self):
        """Where the sandbox's streams are in memory: `StoreLocation.swift`."""
        number = 0xcbf29ce484222325
        for byte in os.path.join(self.home, "home", "local").encode():
            number = (number ^ byte) * 0x100000001b3 % 2**64
        return f"/dev/shm/nbx-{os.geteuid()}-{number:x}"

    def _found(self, what, told, ended):
        raise Finding(what, " ; ".join(told), said=ended.said)

    def _remove(self):
        """Whatever is left goes without nbx, too."""
        self.programs.end_running()
        for pid, _ in processes_of(self.home):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self._memory(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def remark(self):
        return f"; {self.killed} of them were killed"

    def end(self):
        if self.home:
            self._remove()


def has_ended_within(process, seconds):
    """Whether it ends by itself; it stays to be waited for."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        time.sleep(0.002)
    return False


def processes_of(home):
    """The pids and command lines of what was started with a file of a home."""
    return [(pid, line) for pid, line in processes() if f"{home}/" in line]


def processes():
    if not os.path.isdir("/proc/self"):
        listed = subprocess.run(["ps", "-axww", "-o", "pid=,args="], stdout=subprocess.PIPE, text=True, check=True).stdout
        return [(int(line.split(None, 1)[0]), line) for line in listed.splitlines()]
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                # Of a process that has ended and was not waited for it is empty.
                found.append((int(pid), file.read().replace(b"\0", b" ").decode("utf-8", "replace")))
        except OSError:
            # It ended meanwhile.
            continue
    return found
