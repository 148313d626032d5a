"""A kube context, opened: what kubectl, helm and linkerd have in common."""

import controllers
from recording import Refused
from world import now


def find(call, world, context):
    """The name of the cluster that a context leads to; refuses as a client does that cannot reach it."""
    host = world.host()
    context = context or host["current"]
    call.cluster = context
    if not context:
        raise Refused("The connection to the server localhost:8080 was refused - did you specify the right host or port?")
    if context not in host["contexts"]:
        raise Unreachable('context "%s" does not exist' % context)
    name = host["contexts"][context]
    state = host["clusters"].get(name, {"state": "running", "paused": []})
    if "k3d-%s-server-0" % name in state["paused"]:
        raise Unreachable('Get "https://0.0.0.0:6550/api?timeout=32s": net/http: TLS handshake timeout')
    if state["state"] != "running":
        raise Unreachable("dial tcp 0.0.0.0:6550: connect: connection refused")
    return name


class Unreachable(Refused):
    """The API server does not answer; each program words that in its own way."""


class Opened:
    """A cluster, locked, with everything that has come due."""

    def __init__(self, call, world, name, mirrors=False):
        self.call, self.world, self.change = call, world if mirrors else None, world.changing_cluster(name)

    def __enter__(self):
        self.cluster = self.change.__enter__()
        controllers.settle(self.cluster, now(), self.call, self.world)
        return self.cluster

    def __exit__(self, kind, error, trace):
        if kind is None or getattr(error, "keeps_changes", False):
            controllers.settle(self.cluster, now(), self.call, self.world)
        self.change.__exit__(kind, error, trace)
