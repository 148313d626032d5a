"""What happens in a cluster by itself, after a while: pods become ready, certificates are issued, bundles are spread.

Nothing runs between the calls. Each call that opens a cluster first lets happen what has come due since.
"""

import os

import kinds
import objects
from world import timestamp, new_uid

ISSUERS = ("issuers.cert-manager.io", "clusterissuers.cert-manager.io")
CERTIFICATES = "certificates.cert-manager.io"
BUNDLES = "bundles.trust.cert-manager.io"
LINKS = "links.multicluster.linkerd.io"


def settle(cluster, now, call, world=None):
    """Lets everything happen that has come due; `world` is given where other clusters' services matter."""
    moment = now
    if not cluster["due"]:
        _plan(cluster, now, call, world)
        return
    while True:
        _plan(cluster, moment, call, world)
        ready = [(due, what) for what, due in cluster["due"].items() if due <= now]
        if not ready:
            return
        moment, what = min(ready)
        del cluster["due"][what]
        _HAPPENS[what[0]](cluster, *what[1:])


def _plan(cluster, moment, call, world):
    """Notes when what is under way will be done, and forgets what is no longer under way."""
    under_way = set()
    for what, delay in _under_way(cluster, world):
        under_way.add(what)
        if what not in cluster["due"]:
            cluster["due"][what] = moment + call.delay(delay or what[0])
    for what in [w for w in cluster["due"] if w not in under_way]:
        del cluster["due"][what]


def _under_way(cluster, world):
    for (kind, namespace, name), work in cluster["workloads"].items():
        thing = objects.get(cluster, kind, namespace, name)
        if thing is None:
            continue
        _keep_pods(cluster, thing, work)
        if thing["status"].get("readyReplicas", 0) < thing["spec"]["replicas"] and \
                all(objects.get(cluster, *need) for need in work["needs"]):
            yield ("pods", kind, namespace, name), work["chart"]
    for namespace in objects.every(cluster, "namespaces"):
        if namespace["status"]["phase"] == "Terminating":
            yield ("namespace", namespace["metadata"]["name"]), ""
    if workload_ready(cluster, "cert-manager"):
        for kind in ISSUERS:
            for issuer in objects.every(cluster, kind):
                if condition(issuer, "Ready") != _issuer_works(cluster, kind, issuer):
                    yield ("issuer", kind, issuer["metadata"].get("namespace", ""), issuer["metadata"]["name"]), ""
        for wanted in objects.every(cluster, CERTIFICATES):
            place = wanted["metadata"]["namespace"], wanted["metadata"]["name"]
            issued = wanted.get("status", {}).get("issued") == _issue_of(wanted) and objects.get(
                cluster, "secrets", place[0], wanted["spec"]["secretName"]) is not None
            if not issued and _issuer_of(cluster, wanted) and condition(_issuer_of(cluster, wanted), "Ready") == "True":
                yield ("certificate",) + place, ""
            elif not issued and condition(wanted, "Ready") is None:
                set_condition(cluster, CERTIFICATES, wanted, "Ready", "False", "DoesNotExist", "Issuing certificate")
    if workload_ready(cluster, "trust-manager"):
        for bundle in objects.every(cluster, BUNDLES):
            if _bundle_differs(cluster, bundle):
                yield ("bundle", bundle["metadata"]["name"]), ""
    if world is not None:
        for place in _services_to_mirror(cluster, world):
            yield ("mirror",) + place, ""


# Pods


def workload_ready(cluster, name, place=None):
    """Whether a deployment of this name, in any namespace or at this place, has all its pods."""
    for kind, namespace, called in [place] if place else cluster["workloads"]:
        if called == name:
            thing = objects.get(cluster, kind, namespace, name)
            return thing is not None and thing["status"].get("readyReplicas", 0) >= thing["spec"]["replicas"]
    return False


def pods_of(cluster, thing):
    return [p for p in objects.every(cluster, "pods", thing["metadata"]["namespace"])
            if p["metadata"]["ownerReferences"][0]["uid"] == thing["metadata"]["uid"]]


