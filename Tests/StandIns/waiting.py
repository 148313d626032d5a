"""What `kubectl wait --for=` waits for."""

from recording import Refused


class Condition:
    def __init__(self, text):
        self.kind, _, rest = text.partition("=")
        self.kind = self.kind.lower()
        if self.kind in ("delete", "create") and not rest:
            pass
        elif self.kind == "condition" and rest:
            self.name, _, self.wanted = rest.partition("=")
            self.wanted = self.wanted or "True"
        elif self.kind == "jsonpath" and rest:
            path, equals, self.wanted = rest.rpartition("=")
            if not equals or not path.rstrip("'\"").endswith("}"):
                path, self.wanted = rest, None
            path = path.strip("'\"")
            if not (path.startswith("{") and path.endswith("}")):
                path = "{" + path.lstrip("$") + "}"
            self.path = path[1:-1]
        else:
            raise Refused('error: unrecognized condition: "%s"' % text)
        self.about_existence = self.kind in ("delete", "create")

    def holds(self, thing):
        if self.kind == "delete":
            return thing is None
        if self.kind == "create":
            return thing is not None
        if self.kind == "condition":
            found = next((s for s in [c for c in thing.get("status", {}).get("conditions", [])]
                          if s["type"].lower() == self.name.lower()), None)
            return found is not None and found["status"].lower() == self.wanted.lower()
        import jsonpath
        found = jsonpath.find(self.path, thing)
        if self.wanted is None:
            return bool(found) and found[0] not in (None, "")
        return bool(found) and jsonpath.plain(found[0]) == self.wanted.strip("'\"")
