"""kubectl create KIND NAME: the kinds that need no manifest."""

import kinds
import objects
from recording import Refused


def create(change, cluster, words):
    kind = kinds.called(cluster, change.name.split()[1])
    if len(words) != 1:
        raise Refused("error: exactly one NAME is required, got %d\nSee 'kubectl %s -h' for help and examples"
                      % (len(words), change.name))
    manifest = {"apiVersion": "v1", "kind": kind.kind, "metadata": {"name": words[0]}}
    given = {}
    for pair in change.flags.all("from-literal"):
        key, equals, text = pair.partition("=")
        if not equals:
            raise Refused("error: invalid literal source %s, expected key=value" % pair)
        given[key] = text
    for pair in change.flags.all("from-file"):
        key, equals, path = pair.partition("=")
        path = path if equals else key
        try:
            text = change.call.read_standard_input() if path in ("-", "/dev/stdin") else open(path).read()
        except OSError:
            raise Refused("error: error reading %s: no such file or directory" % path) from None
        given[key.rpartition("/")[2]] = text
    if given:
        manifest["stringData" if kind.id == "secrets" else "data"] = given
    if "type" in change.flags.given:
        manifest["type"] = change.flags.last("type")
    try:
        objects.put(cluster, kind, change.namespace, manifest)
    except Refused as refusal:
        if kind.id == "namespaces":
            raise
        raise Refused("error: failed to create %s %s" % (kind.singular, refusal.message.partition("): ")[2])) from None
    change.say(kind, words[0], "created")
    change.show(cluster, kind, change.namespace, words[0])