def _keep_pods(cluster, thing, work):
    """Makes the pods that are missing, takes away those that are too many, and counts the ready."""
    metadata, wanted = thing["metadata"], thing["spec"]["replicas"]
    pods = pods_of(cluster, thing)
    if thing["kind"] == "StatefulSet":
        names = ["%s-%d" % (metadata["name"], i) for i in range(wanted)]
    else:
        names = [p["metadata"]["name"] for p in pods][:wanted]
        names += ["%s-%s-%s" % (metadata["name"], metadata["uid"][:8], os.urandom(3).hex()[:5])
                  for _ in range(wanted - len(names))]
    for pod in [p for p in pods if p["metadata"]["name"] not in names]:
        objects.remove(cluster, "pods", metadata["namespace"], pod["metadata"]["name"])
    have = {p["metadata"]["name"] for p in pods}
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
    ready = sum(condition(p, "Ready") == "True" for p in pods_of(cluster, thing))
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
        if condition(pod, "Ready") != "True":
            pod["status"] = {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": timestamp()},
                {"type": "ContainersReady", "status": "True"}],
                "containerStatuses": [{"name": c["name"], "ready": True, "restartCount": 0,
                                       "state": {"running": {"startedAt": timestamp()}}}
                                      for c in pod["spec"]["containers"]]}
            objects.touch(cluster, pod)
    _count(thing, thing["spec"]["replicas"])


# Certificates


def condition(thing, name):
    for found in thing.get("status", {}).get("conditions", []):
        if found["type"] == name:
            return found["status"]
    return None


def set_condition(cluster, kind, thing, name, status, reason, message):
    others = [c for c in thing.get("status", {}).get("conditions", []) if c["type"] != name]
    thing["status"] = dict(thing.get("status", {}), conditions=others + [{
        "type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": timestamp(),
        "observedGeneration": thing["metadata"].get("generation", 1)}])
    objects.touch(cluster, thing)


def _issuer_works(cluster, kind, issuer):
    authority = issuer.get("spec", {}).get("ca")
    home = issuer["metadata"].get("namespace") or "cert-manager"
    return "True" if authority is None or objects.get(cluster, "secrets", home, authority["secretName"]) else "False"


def _issuer_answers(cluster, kind, namespace, name):
    issuer = objects.get(cluster, kind, namespace, name)
    if _issuer_works(cluster, kind, issuer) == "True":
        set_condition(cluster, kind, issuer, "Ready", "True", "KeyPairVerified", "Signing CA verified")
    else:
        set_condition(cluster, kind, issuer, "Ready", "False", "ErrGetKeyPair",
                      'Error getting keypair for CA issuer: secrets "%s" not found' % issuer["spec"]["ca"]["secretName"])


def _issuer_of(cluster, wanted):
    reference = wanted["spec"].get("issuerRef", {})
    if reference.get("kind", "Issuer") == "ClusterIssuer":
        return objects.get(cluster, ISSUERS[1], "", reference.get("name"))
    return objects.get(cluster, ISSUERS[0], wanted["metadata"]["namespace"], reference.get("name"))


def _issue_of(wanted):
    """What a certificate is issued for: another one is needed when this changes."""
    spec = wanted["spec"]
    return "%s %s %s" % (spec.get("commonName"), spec["secretName"], spec.get("issuerRef", {}).get("name"))


def _issue(cluster, namespace, name):
    import binascii
    wanted = objects.get(cluster, CERTIFICATES, namespace, name)
    issuer = _issuer_of(cluster, wanted)

    def block(title, text):
        body = binascii.b2a_base64(text.encode(), newline=False).decode()
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (title, body, title)

    def encoded(text):
        return binascii.b2a_base64(text.encode(), newline=False).decode()

    own = encoded(block("CERTIFICATE", "%s %s" % (wanted["spec"].get("commonName", name), new_uid())))
    authority = issuer["spec"].get("ca")
    if authority:
        home = issuer["metadata"].get("namespace") or "cert-manager"
        above = objects.get(cluster, "secrets", home, authority["secretName"])["data"]["tls.crt"]
    else:
        above = own
    secret = wanted["spec"]["secretName"]
    made = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": secret, "annotations": {"cert-manager.io/certificate-name": name}},
            "data": {"tls.crt": own, "tls.key": encoded(block("EC PRIVATE KEY", new_uid())), "ca.crt": above}}
    kind = kinds.called(cluster, "secrets")
    former = objects.get(cluster, "secrets", namespace, secret)
    if former:
        objects.replace(cluster, kind, namespace, secret, dict(former, data=made["data"]))
    else:
        objects.put(cluster, kind, namespace, made)
    set_condition(cluster, CERTIFICATES, wanted, "Ready", "True", "Ready", "Certificate is up to date and has not expired")
    wanted["status"]["issued"] = _issue_of(wanted)


# Bundles


