"""The small world that all calls share: one file for the host, one for each cluster.

A file is replaced as a whole, so that whoever only reads needs no lock. Locks are held for the moment of a
change and never while a call sleeps.
"""

import fcntl
import marshal
import os
import signal
import time

from recording import SIGNALS, set_mask

NEW_HOST = {"networks": {}, "clusters": {}, "contexts": {}, "current": "", "repositories": {}}


# The locks that this process holds: it plays call after call, and one may be interrupted anywhere.
_held = set()


def now():
    return time.monotonic()


def let_go(locks=_held):
    # A lock that is neither known nor closed would be held for as long as this process plays calls.
    before = set_mask(signal.SIG_BLOCK, SIGNALS)
    try:
        for lock in list(locks):
            _held.discard(lock)
            os.close(lock)
    finally:
        set_mask(signal.SIG_SETMASK, before)


class _Change:
    """A file of the world, locked; what is changed in it is kept when the block ends without an error."""

    def __init__(self, path, fresh, note=None):
        self.path, self.fresh, self.note = path, fresh, note

    def __enter__(self):
        self.lock = os.open(self.path + ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        _held.add(self.lock)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.before = _bytes(self.path)
        self.state = marshal.loads(self.before) if self.before else self.fresh()
        return self.state

    def __exit__(self, kind, error, trace):
        # A refusal keeps what came before it too: half of an `apply` stays applied, as in life.
        if kind is None or getattr(error, "keeps_changes", False):
            after = marshal.dumps(self.state, 2)
            if after != self.before:
                with open(self.path + ".new", "wb") as file:
                    file.write(after)
                os.rename(self.path + ".new", self.path)
                if self.note:
                    self.note(self.state)
        self.left = _identity(self.path)
        let_go([self.lock])

    def is_as_left(self):
        """Whether nobody has changed the file since."""
        return _identity(self.path) == self.left


def _identity(path):
    try:
        found = os.stat(path)
        return found.st_ino, found.st_mtime_ns
    except FileNotFoundError:
        return None


def _bytes(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


class World:
    def __init__(self, folder):
        self.folder = folder

    def _path(self, name):
        return "%s/%s.world" % (self.folder, name)

    def changing_host(self):
        return _Change(self._path("host"), lambda: marshal.loads(marshal.dumps(NEW_HOST)))

    def host(self):
        """A look at the host; what is changed in it is lost."""
        found = _bytes(self._path("host"))
        host = marshal.loads(found) if found else marshal.loads(marshal.dumps(NEW_HOST))
        # Clusters that others have made: `NBX_STANDIN_CONTEXTS` names their contexts.
        for context in os.environ.get("NBX_STANDIN_CONTEXTS", "").split():
            host["contexts"].setdefault(context, context)
            host["current"] = host["current"] or context
        return host

    def changing_cluster(self, name):
        return _Change(self._path("cluster-" + name), new_cluster, lambda state: self._note_exports(name, state))

    def exports(self, name):
        """The services that a cluster exports, as (namespace, name): a file of its own, since all other clusters read
        it again and again, and a whole cluster takes long to read."""
        found = _bytes(self._path("exports-" + name))
        return marshal.loads(found) if found else []

    def _note_exports(self, name, state):
        exports = [(namespace, service) for namespace, services in state["objects"].get("services", {}).items()
                   for service, thing in services.items()
                   if (thing["metadata"].get("labels") or {}).get("mirror.linkerd.io/exported") == "true"]
        after, path = marshal.dumps(exports, 2), self._path("exports-" + name)
        if after != _bytes(path):
            with open(path + ".new", "wb") as file:
                file.write(after)
            os.rename(path + ".new", path)

    def cluster(self, name):
        """A look at a cluster; what is changed in it is lost."""
        found = _bytes(self._path("cluster-" + name))
        return marshal.loads(found) if found else new_cluster()

    def forget_cluster(self, name):
        for kind in ("cluster", "exports"):
            try:
                os.remove(self._path("%s-%s" % (kind, name)))
            except FileNotFoundError:
                pass


def new_cluster():
    cluster = {"objects": {}, "applied": {}, "workloads": {}, "releases": {}, "due": {}, "revision": 0}
    namespaces = cluster["objects"]["namespaces"] = {"": {}}
    for name in ("default", "kube-node-lease", "kube-public", "kube-system"):
        namespaces[""][name] = {
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}, "uid": new_uid(),
                         "resourceVersion": "1", "creationTimestamp": timestamp()},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    return cluster


def new_uid():
    digits = os.urandom(16).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def timestamp():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
