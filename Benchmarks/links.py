"""The rows about links between regions: a relay of nbx's alone, with the ends that a figure needs, and no sandbox."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

from clients import free_ports
from measuring import Failed, in_pairs
from rows import Row, times_as_fast

ROWS = ["link-rtt", "link-throughput", "link-added", "link-rate", "link-far"]
# What is set in the row about round trips, in milliseconds.
ROUND_TRIPS = [20, 80, 200]
RATE = 10_000_000
FAR = 80
FAR_BYTES = 100_000_000
# No more than a server holds back for one that reads slowly (64 MiB): beyond that it would be cut off.
MESSAGES, SIZE = 50_000, 1024

ROUTED = """
server_name: {name}
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
ping_interval: "1s"
cluster {{ name: {cluster}, listen: "127.0.0.1:{own}", advertise: "127.0.0.1:{advertised}", routes: ["nats://127.0.0.1:{other}"] }}
"""
GATEWAY = """
server_name: {name}
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
ping_interval: "1s"
gateway {{ name: {region}, listen: "127.0.0.1:{own}", advertise: "127.0.0.1:{advertised}", gateways: [{{ name: {far}, url: "nats://127.0.0.1:{other}" }}] }}
"""


class LinkRows:
    """One relay between the regions c1 and c2; whatever was started is gone at the end."""

    def __init__(self, tools, launcher, progress):
        self.tools = tools
        self.launcher = launcher
        self.progress = progress
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="nbx-bench-links-"))
        self.orders = {"generation": 0, "listeners": [], "links": []}
        self.processes = []
        self.relay = None

    def measure(self, names, count):
        try:
            os.makedirs(os.path.join(self.folder, "relay"), mode=0o700)
            rows = []
            measures = {
                "link-rtt": lambda: [self._round_trips()], "link-throughput": lambda: [self._throughput(count)],
                "link-added": lambda: [self._added(count)], "link-rate": lambda: [self._rate()],
                "link-far": lambda: [self._far()]}
            for name in ROWS:
                if name in names:
                    self.progress(name)
                    rows += measures[name]()
            return rows
        finally:
            for process in reversed(self.processes):
                process.kill()
                process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    # What is between the regions

    def _listen(self, target, region, network):
        """A port of the relay's in front of a server of a region."""
        port = free_ports(1)[0]
        self.orders["listeners"].append({"port": port, "target": target, "region": region, "network": network})
        return port

    def _set(self, **shape):
        """Both directions of both networks, as they are from now on; the relay runs and has heard it."""
        links = [{"link": {"from": a, "to": b, "network": network}, "shape": {"delay": 0, "jitter": 0, "loss": 0, **shape}}
                 for a, b in (("c1", "c2"), ("c2", "c1")) for network in ("gateways", "routes")]
        self.orders["generation"] += 1
        self.orders["links"] = links if shape else []
        with open(os.path.join(self.folder, "relay", "orders.json.new"), "w", encoding="utf-8") as file:
            json.dump(self.orders, file)
        os.rename(file.name, file.name.removesuffix(".new"))
        if self.relay is None:
            self.relay = self._spawn([self.tools.nbx, "relay", self.folder])
        else:
            self.relay.send_signal(signal.SIGHUP)
        self._wait_for("the relay", lambda: self._report()["generation"] == self.orders["generation"])

    def _report(self):
        with open(os.path.join(self.folder, "relay", "report.json"), encoding="utf-8") as file:
            return json.load(file)

    def _configuration(self, region, name):
        folder = os.path.join(self.folder, "regions", region, "pods", "nats", name)
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, "nats.conf")

    def _flow(self, region, mode, port, *amount):
        """The words of an end that the relay takes for a server of a region."""
        program = self.tools.compiled("flow.c")
        return [program, "-c", self._configuration(region, f"{mode}-0"), mode, str(port), *map(str, amount)]

    def _end(self, mode):
        """What takes connections in c2: its own port, and the relay's in front of it."""
        own = free_ports(1)[0]
        self._spawn(self._flow("c2", mode, own))
        relayed = self._listen(own, "c2", "gateways")
        self._set()
        return own, relayed

    def _seconds(self, mode, port, amount):
        return float(self.launcher.run(self._flow("c1", mode, port, amount)).output)

    # The rows

    def _added(self, count):
        own, relayed = self._end("echo")
        pairs = in_pairs(
            count, lambda: self._seconds("ping", relayed, 5000), lambda: self._seconds("ping", own, 5000), self.progress)
        ours, theirs = zip(*pairs)
        added = sorted(a - b for a, b in pairs)[len(pairs) // 2] * 1e3
        return Row("link-added", "a round trip through a plain link", "direct", ours, theirs, added, 0.1, at_most=True,
                   meaning=" ms more")

    def _rate(self):
        _, relayed = self._end("sink")
        self._set(rate=RATE)
        took = [self._seconds("send", relayed, 5 * RATE) for _ in range(3)]
        self._set()
        off = max(abs(5 * RATE / seconds / RATE - 1) for seconds in took) * 100
        return Row("link-rate", f"{5 * RATE // 10**6} MB at {RATE // 10**6} MB/s", "", took, [], off, 5, at_most=True,
                   meaning=" % off")

    def _far(self):
        _, relayed = self._end("sink")
        self._set(delay=FAR * 500_000)
        took = [self._seconds("send", relayed, FAR_BYTES) for _ in range(3)]
        self._set()
        # TCP has a window of at most its send buffer on its way, once in each round trip.
        with open("/proc/sys/net/ipv4/tcp_wmem", encoding="utf-8") as file:
            window = int(file.read().split()[2])
        theirs = FAR_BYTES / (window / (FAR / 1e3))
        with open(f"/proc/{self.relay.pid}/status", encoding="utf-8") as file:
            peak = int(re.search(r"VmHWM:\s*(\d+)", file.read())[1]) / 1024
        row = Row("link-far", f"{FAR_BYTES // 10**6} MB over {FAR} ms", f"TCP with {window >> 20} MiB on its way", took,
                  [theirs], theirs / max(took), 0.5, at_most=False, meaning="x the speed")
        row.note = f"link-far: the relay's memory was {peak:.1f} MiB at most"
        return row

    def _round_trips(self):
        """How far the servers' own figures are from what is set, in parts of what is allowed: 3 % and a millisecond."""
        pages = self._pair(ROUTED, "routes", "near", {"cluster": "stretched"}) + self._pair(GATEWAY, "gateways", "wide", {})
        seen, worst = [], 0
        for milliseconds in ROUND_TRIPS:
            self._set(delay=milliseconds * 500_000)
            # Their pings come each second, and the one that is on its way counts for the way as it was.
            time.sleep(4)
            for monitor in pages:
                for figure in figures(monitor):
                    seen.append(figure)
                    worst = max(worst, abs(figure * 1e3 - milliseconds) / (0.03 * milliseconds + 1))
        if not seen:
            raise Failed("the servers told no round trip")
        self._set()
        row = Row("link-rtt", f"/routez and /gatewayz at {ROUND_TRIPS} ms", "", seen, [], worst, 1, at_most=True,
                  meaning=" of 3 % + 1 ms")
        return row

    def _throughput(self, count):
        relayed = self._pair(ROUTED, "routes", "relayed", {"cluster": "relayed"})
        direct = self._pair(ROUTED, None, "direct", {"cluster": "direct"})
        pairs = in_pairs(count, lambda: self._across(relayed), lambda: self._across(direct), self.progress)
        return times_as_fast("link-throughput", f"{MESSAGES:,} messages of {SIZE} bytes over a plain link", "direct", pairs, 0.7)

    def _across(self, monitors):
        """Messages that are published to one server, and received from the other."""
        here, there = (int(self._asked(monitor, "/varz")["port"]) for monitor in monitors)
        words = [self.tools.nats_c, "receive", f"nats://127.0.0.1:{there}", str(MESSAGES), str(SIZE)]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as receiver:
            self.processes.append(receiver)
            self._wait_for("a subscriber", lambda: "receive" in str(self._asked(monitors[0], "/routez?subs=1")["routes"]))
            publish = [self.tools.nats_c, "publish", f"nats://127.0.0.1:{here}", str(MESSAGES), str(SIZE), "receive"]
            self.launcher.run(publish)
            output = receiver.communicate(timeout=60)[0]
            self.processes.remove(receiver)
        # The next one is not to take this one's subscription for its own.
        self._wait_for("its end", lambda: "receive" not in str(self._asked(monitors[0], "/routez?subs=1")["routes"]))
        return float(output)

    # Servers

    def _pair(self, text, network, name, more):
        """Two servers that are connected, one in each region; through the relay, unless it is told of no network."""
        client, monitor, own = free_ports(2), free_ports(2), free_ports(2)
        regions = ["c1", "c2"]
        shown = [self._listen(own[i], regions[i], network) for i in (0, 1)] if network else own
        self._set()
        for i in (0, 1):
            path = self._configuration(regions[i], f"{name}-{i}")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.format(
                    name=f"{name}-{i}", client=client[i], monitor=monitor[i], own=own[i], advertised=shown[i],
                    other=shown[1 - i], region=f"{name}{i}", far=f"{name}{1 - i}", **more))
            self._spawn([self.tools.nats_server, "-c", path])
        self._wait_for(f"the pair {name}", lambda: all(figures(one) for one in monitor))
        return monitor

    def _asked(self, monitor, page):
        with urllib.request.urlopen(f"http://127.0.0.1:{monitor}{page}", timeout=5) as answer:
            return json.load(answer)

    def _spawn(self, words):
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def _wait_for(self, what, is_so):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if is_so():
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.02)
        raise Failed(f"{what} is not there after 30 seconds")


def figures(monitor):
    """The round trips that a server tells of its routes and of its gateways, in seconds."""
    def asked(page):
        with urllib.request.urlopen(f"http://127.0.0.1:{monitor}{page}", timeout=5) as answer:
            return json.load(answer)

    routes = asked("/routez").get("routes") or []
    gateways = [one["connection"] for one in (asked("/gatewayz").get("outbound_gateways") or {}).values()]
    return [seconds(one["rtt"]) for one in routes + gateways if one.get("rtt")]


def seconds(text):
    """Of a duration as Go writes it: 1.2s, 81.5ms, 830µs."""
    units = {"h": 3600, "m": 60, "s": 1, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(h|ms|µs|us|ns|m|s)", text))
