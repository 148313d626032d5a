"""What happens in a cluster by itself, after a while: pods become ready, certificates are issued, bundles are spread.

Nothing runs between the calls. Each call that opens a cluster first lets happen what has come due since.
"""

import os

import bundles
import certificates
import kinds
import objects
from bundles import BUNDLES
from certificates import CERTIFICATES, ISSUERS
from world import timestamp

LINKS = "links.multicluster.linkerd.io"


def settle(cluster, now, call, world=None):
    """Lets everything happen that has come due; `world` is given where other clusters' services matter."""
    moment = now
    others = world and Others(world)
    if not cluster["due"]:
        _plan(cluster, now, call, others)
        return
    while True:
        _plan(cluster, moment, call, others)
        ready = [(due, what) for what, due in cluster["due"].items() if due <= now]
        if not ready:
            return
        moment, what = min(ready)
        del cluster["due"][what]
        _HAPPENS[what[0]](cluster, *what[1:])


def _plan(cluster, moment, call, others):
    """Notes when what is under way will be done, and forgets what is no longer under way."""
    under_way = set()
    for what, delay in _under_way(cluster, others):
        under_way.add(what)
        if what not in cluster["due"]:
            cluster["due"][what] = moment + call.delay(delay or what[0])
    # A call that does not look at other clusters cannot tell what is to be mirrored.
    for what in [w for w in cluster["due"] if w not in under_way and (others or w[0] != "mirror")]:
        del cluster["due"][what]


def _under_way(cluster, others):
    owned = {}
    for pod in objects.every(cluster, "pods"):
        owned.setdefault(_owner(pod), []).append(pod)
    for (kind, namespace, name), work in cluster["workloads"].items():
        thing = objects.get(cluster, kind, namespace, name)
        if thing is None:
            continue
        _keep_pods(cluster, thing, work, owned.get(thing["metadata"]["uid"], []))
        if thing["status"].get("readyReplicas", 0) < thing["spec"]["replicas"] and \
                all(objects.get(cluster, *need) for need in work["needs"]):
            yield ("pods", kind, namespace, name), work["chart"]
    for (namespace, name), release in cluster["releases"].items():
        if release.get("job") and all(workload_ready(cluster, place[2], place) for place in release["objects"]
                                      if place in cluster["workloads"]):
            yield ("job", namespace, name), ""
    for namespace in objects.every(cluster, "namespaces"):
        if namespace["status"]["phase"] == "Terminating" and not _is_held(cluster, namespace):
            yield ("namespace", namespace["metadata"]["name"]), ""
    if workload_ready(cluster, "cert-manager"):
        for kind in ISSUERS:
            for issuer in objects.every(cluster, kind):
                if objects.condition(issuer, "Ready") != certificates.issuer_works(cluster, kind, issuer):
                    yield ("issuer", kind, issuer["metadata"].get("namespace", ""), issuer["metadata"]["name"]), ""
        for wanted in objects.every(cluster, CERTIFICATES):
            place = wanted["metadata"]["namespace"], wanted["metadata"]["name"]
            issued = wanted.get("status", {}).get("issued") == certificates.issue_of(wanted) and objects.get(
                cluster, "secrets", place[0], wanted["spec"]["secretName"]) is not None
            issuer = certificates.issuer_of(cluster, wanted)
            if not issued and issuer and objects.condition(issuer, "Ready") == "True":
                yield ("certificate",) + place, ""
            elif not issued and objects.condition(wanted, "Ready") is None:
                objects.set_condition(cluster, wanted, "Ready", "False", "DoesNotExist", "Issuing certificate")
    if workload_ready(cluster, "trust-manager"):
        for bundle in objects.every(cluster, BUNDLES):
            if bundles.differs(cluster, bundle):
                yield ("bundle", bundle["metadata"]["name"]), ""
    if others:
        for place in _services_to_mirror(cluster, others):
            yield ("mirror",) + place, ""


# Pods


def workload_ready(cluster, name, place=None):
    """Whether a deployment of this name, in any namespace or at this place, has all its pods."""
    for kind, namespace, called in [place] if place else cluster["workloads"]:
        if called == name:
            thing = objects.get(cluster, kind, namespace, name)
            return thing is not None and thing["status"].get("readyReplicas", 0) >= thing["spec"]["replicas"]
    return False


def pods_due(cluster, places):
    """When all of these workloads will have their pods; None while that is not known."""
    dues = [cluster["due"].get(("pods",) + place) for place in places]
    return max(dues) if dues and None not in dues else None


def pods_of(cluster, thing):
    return [p for p in objects.every(cluster, "pods", thing["metadata"]["namespace"])
            if _owner(p) == thing["metadata"]["uid"]]


def _owner(pod):
    return pod["metadata"]["ownerReferences"][0]["uid"]


