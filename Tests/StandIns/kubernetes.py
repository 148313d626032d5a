"""A kube context, opened: what kubectl, helm and linkerd have in common."""

import time

import controllers
from recording import Refused
from world import now

PAUSE = 0.01
LONGEST_PAUSE = 0.5
LONGEST_SLEEP = 5


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
        self.due = None

    def __enter__(self):
        self.cluster = self.change.__enter__()
        controllers.settle(self.cluster, now(), self.call, self.world)
        return self.cluster

    def __exit__(self, kind, error, trace):
        if kind is None or getattr(error, "keeps_changes", False):
            controllers.settle(self.cluster, now(), self.call, self.world)
        self.due = min(self.cluster["due"].values(), default=None)
        self.change.__exit__(kind, error, trace)

    def pause(self, deadline, due=None):
        """Sleeps until there may be something new to see; says whether there is time left.

        `due`: when what is waited for will be there, if it is known; then nothing else is looked out for.
        """
        began = now()
        if began >= deadline:
            return False
        if due is not None:
            time.sleep(max(0, min(due, deadline, began + LONGEST_SLEEP) - began))
            return True
        # Looking costs far more than asking whether the file is still the same, and others change it often.
        time.sleep(min(PAUSE if self.call.speed is None else 5 * PAUSE, deadline - began))
        until = min(deadline, began + LONGEST_PAUSE, self.due if self.due is not None else deadline)
        while now() < until and self.change.is_as_left():
            time.sleep(max(0, min(PAUSE, until - now())))
        return True
