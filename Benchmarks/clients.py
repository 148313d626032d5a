"""The rows about messages: nbx's client, nats-py and Debian's C client over one server, at the same work."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from measuring import Failed, in_pairs
from rows import times_as_fast

FOLDER = os.path.dirname(os.path.abspath(__file__))
SIZE = 128

# What is done, how many messages it takes to measure it, and how the table tells of it.
ROWS = {
    "publish": (200_000, "messages published a second"),
    "receive": (200_000, "messages received a second"),
    "store": (20_000, "messages stored a second, 256 on their way"),
    "request": (2_000, "median latency of a request"),
}

CONFIGURATION = """
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{folder}/store", max_mem: 256M, max_file: 256M }}
"""
STREAM = """
clusters c1
param url = ""
nats stream add STORE --subjects store --storage memory --max-msgs 20000 --server $url
"""


class ClientRows:
    """One server for all; it and whatever helps is gone at the end."""

    def __init__(self, tools, launcher, progress):
        self.tools = tools
        self.launcher = launcher
        self.progress = progress
        self.folder = tempfile.mkdtemp(prefix="nbx-bench-clients-")
        self.environment = {
            **os.environ, "NBX_HOME": os.path.join(self.folder, "home"), "XDG_CONFIG_HOME": self.folder,
            "NBX_TARGET": "local", "NBX_NATS_SERVER": tools.nats_server, "PYTHONPATH": tools.nats_py}
        self.processes = []

    def measure(self, names, count):
        try:
            self._start()
            return [row for name in ROWS if name in names for row in self._rows(name, count)]
        finally:
            for process in reversed(self.processes):
                process.kill()
                process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _rows(self, name, count):
        messages, what = ROWS[name]
        given = [name, self.url, str(messages), str(SIZE)]
        recipe = os.path.join(FOLDER, "client.nbx")
        ours = [self.tools.nbx, "run", recipe, f"what={name}", f"url={self.url}", f"count={messages}", f"size={SIZE}"]
        python = [sys.executable, os.path.join(FOLDER, "client.py"), *given]
        against = {"nats-py": (python, 1), "C client": ([self.tools.nats_c, *given], 0.5)}
        for other, (theirs, bound) in against.items():
            pairs = in_pairs(count, lambda: self._seconds(name, ours), lambda: self._seconds(name, theirs), self.progress)
            yield times_as_fast(name, what, other, pairs, bound)

    def _seconds(self, name, words):
        publisher = Publisher(self) if name == "receive" else None
        output = self.launcher.run(words, self.environment).output
        if publisher:
            publisher.join()
        try:
            return float(output.split()[-1])
        except (ValueError, IndexError):
            raise Failed(f"{' '.join(words)} said {output!r} instead of seconds")

    def _start(self):
        port, self.monitor = free_ports(2)
        self.url = f"nats://127.0.0.1:{port}"
        configuration = os.path.join(self.folder, "nats.conf")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(port=port, monitor=self.monitor, folder=self.folder))
        self.spawn([self.tools.nats_server, "-c", configuration])
        self.wait_for("the server", lambda: self.asked("/healthz"))
        recipe = os.path.join(self.folder, "stream.nbx")
        with open(recipe, "w", encoding="utf-8") as file:
            file.write(STREAM)
        self.launcher.run([self.tools.nbx, "run", recipe, f"url={self.url}"], self.environment)
        # One and the same answers all of them.
        self.spawn([self.tools.nats_c, "answer", self.url, "0", str(SIZE)])
        self.wait_for("who answers", lambda: self.is_heard("answer"))

    def spawn(self, words):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def asked(self, page):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.monitor}{page}", timeout=5) as answer:
            return json.load(answer)

    def is_heard(self, subject):
        return subject in str(self.asked("/connz?subs=1")["connections"])

    def wait_for(self, what, is_so):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if is_so():
                    return
            except OSError:
                pass
            time.sleep(0.02)
        raise Failed(f"{what} is not there after 30 seconds")


class Publisher(threading.Thread):
    """Publishes what a subscriber is to receive, as soon as there is one: the C client, which is the quickest, to all."""

    def __init__(self, rows):
        super().__init__(daemon=True)
        self.rows = rows
        self.start()

    def run(self):
        self.rows.wait_for("a subscriber", lambda: self.rows.is_heard("'receive'"))
        words = [self.rows.tools.nats_c, "publish", self.rows.url, str(ROWS["receive"][0]), str(SIZE), "receive"]
        self.rows.spawn(words).wait()


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
