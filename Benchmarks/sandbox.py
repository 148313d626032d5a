"""The rows with servers: installing, installing again, listing, and nbx's memory meanwhile."""

import glob
import json
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile

from measuring import Failed, Launcher, in_pairs
from rows import Row, times_as_fast, times_as_long

FOLDER = os.path.dirname(os.path.abspath(__file__))
RECIPES = os.path.join(os.path.dirname(FOLDER), "recipes")
CLUSTERS = ["c1", "c2", "c3"]
SERVERS = 36


class Sandbox:
    """An nbx home in a temporary folder; whatever happens, nothing of it is left after `remove`."""

    def __init__(self, tools, launcher):
        self.nbx = tools.nbx
        self.tools = tools
        self.launcher = launcher
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="nbx-bench-home-"))
        self.home = os.path.join(self.folder, "home")
        dropped = ("NBX_TARGET", "NO_COLOR", "GOMAXPROCS", "GOGC", "GOMEMLIMIT")
        self.environment = {name: value for name, value in os.environ.items() if name not in dropped}
        self.environment |= {
            "NBX_HOME": self.home, "XDG_CONFIG_HOME": os.path.join(self.folder, "config"),
            "NBX_NATS_SERVER": tools.nats_server}

    def run(self, recipe):
        return self.launcher.run([self.nbx, "run", recipe, *CLUSTERS, "--target", "local"], self.environment)

    def recipe(self, name):
        return self.run(os.path.join(RECIPES, f"{name}.nbx"))

    def configurations(self):
        """The path of each server's nats.conf."""
        return sorted(glob.glob(os.path.join(self.home, "local", "regions", "*", "pods", "*", "*", "nats.conf")))

    def copy_configurations(self, target):
        """What the servers run with, under names that differ."""
        os.makedirs(target, exist_ok=True)
        paths = self.configurations()
        if len(paths) != SERVERS:
            raise Failed(f"install left {len(paths)} configurations instead of {SERVERS}")
        listeners = self._relay("orders.json").get("listeners", [])
        # Without nbx there is no relay: what leads to it leads to the server behind it.
        direct = {str(listener["port"]): str(listener["target"]) for listener in listeners}
        for path in paths:
            region, pod = path.split(os.sep)[-5], path.split(os.sep)[-2]
            with open(path, encoding="utf-8") as file:
                text = re.sub(r"(?<=127\.0\.0\.1:)\d+", lambda port: direct.get(port[0], port[0]), file.read())
            with open(os.path.join(target, f"{region}.{pod}.conf"), "w", encoding="utf-8") as file:
                file.write(text)

    def _relay(self, name):
        """What nbx has written down of its relay; nothing where it has none."""
        try:
            with open(os.path.join(self.home, "local", "relay", name), encoding="utf-8") as file:
                return json.load(file)
        except OSError:
            return {}

    def servers(self):
        """What `nbx status` says of them."""
        said = self.launcher.run([self.nbx, "status", "--json", "--target", "local"], self.environment)
        return json.loads(said.output)["servers"]

    def server_environment(self):
        """What nbx gave to a running server; where a system does not tell, the harness's own."""
        try:
            with open(f"/proc/{self.servers()[0]['pid']}/environ", encoding="utf-8") as file:
                return dict(entry.split("=", 1) for entry in file.read().split("\0") if entry)
        except OSError:
            return self.environment

    def remove(self):
        """Cleans up as a user would, and then without nbx what that left."""
        if os.path.isdir(self.home):
            # The one that measured may have been interrupted.
            self.launcher = Launcher()
            try:
                self.recipe("cleanup")
            except Failed as problem:
                print(f"cleaning up: {problem}", file=sys.stderr)
            finally:
                self.launcher.close()
        for path in self.configurations():
            self._remove_server(path)
        self._end_relay()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _remove_server(self, configuration):
        """By its pid file, if that pid is still the server of this configuration."""
        try:
            with open(os.path.join(os.path.dirname(configuration), "nats.pid"), encoding="utf-8") as file:
                pid = int(file.read())
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                if configuration in file.read().split("\0"):
                    os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass
        with open(configuration, encoding="utf-8") as file:
            store = re.search(r'store_dir: "([^"]*)"', file.read())
        if store:
            shutil.rmtree(store[1], ignore_errors=True)

    def _end_relay(self):
        """Likewise."""
        pid = self._relay("relay.json").get("process", {}).get("pid")
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                if os.path.join(self.home, "local") in file.read().split("\0"):
                    os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