def _keep_pods(cluster, thing, work, pods):
    """Makes the pods that are missing, takes away those that are too many, and counts the ready; `pods` are those that it has."""
    metadata, wanted = thing["metadata"], thing["spec"]["replicas"]
    if thing["kind"] == "StatefulSet":
        names = ["%s-%d" % (metadata["name"], i) for i in range(wanted)]
    else:
        names = [p["metadata"]["name"] for p in pods][:wanted]
        names += ["%s-%s-%s" % (metadata["name"], metadata["uid"][:8], os.urandom(3).hex()[:5])
                  for _ in range(wanted - len(names))]
    have = {p["metadata"]["name"] for p in pods}
    if have == set(names):
        _count(thing, sum(objects.condition(p, "Ready") == "True" for p in pods))
        return
    for pod in [p for p in pods if p["metadata"]["name"] not in names]:
        objects.remove(cluster, "pods", metadata["namespace"], pod["metadata"]["name"])
    for name in names:
        if name not in have:
            objects.put(cluster, kinds.called(cluster, "pods"), metadata["namespace"], {
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {
                    "name": name, "labels": dict(thing["spec"]["template"]["metadata"]["labels"]),
                    "annotations": dict(thing["spec"]["template"]["metadata"].get("annotations", {})),
                    "ownerReferences": [{"apiVersion": thing["apiVersion"], "kind": thing["kind"],
                                         "name": metadata["name"], "uid": metadata["uid"], "controller": True}]},
                "spec": {"containers": [{"name": c} for c in work["containers"]]},
                "status": {"phase": "Pending", "conditions": [
                    {"type": "Ready", "status": "False", "reason": "ContainersNotReady"}]}})
    ready = sum(objects.condition(p, "Ready") == "True" for p in pods_of(cluster, thing))
    _count(thing, ready)


def _count(thing, ready):
    wanted = thing["spec"]["replicas"]
    thing["status"] = {
        "observedGeneration": thing["metadata"].get("generation", 1), "replicas": wanted, "readyReplicas": ready,
        "availableReplicas": ready, "updatedReplicas": wanted,
        "conditions": [{"type": "Available", "status": "True" if ready >= wanted else "False"}]}


def _pods_ready(cluster, kind, namespace, name):
    thing = objects.get(cluster, kind, namespace, name)
    for pod in pods_of(cluster, thing):
        if objects.condition(pod, "Ready") != "True":
            pod["status"] = {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": timestamp()},
                {"type": "ContainersReady", "status": "True"}],
                "containerStatuses": [{"name": c["name"], "ready": True, "restartCount": 0,
                                       "state": {"running": {"startedAt": timestamp()}}}
                                      for c in pod["spec"]["containers"]]}
            objects.touch(cluster, pod)
    _count(thing, thing["spec"]["replicas"])


# Services of linked clusters


def linked_cluster(cluster, link, host):
    """The cluster that a link leads to, by the credentials that it names; None without them."""
    import binascii
    secret = objects.get(cluster, "secrets", link["metadata"]["namespace"], link["spec"]["clusterCredentialsSecret"])
    if secret is None:
        return None
    credentials = binascii.a2b_base64(secret["data"]["kubeconfig"]).decode()
    return host["contexts"].get(credentials.partition("current-context: ")[2].partition("\n")[0])


class Others:
    """What the other clusters export, each read when it is first asked for."""

    def __init__(self, world):
        self.world, self.known_host, self.known = world, None, {}

    def host(self):
        self.known_host = self.known_host or self.world.host()
        return self.known_host

    def exported(self, name):
        if name not in self.known:
            self.known[name] = self.world.exports(name)
        return self.known[name]


def _services_to_mirror(cluster, others):
    for link in objects.every(cluster, LINKS):
        target = link["spec"]["targetClusterName"]
        other = linked_cluster(cluster, link, others.host())
        if other is None or not workload_ready(cluster, "controller-" + target):
            continue
        for namespace, name in others.exported(other):
            home = objects.get(cluster, "namespaces", "", namespace)
            if home and home["status"]["phase"] == "Active" and \
                    not objects.get(cluster, "services", namespace, "%s-%s" % (name, target)):
                yield namespace, name, target


def _mirror(cluster, namespace, name, target):
    objects.put(cluster, kinds.called(cluster, "services"), namespace, {
        "apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 4222}]},
        "metadata": {"name": "%s-%s" % (name, target), "labels": {
            "mirror.linkerd.io/mirrored-service": "true", "mirror.linkerd.io/cluster-name": target}}})


def _job_done(cluster, namespace, name):
    """A chart's Job makes the kinds that it brings."""
    release = cluster["releases"][namespace, name]
    for definition in release["job"]:
        if objects.get(cluster, kinds.CRDS, "", definition["metadata"]["name"]) is None:
            objects.put(cluster, kinds.called(cluster, "crd"), "", definition)
    release["job"] = []


def _is_held(cluster, namespace):
    """Whether an object in a namespace that is to go waits for somebody to let it go; the namespace says so."""
    name = namespace["metadata"]["name"]
    held = [(kind, finalizer) for kind, shelves in cluster["objects"].items() if kind != "namespaces"
            for thing in shelves.get(name, {}).values() for finalizer in thing["metadata"].get("finalizers", [])]
    if held and objects.condition(namespace, "NamespaceFinalizersRemaining") is None:
        objects.set_condition(
            cluster, namespace, "NamespaceContentRemaining", "True", "SomeResourcesRemain",
            "Some resources are remaining: %s has 1 resource instances" % held[0][0])
        objects.set_condition(
            cluster, namespace, "NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
            "Some content in the namespace has finalizers remaining: %s in 1 resource instances" % held[0][1])
    return bool(held)


def _namespace_gone(cluster, name):
    objects.remove(cluster, "namespaces", "", name)


_HAPPENS = {"pods": _pods_ready, "namespace": _namespace_gone, "job": _job_done, "issuer": certificates.issuer_answers,
            "certificate": certificates.issue,
            "bundle": bundles.spread, "mirror": _mirror}
