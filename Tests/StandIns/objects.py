"""The objects of one cluster: reading, creating, changing, deleting, with what the API server refuses."""

import kinds
from recording import Refused
from world import new_uid, timestamp


def refusal(reason, text, **more):
    return Refused("Error from server (%s): %s" % (reason, text), keeps_changes=True, **more)


def get(cluster, kind, namespace, name):
    return cluster["objects"].get(kind, {}).get(namespace or "", {}).get(name)


def every(cluster, kind, namespace=None):
    """The objects of a kind, of one namespace or of all, by name."""
    shelves = cluster["objects"].get(kind, {})
    names = sorted(shelves) if namespace is None else [namespace]
    return [shelves[shelf][name] for shelf in names for name in sorted(shelves.get(shelf, {}))]


def exact(cluster, kind, namespace, name):
    found = get(cluster, kind.id, namespace if kind.namespaced else "", name)
    if found is None:
        raise refusal("NotFound", '%s "%s" not found' % (kind.id, name))
    return found


def kind_of(cluster, manifest):
    """The kind of a manifest, or the refusal of one that the cluster does not know."""
    version, kind_name = manifest.get("apiVersion"), manifest.get("kind")
    missing = [name for name in ("apiVersion", "kind") if not manifest.get(name)]
    if missing:
        raise Refused('error: error validating "STDIN": error validating data: [%s]; if you choose to ignore these '
                      "errors, turn validation off with --validate=false" % ", ".join(n + " not set" for n in missing),
                      keeps_changes=True)
    kind = kinds.of(cluster, version, kind_name)
    metadata = manifest.get("metadata") or {}
    if kind is None:
        raise Refused('error: resource mapping not found for name: "%s" namespace: "%s" from "STDIN": no matches for '
                      'kind "%s" in version "%s"\nensure CRDs are installed first'
                      % (metadata.get("name", ""), metadata.get("namespace", ""), kind_name, version),
                      keeps_changes=True)
    if not metadata.get("name"):
        raise Refused("error: error when retrieving current configuration of: resource name may not be empty",
                      keeps_changes=True)
    return kind


def put(cluster, kind, namespace, manifest, source=None):
    """Creates an object; `source` is what kubectl says it was creating from."""
    metadata = manifest["metadata"]
    name = metadata["name"]
    namespace = namespace if kind.namespaced else ""
    prefix = 'error when creating "%s": ' % source if source else ""
    if not valid_name(kind, name):
        raise refusal("Invalid", '%s%s "%s" is invalid: metadata.name: Invalid value: "%s": a lowercase RFC 1123 '
                      "subdomain must consist of lower case alphanumeric characters, '-' or '.'"
                      % (prefix, kind.kind, name, name))
    if kind.namespaced:
        home = get(cluster, "namespaces", "", namespace)
        if home is None:
            raise refusal("NotFound", '%snamespaces "%s" not found' % (prefix, namespace))
        if home["status"]["phase"] == "Terminating":
            raise refusal("Forbidden", '%s%s "%s" is forbidden: unable to create new content in namespace %s because '
                          "it is being terminated" % (prefix, kind.id, name, namespace))
    if get(cluster, kind.id, namespace, name) is not None:
        raise refusal("AlreadyExists", '%s%s "%s" already exists' % (prefix, kind.id, name))
    made = dict(manifest)
    made["metadata"] = dict(metadata, uid=new_uid(), creationTimestamp=timestamp(), generation=1)
    if kind.namespaced:
        made["metadata"]["namespace"] = namespace
    if kind.id == "namespaces":
        made["metadata"]["labels"] = dict(metadata.get("labels") or {}, **{"kubernetes.io/metadata.name": name})
        made.setdefault("spec", {"finalizers": ["kubernetes"]})
        made["status"] = {"phase": "Active"}
    normalise(kind, made, prefix)
    touch(cluster, made)
    cluster["objects"].setdefault(kind.id, {}).setdefault(namespace, {})[name] = made
    return made


def valid_name(kind, name):
    # Roles and their bindings may be called nearly anything.
    allowed = "abcdefghijklmnopqrstuvwxyz0123456789-." + (":" if "role" in kind.id else "")
    return 0 < len(name) < 254 and all(c in allowed for c in name) and name[0] not in "-." and name[-1] not in "-."


