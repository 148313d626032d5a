"""What kubectl's words name: `kind name …`, `kind/name …`, `kind -l selector`."""

import kinds
import objects
from recording import Refused


def kind_called(cluster, word):
    kind = kinds.called(cluster, word)
    if kind is None:
        raise Refused('error: the server doesn\'t have a resource type "%s"' % word)
    return kind


def selected(thing, selector):
    """Whether an object has the labels that a selector asks for."""
    labels = thing["metadata"].get("labels") or {}
    for part in (selector or "").split(","):
        if "!=" in part:
            key, _, text = part.partition("!=")
            if labels.get(key) == text:
                return False
        elif "=" in part:
            key, _, text = part.replace("==", "=").partition("=")
            if labels.get(key) != text:
                return False
        elif part.startswith("!"):
            if part[1:] in labels:
                return False
        elif part and part not in labels:
            return False
    return True


def has_fields(thing, selector):
    """Whether an object's fields are as a field selector asks for."""
    import jsonpath
    for part in (selector or "").split(","):
        differs = "!=" in part
        key, _, text = part.replace("!=", "=").replace("==", "=").partition("=")
        if part and ((jsonpath.find("." + key, thing) or [""])[0] == text) == differs:
            return False
    return True


def named(words):
    """Kind words and names, apart: [(kind, name or None)]."""
    if words and "/" in words[0]:
        pairs = []
        for word in words:
            kind, slash, name = word.partition("/")
            if not slash or not name:
                raise Refused("error: there is no need to specify a resource type as a separate argument when passing "
                              "arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of "
                              "'kubectl get resource resource/<resource_name>'")
            pairs.append((kind, name))
        return pairs
    kinds_asked = words[0].split(",") if words else []
    if any("/" in word for word in words[1:]):
        raise Refused("error: there is no need to specify a resource type as a separate argument when passing "
                      "arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of "
                      "'kubectl get resource resource/<resource_name>'")
    return [(kind, name) for kind in kinds_asked for name in (words[1:] or [None])]


def targets(cluster, words, flags, namespace):
    """Kind, namespace and name of each object meant."""
    if not words:
        raise Refused("error: You must provide one or more resources by argument or filename.")
    found = []
    many = flags.on("all") or "selector" in flags.given or "field-selector" in flags.given
    for word, name in named(words):
        kind = kind_called(cluster, word)
        if name is not None:
            found.append((kind, namespace if kind.namespaced else "", name))
        elif not many:
            raise Refused("error: resource(s) were provided, but no name was specified")
        else:
            everywhere = flags.on("all-namespaces") or not kind.namespaced
            found += [(kind, thing["metadata"].get("namespace", ""), thing["metadata"]["name"])
                      for thing in objects.every(cluster, kind.id, None if everywhere else namespace)
                      if selected(thing, flags.last("selector")) and has_fields(thing, flags.last("field-selector"))]
    return found
