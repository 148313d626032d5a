"""The world that is kept in a folder as JSON, as it is once nothing is under way any more: `show-world FOLDER` prints it.

Left out is what two worlds in the same state do not share: identities, revisions, times, and the pods, as their names
are made up. What cert-manager made up stands there as `‹tls.crt of c1/linkerd/linkerd-identity-issuer›`, wherever it has got to.
"""

import binascii
import os

import controllers
import json_text
from world import World

_OF_ONE_RUN = {"uid", "resourceVersion", "creationTimestamp", "generation", "observedGeneration", "lastTransitionTime"}
_ISSUED = "cert-manager.io/certificate-name"


class _AtOnce:
    """A call for which nothing takes any time."""

    @staticmethod
    def delay(*rows):
        return 0


def shown(folder):
    world = World(folder)
    clusters = {}
    for name in sorted(os.listdir(folder)):
        if name.startswith("cluster-") and name.endswith(".world"):
            name = name[len("cluster-"):-len(".world")]
            clusters[name] = world.cluster(name)
            _settle(clusters[name], world)
    host = world.host()
    for network in host["networks"].values():
        network.pop("created", None)
    made_up = {}
    for name, cluster in clusters.items():
        made_up.update(_made_up(name, cluster))
    return _plain({"host": host, "clusters": {name: {
        "releases": {"%s/%s" % place: _release(release) for place, release in cluster["releases"].items()},
        "objects": {kind: {home: things for home, things in shelves.items() if things}
                    for kind, shelves in cluster["objects"].items() if kind != "pods" and any(shelves.values())},
    } for name, cluster in clusters.items()}}, made_up)


def _settle(cluster, world):
    # The first time it may only be found out what is under way.
    controllers.settle(cluster, float("inf"), _AtOnce, world)
    while cluster["due"]:
        controllers.settle(cluster, float("inf"), _AtOnce, world)


def _made_up(name, cluster):
    """The texts of issued certificates and keys, with what is shown in their place."""
    for home, secrets in cluster["objects"].get("secrets", {}).items():
        for secret, thing in secrets.items():
            if _ISSUED in (thing["metadata"].get("annotations") or {}):
                for key in ("tls.crt", "tls.key"):
                    text = thing["data"][key]
                    token = "‹%s of %s/%s/%s›" % (key, name, home, secret)
                    yield text, token
                    yield binascii.a2b_base64(text).decode(), token


def _release(release):
    """Its newest revision alone, as it may take more or fewer to get there."""
    newest = release["revisions"][-1]
    return {name: newest[name] for name in ("status", "chart", "version", "app_version", "values", "labels")}


def _plain(thing, made_up):
    if isinstance(thing, dict):
        # Nothing is said by labels and annotations that are none.
        plain = {name: _plain(value, made_up) for name, value in sorted(thing.items())
                 if name not in _OF_ONE_RUN and not (name in ("labels", "annotations") and not value)}
        # A namespace that helm made has its name as a label.
        if plain.get("kind") == "Namespace":
            plain["metadata"]["labels"] = {k: v for k, v in plain["metadata"]["labels"].items() if k != "name"}
        return plain
    if isinstance(thing, list):
        return [_plain(value, made_up) for value in thing]
    if isinstance(thing, str):
        for text, token in made_up.items():
            thing = thing.replace(text, token)
    return thing


def show(folder):
    print(json_text.write(shown(folder)), flush=True)
    return 0
