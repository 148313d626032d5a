"""The supercluster without nbx: starts the servers of given configurations at once, and waits until they are whole.

    python3 bare_supercluster.py NATS_SERVER FOLDER

FOLDER holds a nats.conf for each server, under whatever name. Whole means that the servers themselves report it: every
route, every gateway, and a JetStream meta group in which all replicas are current. It prints the seconds from the first
start until then, and kills the servers.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

POLL = 0.02
PATIENCE = 120
# A pool of three and one for the system account, from each server to each other of its NATS cluster.
ROUTES_TO_A_SERVER = 4


class Server:
    """One configuration, with a store of its own in place of the one that it names, and the process that runs it."""

    def __init__(self, path, scratch):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.name = re.search(r'^server_name: "?([^"\s]+)', text, re.M)[1]
        self.cluster = re.search(r'^cluster: \{.*?^  name: "?([^"\s]+)', text, re.M | re.S)[1]
        # A seed has the block, too, switched off: it names the domain, for leafnodes.
        self.has_jetstream = re.search(r"^jetstream: \{(?!\s*enabled: false)", text, re.M) is not None
        folder = os.path.join(scratch, self.name)
        os.makedirs(os.path.join(folder, "store"))
        text = re.sub(r'(\bstore_dir: )"[^"]*"', rf'\1"{folder}/store"', text)
        text = re.sub(r'^(pid_file: )"[^"]*"', rf'\1"{folder}/nats.pid"', text, flags=re.M)
        self.configuration = os.path.join(folder, "nats.conf")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(text)
        host, port = re.search(r'^http: "?([^":\s]+):(\d+)', text, re.M).groups()
        self.monitor = http.client.HTTPConnection(host, int(port), timeout=5)

    def start(self, program):
        log = os.path.join(os.path.dirname(self.configuration), "server.log")
        self.process = subprocess.Popen(
            [program, "-c", self.configuration, "-l", log], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def ask(self, path):
        """The answer of the monitoring port; nothing as long as there is none."""
        try:
            self.monitor.request("GET", path)
            return json.loads(self.monitor.getresponse().read())
        except (OSError, http.client.HTTPException):
            self.monitor.close()
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended with status {self.process.returncode}: {self.configuration}")
            return {}


def wait_until_whole(servers):
    """Looks at one server until it is whole, then at the next: so 2 cores are left to the servers themselves."""
    end = time.monotonic() + PATIENCE

    def until(what, look):
        while not look():
            if time.monotonic() > end:
                sys.exit(f"after {PATIENCE} s there is still no {what}")
            time.sleep(POLL)

    sizes = {name: sum(s.cluster == name for s in servers) for name in {s.cluster for s in servers}}
    for server in servers:
        routes = (sizes[server.cluster] - 1) * ROUTES_TO_A_SERVER
        until(f"full mesh on {server.name}", lambda: server.ask("/varz").get("routes") == routes)
        until(
            f"gateway to each cluster on {server.name}",
            lambda: len(server.ask("/gatewayz").get("outbound_gateways", {})) == len(sizes) - 1)

    storing = {s.name: s for s in servers if s.has_jetstream}

    def meta_group_is_whole():
        """Only the leader tells of the replicas; any other server tells who leads."""
        meta = next(iter(storing.values())).ask("/jsz").get("meta_cluster", {})
        leader = storing.get(meta.get("leader"))
        if leader is None:
            return False
        meta = leader.ask("/jsz").get("meta_cluster", {})
        current = sum(replica.get("current", False) for replica in meta.get("replicas") or [])
        return meta.get("cluster_size") == len(storing) == current + 1

    until("whole JetStream meta group", meta_group_is_whole)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))
    program, folder = sys.argv[1:]
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    scratch = tempfile.mkdtemp(prefix="nbx-bench-bare-", dir=memory)
    servers = []
    try:
        servers = [Server(os.path.join(folder, name), scratch) for name in sorted(os.listdir(folder))]
        start = time.monotonic()
        for server in servers:
            server.start(program)
        wait_until_whole(servers)
        print(time.monotonic() - start)
    finally:
        running = [server.process for server in servers if hasattr(server, "process")]
        for process in running:
            process.kill()
        for process in running:
            process.wait()
        shutil.rmtree(scratch, ignore_errors=True)


main()
