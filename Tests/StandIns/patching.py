"""`kubectl patch`: merge patches and JSON patches."""

import objects
import yaml_text
from recording import Refused


def patched(thing, text, how, kind):
    try:
        patch = yaml_text.read_all(text)[0]
    except (ValueError, IndexError):
        raise Refused("error: unable to parse %r: yaml: invalid" % text[:60]) from None
    if how == "json":
        return _json_patched(thing, patch)
    if how == "strategic" and "." in kind.id and not kind.group.endswith("k8s.io") and kind.group not in ("apps", "batch"):
        raise Refused('Error from server (UnsupportedMediaType): the body of the request was in an unknown format - '
                      "accepted media types include: application/json-patch+json, application/merge-patch+json, "
                      "application/apply-patch+yaml")
    if not isinstance(patch, dict):
        raise Refused("Error from server (BadRequest): json: cannot unmarshal into Go value of type map[string]interface {}")
    return objects.merged(thing, {}, patch)


def _json_patched(thing, steps):
    def copied(value):
        if isinstance(value, dict):
            return {k: copied(v) for k, v in value.items()}
        return [copied(v) for v in value] if isinstance(value, list) else value

    changed = copied(thing)
    for step in steps:
        try:
            _step(changed, step)
        except (KeyError, IndexError, ValueError, TypeError):
            raise Refused("The request is invalid: the server rejected our request due to an error in our request") from None
    return changed


def _step(changed, step):
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")[1:]]
    place = changed
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    what = step["op"]
    if isinstance(place, list):
        index = len(place) if last == "-" else int(last)
        if what == "add":
            if index > len(place):
                raise IndexError(index)
            place.insert(index, step["value"])
        elif what == "remove":
            del place[index]
        elif what == "replace":
            place[index] = step["value"]
        elif what == "test" and place[index] == step["value"]:
            pass
        else:
            raise ValueError(what)
    elif what == "add":
        place[last] = step["value"]
    elif what == "remove":
        del place[last]
    elif what == "replace" and last in place:
        place[last] = step["value"]
    elif what == "test" and place.get(last) == step["value"]:
        pass
    else:
        raise ValueError(what)
