"""linkerd's checks, and the gateways of linked clusters."""

import sys

import controllers
import json_text
import kubernetes
import linkerd
import objects
from flags import seconds
from recording import Refused
from world import now

_PLANE = ("linkerd-destination", "linkerd-identity", "linkerd-proxy-injector")
_VIZ = ("metrics-api", "tap", "tap-injector", "web")


class Check:
    """A check of one part of linkerd: what it finds is a list of descriptions and what is wrong with each, or None."""

    def __init__(self, call, world, flags, title, extension, find):
        self.call, self.world, self.flags = call, world, flags
        self.title, self.extension, self.find = title, extension, find

    def play(self):
        cluster_name = linkerd.reached(self.call, self.world, self.flags)
        self.call.takes("linkerd check", "linkerd")
        deadline = now() + self.call.patience(seconds(self.flags.last("wait"), 300))
        while True:
            _look_at_others(self.call, self.world, cluster_name)
            look = kubernetes.Opened(self.call, self.world, cluster_name, mirrors=True)
            with look as cluster:
                self.need_installed(cluster)
                found = self.find(self.world, cluster)
            wrong = [error for _, error in found if error]
            if not wrong or not look.pause(deadline):
                break
        self.tell(found, not wrong)
        return 1 if wrong else 0

    def need_installed(self, cluster):
        """What linkerd does not wait for."""
        if objects.get(cluster, "configmaps", "linkerd", "linkerd-config") is None:
            raise Refused('Failed to fetch linkerd config: configmaps "linkerd-config" not found')
        if self.extension and not any(home["metadata"]["labels"].get("linkerd.io/extension") == self.extension
                                      for home in objects.every(cluster, "namespaces")):
            raise Refused('could not find the linkerd-%s extension; install by running `linkerd %s install | kubectl apply '
                          "-f -`" % (self.extension, self.extension))

    def tell(self, found, good):
        if self.flags.last("output") == "json":
            checks = [dict({"description": text, "result": "error" if error else "success"},
                           **({"error": error} if error else {})) for text, error in found]
            sys.stdout.write(json_text.write({"success": good, "categories": [
                {"categoryName": self.title, "checks": checks}]}) + "\n")
            return
        if self.flags.last("output") != "short":
            sys.stdout.write("%s\n%s\n" % (self.title, "-" * len(self.title)))
        for text, error in found:
            if error or self.flags.last("output") != "short":
                sys.stdout.write("%s %s\n%s" % ("×" if error else "√", text, "    %s\n" % error if error else ""))
        sys.stdout.write("\nStatus check results are %s\n" % ("√" if good else "×"))


def _look_at_others(call, world, cluster_name):
    """Lets happen in the other clusters what has come due there: a link depends on both its ends."""
    for other in set(world.host()["contexts"].values()) - {cluster_name}:
        with kubernetes.Opened(call, world, other):
            pass


def _ready(cluster, names):
    return [("%s is ready" % name, None if controllers.workload_ready(cluster, name) else
             "No running pods for %s" % name) for name in names]


def _plane(call, world, flags):
    if flags.on("pre"):
        linkerd.reached(call, world, flags)
        sys.stdout.write("\nStatus check results are √\n")
        return 0
    return Check(call, world, flags, "linkerd-existence", None, lambda _, cluster: _ready(cluster, _PLANE)).play()


def _viz(call, world, flags):
    return Check(call, world, flags, "linkerd-viz", "viz", lambda _, cluster: _ready(cluster, _VIZ)).play()


def _multicluster(call, world, flags):
    def find(world, cluster):
        host = world.host()
        links = objects.every(cluster, controllers.LINKS)
        names = [link["spec"]["targetClusterName"] for link in links]
        others = [controllers.linked_cluster(cluster, link, host) for link in links]
        unreached = [n for n, o in zip(names, others) if not _runs(host, o)]
        strangers = [n for n, o in zip(names, others) if _runs(host, o) and not _share_anchors(cluster, world.cluster(o))]
        return [("remote cluster access credentials are valid", _problem(unreached)),
                ("clusters share trust anchors", _problem(strangers))] + _ready(
                    cluster, ["controller-" + n for n in names])

    return Check(call, world, flags, "linkerd-multicluster", "multicluster", find).play()


def _problem(names):
    return "Problematic clusters: " + ", ".join("* " + n for n in names) if names else None


def _runs(host, name):
    state = host["clusters"].get(name, {"state": "running", "paused": []})
    return name is not None and state["state"] == "running" and not state["paused"]


def _anchors(cluster):
    roots = objects.get(cluster, "configmaps", "linkerd", "linkerd-identity-trust-roots") or {}
    return set("".join((roots.get("data") or {}).values()).split("-----BEGIN CERTIFICATE-----")) - {""}


def _share_anchors(cluster, other):
    """Whether the two trust the same certificates: linkerd wants them all the same."""
    return _anchors(cluster) == _anchors(other)


def _gateways(call, world, flags):
    cluster_name = linkerd.reached(call, world, flags)
    call.takes("linkerd multicluster gateways", "linkerd")
    _look_at_others(call, world, cluster_name)
    host = world.host()
    rows = []
    with kubernetes.Opened(call, world, cluster_name, mirrors=True) as cluster:
        if not any(home["metadata"]["labels"].get("linkerd.io/extension") == "multicluster"
                   for home in objects.every(cluster, "namespaces")):
            raise Refused("make sure the linkerd-multicluster extension is installed, using 'linkerd multicluster install'")
        for link in objects.every(cluster, controllers.LINKS):
            name = link["spec"]["targetClusterName"]
            other = controllers.linked_cluster(cluster, link, host)
            if flags.last("cluster-name", name) != name or not controllers.workload_ready(cluster, "controller-" + name):
                continue
            there = world.cluster(other) if _runs(host, other) else None
            alive = there is not None and controllers.workload_ready(there, "linkerd-gateway") and _share_anchors(
                cluster, there)
            mirrored = [s for s in objects.every(cluster, "services")
                        if (s["metadata"].get("labels") or {}).get("mirror.linkerd.io/cluster-name") == name]
            rows.append({"clusterName": name, "alive": alive, "numberOfServices": len(mirrored),
                         "latency": 1 if alive else 0})
    if flags.last("output") == "json":
        # linkerd writes `null` where there are none.
        sys.stdout.write(json_text.write(rows or None) + "\n")
        return 0
    sys.stdout.write("CLUSTER  ALIVE    NUM_SVC      LATENCY\n")
    for row in rows:
        sys.stdout.write("%-7s  %-5s  %9d  %11s\n" % (
            row["clusterName"], row["alive"], row["numberOfServices"], "1ms" if row["alive"] else "-"))
    return 0


ACTS = {"check": _plane, "multicluster check": _multicluster, "multicluster gateways": _gateways, "viz check": _viz}