def normalise(kind, made, prefix=""):
    """What the API server makes of an object, and what it refuses in one."""
    name = made["metadata"]["name"]
    if kind.id == "secrets":
        import binascii
        for key, text in (made.pop("stringData", None) or {}).items():
            made.setdefault("data", {})[key] = binascii.b2a_base64(text.encode(), newline=False).decode()
        for key, text in (made.get("data") or {}).items():
            try:
                binascii.a2b_base64(text, strict_mode=True)
            except (binascii.Error, TypeError):
                raise refusal("BadRequest", '%sSecret in version "v1" cannot be handled as a Secret: illegal base64 '
                              "data at input byte 0" % prefix) from None
        made.setdefault("type", "Opaque")
    if kind.id == "configmaps":
        for key, text in (made.get("data") or {}).items():
            if not isinstance(text, str):
                raise refusal("BadRequest", '%sConfigMap in version "v1" cannot be handled as a ConfigMap: json: '
                              "cannot unmarshal into Go struct field ConfigMap.data of type string" % prefix)
    for place in ("labels", "annotations"):
        for key, text in (made["metadata"].get(place) or {}).items():
            if not isinstance(text, str):
                raise refusal("BadRequest", '%s%s in version "%s" cannot be handled as a %s: json: cannot unmarshal '
                              "into Go struct field ObjectMeta.metadata.%s of type string"
                              % (prefix, kind.kind, made["apiVersion"], kind.kind, place))
    if kind.id == "services" and not (made.get("spec") or {}).get("ports") and (
            (made.get("spec") or {}).get("type") != "ExternalName" and (made.get("spec") or {}).get("clusterIP") != "None"):
        raise refusal("Invalid", '%sService "%s" is invalid: spec.ports: Required value' % (prefix, name))


def touch(cluster, thing):
    cluster["revision"] += 1
    thing["metadata"]["resourceVersion"] = str(cluster["revision"] + 100)


def remove(cluster, kind_id, namespace, name):
    """Deletes an object and all that goes with it."""
    shelf = cluster["objects"].get(kind_id, {}).get(namespace or "", {})
    gone = shelf.pop(name, None)
    cluster["applied"].pop((kind_id, namespace or "", name), None)
    cluster["workloads"].pop((kind_id, namespace or "", name), None)
    if gone is None:
        return
    uid = gone["metadata"]["uid"]
    for other, shelves in list(cluster["objects"].items()):
        for pod in [n for n, o in shelves.get(namespace or "", {}).items()
                    if any(owner.get("uid") == uid for owner in o["metadata"].get("ownerReferences", []))]:
            remove(cluster, other, namespace, pod)
    if kind_id == kinds.CRDS:
        cluster["objects"].pop(name, None)
    if kind_id == "namespaces":
        for other, shelves in list(cluster["objects"].items()):
            for thing in list(shelves.get(name, {})) if other != "namespaces" else []:
                remove(cluster, other, name, thing)
            shelves.pop(name, None) if other != "namespaces" else None
        for release in [r for r in cluster["releases"] if r[0] == name]:
            del cluster["releases"][release]


def merged(before, applied, wanted):
    """Three-way: what was applied before and is no longer wanted goes, maps merge, all else is replaced."""
    result = dict(before)
    for key in applied:
        if key not in wanted:
            result.pop(key, None)
    for key, value in wanted.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            earlier = applied.get(key)
            result[key] = merged(result[key], earlier if isinstance(earlier, dict) else {}, value)
        else:
            result[key] = value
    return result


def without_server_fields(thing):
    """An object without what the API server alone writes: for telling whether anything changed."""
    metadata = {k: v for k, v in thing["metadata"].items() if k not in ("resourceVersion", "generation")}
    return dict(thing, metadata=metadata)


def replace(cluster, kind, namespace, name, changed):
    """Puts a changed object in the place of the former; says whether it differs."""
    namespace = namespace if kind.namespaced else ""
    former = get(cluster, kind.id, namespace, name)
    normalise(kind, changed)
    if without_server_fields(changed) == without_server_fields(former):
        return False
    if changed.get("spec") != former.get("spec"):
        changed["metadata"]["generation"] = former["metadata"].get("generation", 1) + 1
    touch(cluster, changed)
    cluster["objects"][kind.id][namespace][name] = changed
    return True


def apply(cluster, kind, namespace, manifest, source="STDIN"):
    """`created`, `configured` or `unchanged`."""
    name = manifest["metadata"]["name"]
    place = (kind.id, namespace if kind.namespaced else "", name)
    before = get(cluster, *place)
    wanted = dict(manifest)
    if kind.id == "secrets" and wanted.get("stringData"):
        normalise(kind, wanted)
    if before is None:
        put(cluster, kind, namespace, wanted, source)
        outcome = "created"
    else:
        changed = merged(before, cluster["applied"].get(place, {}), wanted)
        if kind.id == "namespaces":
            changed["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = name
        outcome = "configured" if replace(cluster, kind, namespace, name, changed) else "unchanged"
    cluster["applied"][place] = {k: v for k, v in wanted.items() if k != "status"}
    return outcome


def condition(thing, name):
    for found in thing.get("status", {}).get("conditions", []):
        if found["type"] == name:
            return found["status"]
    return None


def set_condition(cluster, thing, name, status, reason, message):
    others = [c for c in thing.get("status", {}).get("conditions", []) if c["type"] != name]
    thing["status"] = dict(thing.get("status", {}), conditions=others + [{
        "type": name, "status": status, "reason": reason, "message": message, "lastTransitionTime": timestamp(),
        "observedGeneration": thing["metadata"].get("generation", 1)}])
    touch(cluster, thing)