def _bundle(cluster, bundle):
    """What a bundle amounts to, and what of it is missing."""
    import binascii
    parts = []
    for source in bundle["spec"].get("sources", []):
        for place, kind in (("secret", "secrets"), ("configMap", "configmaps")):
            if place in source:
                wanted = source[place]
                found = objects.get(cluster, kind, "cert-manager", wanted.get("name"))
                if found is None:
                    return None, 'failed to retrieve bundle from source: %s "%s" not found' % (kind, wanted.get("name"))
                text = found.get("data", {}).get(wanted.get("key"))
                if text is None:
                    return None, "failed to retrieve bundle from source: no data found in %s cert-manager/%s at key %s" % (
                        place, wanted.get("name"), wanted.get("key"))
                parts.append(binascii.a2b_base64(text).decode() if place == "secret" else text)
        if "inLine" in source:
            parts.append(source["inLine"])
    if not all("-----BEGIN CERTIFICATE-----" in p for p in parts):
        return None, "failed to retrieve bundle from source: bundle contains no PEM certificates"
    return "".join(dict.fromkeys(p if p.endswith("\n") else p + "\n" for p in parts)), None


def _bundle_targets(cluster, bundle):
    wanted = bundle["spec"].get("target", {})
    labels = wanted.get("namespaceSelector", {}).get("matchLabels", {})
    for namespace in objects.every(cluster, "namespaces"):
        if namespace["status"]["phase"] == "Active" and all(
                namespace["metadata"]["labels"].get(k) == v for k, v in labels.items()):
            yield namespace["metadata"]["name"]


def _bundle_differs(cluster, bundle):
    text, missing = _bundle(cluster, bundle)
    seen = bundle.get("status", {}).get("conditions", [{}])[0].get("message")
    if missing:
        return seen != "Bundle source was not found: " + missing
    key = bundle["spec"].get("target", {}).get("configMap", {}).get("key")
    name = bundle["metadata"]["name"]
    return condition(bundle, "Synced") != "True" or any(
        (objects.get(cluster, "configmaps", home, name) or {}).get("data") != {key: text}
        for home in _bundle_targets(cluster, bundle))


def _spread(cluster, name):
    bundle = objects.get(cluster, BUNDLES, "", name)
    text, missing = _bundle(cluster, bundle)
    if missing:
        set_condition(cluster, BUNDLES, bundle, "Synced", "False", "SourceNotFound",
                      "Bundle source was not found: " + missing)
        return
    key = bundle["spec"]["target"]["configMap"]["key"]
    kind = kinds.called(cluster, "configmaps")
    for home in _bundle_targets(cluster, bundle):
        former = objects.get(cluster, "configmaps", home, name)
        if former:
            objects.replace(cluster, kind, home, name, dict(former, data={key: text}))
        else:
            objects.put(cluster, kind, home, {"apiVersion": "v1", "kind": "ConfigMap", "data": {key: text}, "metadata": {
                "name": name, "labels": {"trust.cert-manager.io/bundle": name}}})
    set_condition(cluster, BUNDLES, bundle, "Synced", "True", "Synced",
                  "Successfully synced Bundle to namespaces that match this label selector")


# Services of linked clusters


def linked_cluster(cluster, link, host):
    """The cluster that a link leads to, by the credentials that it names; None without them."""
    import binascii
    secret = objects.get(cluster, "secrets", link["metadata"]["namespace"], link["spec"]["clusterCredentialsSecret"])
    if secret is None:
        return None
    credentials = binascii.a2b_base64(secret["data"]["kubeconfig"]).decode()
    return host["contexts"].get(credentials.partition("current-context: ")[2].partition("\n")[0])


def _services_to_mirror(cluster, world):
    links = objects.every(cluster, LINKS)
    host = world.host() if links else None
    for link in links:
        target = link["spec"]["targetClusterName"]
        other = linked_cluster(cluster, link, host)
        if other is None or not workload_ready(cluster, "controller-" + target):
            continue
        for service in objects.every(world.cluster(other), "services"):
            metadata = service["metadata"]
            if (metadata.get("labels") or {}).get("mirror.linkerd.io/exported") == "true":
                place = metadata["namespace"], metadata["name"], target
                home = objects.get(cluster, "namespaces", "", place[0])
                if home and home["status"]["phase"] == "Active" and \
                        not objects.get(cluster, "services", place[0], "%s-%s" % (place[1], target)):
                    yield place


def _mirror(cluster, namespace, name, target):
    objects.put(cluster, kinds.called(cluster, "services"), namespace, {
        "apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 4222}]},
        "metadata": {"name": "%s-%s" % (name, target), "labels": {
            "mirror.linkerd.io/mirrored-service": "true", "mirror.linkerd.io/cluster-name": target}}})


def _namespace_gone(cluster, name):
    objects.remove(cluster, "namespaces", "", name)


_HAPPENS = {"pods": _pods_ready, "namespace": _namespace_gone, "issuer": _issuer_answers, "certificate": _issue,
            "bundle": _spread, "mirror": _mirror}
