"""kubectl's commands about itself: version, and the contexts that it has."""

import sys

import kubectl_look
from recording import Refused
from versions import version


class About(kubectl_look.Look):
    def play(self, words):
        return _ABOUT[self.name](self, words)

    def version(self, words):
        known = {"clientVersion": {"major": "1", "minor": version("kubectl").split(".")[1], "gitVersion": version("kubectl"),
                                   "platform": "linux/amd64"}, "kustomizeVersion": "v5.6.0"}
        lines = ["Client Version: " + version("kubectl"), "Kustomize Version: v5.6.0"]
        if not self.flags.on("client"):
            self.reach()
            known["serverVersion"] = {"major": "1", "minor": "31", "gitVersion": "v1.31.5+k3s1", "platform": "linux/amd64"}
            lines.append("Server Version: v1.31.5+k3s1")
        if self.flags.last("output") in ("json", "yaml"):
            kubectl_look.show(known, self.flags.last("output"))
        else:
            sys.stdout.write("\n".join(lines) + "\n")
        return 0

    def contexts(self, words):
        host = self.world.host()
        missing = [w for w in words if w not in host["contexts"]]
        if missing:
            raise Refused("error: context %s not found" % missing[0])
        names = words or sorted(host["contexts"])
        if self.flags.last("output") == "name":
            sys.stdout.write("".join(n + "\n" for n in names))
        else:
            head = [] if self.flags.on("no-headers") else [["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]]
            self.table(head + [["*" if n == host["current"] else "", n, n, "admin@" + n, ""] for n in names])
        return 0

    def current_context(self, words):
        current = self.world.host()["current"]
        if not current:
            raise Refused("error: current-context is not set")
        sys.stdout.write(current + "\n")
        return 0

    def use_context(self, words):
        with self.world.changing_host() as host:
            if len(words) != 1 or words[0] not in host["contexts"]:
                raise Refused('error: no context exists with the name: "%s"' % " ".join(words))
            host["current"] = words[0]
        sys.stdout.write('Switched to context "%s".\n' % words[0])
        return 0


_ABOUT = {"version": About.version, "config get-contexts": About.contexts, "config current-context": About.current_context,
          "config use-context": About.use_context}
