"""What `docker exec` and `docker run` do with the nodes of k3d's clusters: files in a node's memory, and what tc and nft make
of the network of a node. All of it is the cluster's `links`, and goes when the nodes stop.
"""

import re
import sys

import docker
from recording import Refused

# Those that a registry has, and what they hold.
_IMAGES = {"nicolaka/netshoot": ("sh", "tc", "nft"), "alpine": ("sh",)}


def _cluster(host, node):
    """The node's; it may have been deleted while it was looked at."""
    for name, cluster in host["clusters"].items():
        if node in [n for n, _ in docker.nodes(name, cluster)]:
            return cluster
    raise docker.daemon("No such container: %s" % node)


def _links(host, node):
    return _cluster(host, node).setdefault("links", {}).setdefault(node, {"files": {}, "drops": [], "refuses": [], "ways": {}})


def forget(cluster):
    """The nodes stop."""
    cluster.pop("links", None)


def inside(call, world, flags, node, words):
    if words[0] == "cat" and len(words) == 2:
        text = _cluster(world.host(), node).get("links", {}).get(node, {}).get("files", {}).get(words[1])
        if text is None:
            raise Refused("cat: can't open '%s': No such file or directory" % words[1])
        sys.stdout.write(text)
        return 0
    wanted = re.fullmatch(r"cat > (/run/[a-z.-]+)", words[2]) if words[:2] == ["sh", "-c"] and len(words) == 3 else None
    if not wanted:
        raise Refused("OCI runtime exec failed: exec failed: exec: \"%s\": executable file not found in $PATH" % words[0], 127)
    # Without it standard input is empty.
    text = call.read_standard_input() if flags.on("interactive") else ""
    with world.changing_host() as host:
        _links(host, node)["files"][wanted[1]] = text
    return 0


def beside(call, world, flags, image, words, known):
    name = image.split(":")[0]
    if name not in _IMAGES:
        raise Refused("Unable to find image '%s' locally\ndocker: Error response from daemon: pull access denied for %s, "
                      "repository does not exist or may require 'docker login'" % (image, name), 125)
    node = (flags.last("net") or flags.last("network") or "").partition("container:")[2]
    if node not in known:
        raise Refused("docker: Error response from daemon: No such container: %s" % node, 125)
    if not known[node]["State"]["Running"]:
        raise Refused("docker: Error response from daemon: cannot join network of a non running container: %s"
                      % known[node]["Id"], 125)
    if not flags.on("rm") or not flags.on("interactive") or flags.last("entrypoint") != "sh" or words != ["-e"]:
        raise Refused("docker: the stand-in knows `docker run --rm --interactive … --entrypoint sh IMAGE -e` alone", 125)
    with world.changing_host() as host:
        if image not in host.setdefault("images", []):
            host["images"].append(image)
    script = call.read_standard_input()
    with world.changing_host() as host:
        links = _links(host, node)
        _play(script, links, _IMAGES[name], "NET_ADMIN" in flags.all("cap-add"))
    return 0


def _play(script, links, programs, may):
    """As `sh -e`: the first that fails ends it."""
    lines = script.split("\n")
    kernel = _Queues(links)
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        words = line.split(" ")
        if words[0] not in programs:
            raise Refused("sh: %s: not found" % words[0], 127)
        if not may:
            raise Refused("RTNETLINK answers: Operation not permitted" if words[0] == "tc" else
                          "netlink: Error: cache initialization failed: Operation not permitted", 2)
        if line == "nft -f - <<'END'":
            end = lines.index("END")
            _nft(lines[:end], links)
            lines = lines[end + 1:]
        elif words[0] == "tc":
            kernel.take(words[1:])
        else:
            raise Refused("Error: syntax error: %s" % line, 1)
    kernel.keep()


_ADDRESSES = r"ip daddr \{ (\d+(?:\.\d+){3}(?:, \d+(?:\.\d+){3})*) \}"


def _nft(lines, links):
    """One transaction."""
    if lines[:2] != ["table ip nbx", "delete table ip nbx"]:
        raise Refused("Error: Could not process rule: No such file or directory", 1)
    rules, hooks, hook = {}, set(), None
    for line in lines[2:]:
        chain = re.fullmatch(r"  chain ([a-z]+) \{", line)
        drop = re.fullmatch("    " + _ADDRESSES + " drop", line)
        reset = re.fullmatch("    " + _ADDRESSES + " meta l4proto tcp reject with tcp reset", line)
        if chain:
            hook = chain[1]
        elif line == "    type filter hook %s priority 0; policy accept;" % hook and hook in ("forward", "output"):
            hooks.add(hook)
        elif drop or reset:
            for address in (drop or reset)[1].split(", "):
                rules.setdefault(hook, {}).setdefault(address, "drop" if drop else "reset")
        elif line not in ("table ip nbx {", "  }", "}"):
            raise Refused("/dev/stdin: Error: syntax error, unexpected %s" % line, 1)
    if rules and (hooks != {"forward", "output"} or rules["forward"] != rules["output"]):
        raise Refused("the stand-in wants the same of what the node sends and of what passes through it", 1)
    found = rules.get("forward", {})
    links["drops"] = sorted(a for a, what in found.items() if what == "drop")
    links["refuses"] = sorted(a for a, what in found.items() if what == "reset")


class _Queues:
    """The disciplines of one device."""

    def __init__(self, links):
        self.links, self.ways = links, dict(links["ways"])
        self.root = "prio" if self.ways else None
        self.bands, self.classes, self.handles = 0, {}, set()

    def keep(self):
        self.links["ways"] = self.ways

    def take(self, words):
        line = " ".join(words)
        if line == "qdisc replace dev eth0 root pfifo":
            self.root, self.ways, self.classes, self.handles = "pfifo", {}, {}, set()
            return
        if line == "qdisc del dev eth0 root":
            if self.root is None:
                raise Refused("Error: Cannot delete qdisc with handle of zero.", 2)
            self.root = None
            return
        tree = re.fullmatch(r"qdisc add dev eth0 root handle 1: prio bands (\d+) priomap 0( 0){15}", line)
        if tree:
            if self.root or not 2 < int(tree[1]) <= 16:
                raise Refused("Error: Exclusivity flag on, cannot modify." if self.root else
                              "Error: Specified qdisc kind is unknown.", 2)
            self.root, self.bands = "prio", int(tree[1])
            return
        leaf = re.fullmatch(r"qdisc add dev eth0 parent 1:([0-9a-f]+) handle ([0-9a-f]+): netem limit \d+"
                            r"((?: delay \d+us(?: \d+us)?)?(?: loss [\d.]+%)?(?: rate \d+(?:bps|gbit))?)", line)
        if leaf and self.root == "prio" and 1 < int(leaf[1], 16) <= self.bands:
            if leaf[2] in self.handles:
                raise Refused("Error: Exclusivity flag on, cannot modify.", 2)
            self.classes["1:" + leaf[1]] = leaf[3].strip()
            self.handles.add(leaf[2])
            return
        way = re.fullmatch(r"filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst ([\d.]+)/32 "
                           r"flowid (1:[0-9a-f]+)", line)
        if way and way[2] in self.classes:
            self.ways[way[1]] = self.classes[way[2]]
            return
        raise Refused("Error: Failed to find specified qdisc: tc " + line, 2)