class SandboxRows:
    """Figures of installs, as far as the chosen rows need them."""

    def __init__(self, sandbox, files, progress):
        self.sandbox = sandbox
        self.files = files
        self.progress = progress
        self.pairs_with_bare = []
        self.pairs_with_first = []
        self.peaks = []
        self.rows = []

    def measure(self, names, installs, lists):
        """Installs from nothing as often as told; the servers of the last install are those that are listed."""
        count = installs if names & {"install", "again", "memory"} else 1
        for index in range(count):
            self.progress(f"install {index + 1} of {count}")
            first = self.sandbox.recipe("install")
            self.peaks.append(first.peak)
            if "again" in names:
                self.progress(f"install {index + 1} of {count}, again")
                again = self.sandbox.recipe("install")
                self.peaks.append(again.peak)
                self.pairs_with_first.append((again.seconds, first.seconds))
            bare = os.path.join(self.sandbox.folder, "bare")
            self.sandbox.copy_configurations(bare)
            environment = self.sandbox.server_environment()
            if "server-list" in names and index == count - 1:
                self._list_servers(lists)
            self.progress("clean up")
            self.sandbox.recipe("cleanup")
            if "install" in names:
                self.progress(f"bare script {index + 1} of {count}")
                self.pairs_with_bare.append((first.seconds, self._bare(bare, environment)))

    def _bare(self, configurations, environment):
        script = os.path.join(FOLDER, "bare_supercluster.py")
        words = [sys.executable, script, self.sandbox.tools.nats_server, configurations]
        return float(self.sandbox.launcher.run(words, environment).output)

    def _list_servers(self, count):
        listen = next(s for s in self.sandbox.servers() if s["name"] == "c1-nats-0")["url"].split("://")[-1]
        script = os.path.join(FOLDER, "nats_py_server_list.py")
        words = [sys.executable, script, f"nats://sys:sys@{listen}", str(SERVERS)]
        environment = {**os.environ, "PYTHONPATH": self.sandbox.tools.nats_py}
        inside = []

        def nbx():
            return noted(self.sandbox.run(self.files["servers.nbx"]))

        def nats_py():
            return noted(self.sandbox.launcher.run(words, environment))

        def noted(result):
            inside.append(float(result.output.split()[-1]) * 1e3)
            return result.seconds

        pairs = in_pairs(count, nbx, nats_py, self.progress)
        row = times_as_long("server-list", f"nats server list, {SERVERS} servers", "nats-py", pairs, 1)
        ours, theirs = statistics.median(inside[0::2]), statistics.median(inside[1::2])
        row.note = (
            "server-list without starting up, from connecting to the last answer: "
            f"nbx {ours:.1f} ms, nats-py {theirs:.1f} ms")
        self.rows.append(row)

    def result(self, names):
        rows = []
        if "install" in names:
            pairs = self.pairs_with_bare
            rows.append(times_as_long("install", f"{SERVERS} servers from nothing", "bare script", pairs, 1.25))
        if "again" in names:
            rows.append(times_as_long("again", "the same once more", "the first time", self.pairs_with_first, 0.2))
        rows += self.rows
        if "memory" in names:
            peak = max(self.peaks) / 2**20
            what = "peak memory while installing"
            rows.append(Row("memory", what, "", self.peaks, [], peak, 64, at_most=True, unit="bytes", meaning=" MiB"))
        return rows
