"""trust-manager: bundles, and the config maps into which they are spread."""

import kinds
import objects

BUNDLES = "bundles.trust.cert-manager.io"


def _contents(cluster, bundle):
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


def _targets(cluster, bundle):
    wanted = bundle["spec"].get("target", {})
    labels = wanted.get("namespaceSelector", {}).get("matchLabels", {})
    for namespace in objects.every(cluster, "namespaces"):
        if namespace["status"]["phase"] == "Active" and all(
                namespace["metadata"]["labels"].get(k) == v for k, v in labels.items()):
            yield namespace["metadata"]["name"]


def differs(cluster, bundle):
    text, missing = _contents(cluster, bundle)
    seen = bundle.get("status", {}).get("conditions", [{}])[0].get("message")
    if missing:
        return seen != "Bundle source was not found: " + missing
    key = bundle["spec"].get("target", {}).get("configMap", {}).get("key")
    name = bundle["metadata"]["name"]
    return objects.condition(bundle, "Synced") != "True" or any(
        (objects.get(cluster, "configmaps", home, name) or {}).get("data") != {key: text}
        for home in _targets(cluster, bundle))


def spread(cluster, name):
    bundle = objects.get(cluster, BUNDLES, "", name)
    text, missing = _contents(cluster, bundle)
    if missing:
        objects.set_condition(cluster, bundle, "Synced", "False", "SourceNotFound",
                      "Bundle source was not found: " + missing)
        return
    key = bundle["spec"]["target"]["configMap"]["key"]
    kind = kinds.called(cluster, "configmaps")
    for home in _targets(cluster, bundle):
        former = objects.get(cluster, "configmaps", home, name)
        if former:
            objects.replace(cluster, kind, home, name, dict(former, data={key: text}))
        else:
            objects.put(cluster, kind, home, {"apiVersion": "v1", "kind": "ConfigMap", "data": {key: text}, "metadata": {
                "name": name, "labels": {"trust.cert-manager.io/bundle": name}}})
    objects.set_condition(cluster, bundle, "Synced", "True", "Synced",
                  "Successfully synced Bundle to namespaces that match this label selector")
