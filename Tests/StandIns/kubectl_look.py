"""kubectl's commands that look: get, wait, rollout status, logs, exec, version, config."""

import sys

import controllers
import json_text
import kubectl
import kubernetes
import objects
from flags import seconds
from kubectl_names import has_fields, kind_called, named, selected, targets
from recording import Refused
from world import now


def show(thing, output):
    if output == "yaml":
        import yaml_text
        sys.stdout.write(yaml_text.write(thing))
    else:
        sys.stdout.write(json_text.write(thing) + "\n")


def until_gone(call, world, cluster_name, places, limit):
    deadline = now() + limit
    while True:
        look = kubernetes.Opened(call, world, cluster_name)
        with look as cluster:
            left = [p for p in places if objects.get(cluster, *p) is not None and (
                p[0] == "namespaces" and objects.get(cluster, *p)["status"]["phase"] == "Terminating")]
        if not left:
            return
        if not look.pause(deadline):
            raise Refused("error: timed out waiting for the condition on %s/%s" % (left[0][0], left[0][2]))


class Look:
    def __init__(self, call, world, flags, name):
        self.call, self.world, self.flags, self.name = call, world, flags, name
        self.namespace = flags.last("namespace", "default")

    def play(self, words):
        return _LOOKS[self.name](self, words)

    def open(self, mirrors=False):
        return kubernetes.Opened(self.call, self.world, self.cluster_name, mirrors)

    def reach(self):
        self.cluster_name = kubectl.reached(self.call, self.world, self.flags)
        self.call.takes("kubectl " + self.name, "kubectl " + self.name.split()[0])

    # get

    def get(self, words):
        if "raw" in self.flags.given:
            self.reach()
            sys.stdout.write("ok")
            return 0
        self.output = self.flags.last("output", "")
        if self.flags.on("watch"):
            raise Refused("error: the stand-in does not watch")
        self.reach()
        if not words:
            if "filename" not in self.flags.given:
                raise Refused("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete "
                              "list of supported resources.\n\nerror: Required resource not specified.")
        services = any(w.split("/")[0].split(".")[0] in ("svc", "service", "services") for w in words[:1])
        with self.open(mirrors=services) as cluster:
            found, missing, alone = self.looked_up(cluster, words)
        self.write(found, alone and len(found) == 1, missing)
        if missing:
            raise Refused("\n".join(missing))
        return 0

    def looked_up(self, cluster, words):
        found, missing, alone = [], [], True
        if "filename" in self.flags.given:
            pairs = []
            for manifest in kubectl.documents(self.call, self.flags):
                kind = objects.kind_of(cluster, manifest)
                pairs.append((kind, manifest["metadata"].get("namespace", self.namespace), manifest["metadata"]["name"]))
        else:
            pairs = [(kind_called(cluster, word), self.namespace, name) for word, name in named(words)]
        for kind, home, name in pairs:
            if name is None:
                alone = False
                home = None if self.flags.on("all-namespaces") or not kind.namespaced else home
                found += [(kind, thing) for thing in objects.every(cluster, kind.id, home)
                          if selected(thing, self.flags.last("selector"))
                          and has_fields(thing, self.flags.last("field-selector"))]
                continue
            if self.flags.on("all-namespaces"):
                raise Refused("error: a resource cannot be retrieved by name across all namespaces")
            thing = objects.get(cluster, kind.id, home if kind.namespaced else "", name)
            if thing is not None:
                found.append((kind, thing))
            elif not self.flags.on("ignore-not-found"):
                missing.append('Error from server (NotFound): %s "%s" not found' % (kind.id, name))
        return found, missing, alone and len(pairs) == 1

    def write(self, found, alone, missing):
        output = self.output
        things = [thing for _, thing in found]
        listed = things[0] if alone else {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""},
                                          "items": things}
        if not found and (self.flags.on("ignore-not-found") or missing):
            return
        if output in ("json", "yaml"):
            show(listed, output)
        elif output == "name":
            sys.stdout.write("".join("%s/%s\n" % (k.shown, t["metadata"]["name"]) for k, t in found))
        elif output.startswith("jsonpath="):
            import jsonpath
            try:
                sys.stdout.write(jsonpath.render(output[len("jsonpath="):], listed))
            except (ValueError, KeyError) as error:
                raise Refused("error: error parsing jsonpath %s, %s" % (output[9:], error)) from None
        elif output.startswith("custom-columns="):
            import jsonpath
            columns = [c.partition(":") for c in output[len("custom-columns="):].split(",")]
            rows = [[c[0] for c in columns]] if not self.flags.on("no-headers") else []
            rows += [[" ".join(map(jsonpath.plain, jsonpath.find(c[2], t))) or "<none>" for c in columns] for t in things]
            self.table(rows)
        elif output in ("", "wide"):
            self.table_of(found)
        else:
            raise Refused('error: unable to match a printer suitable for the output format "%s", allowed formats are: '
                          "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,"
                          "jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml" % output)

    def table_of(self, found):
        if not found:
            where = "" if self.flags.on("all-namespaces") else " in %s namespace" % self.namespace
            sys.stderr.write("No resources found%s%s\n" % (where, "." if where else ""))
            return
        rows = []
        if not self.flags.on("no-headers"):
            rows.append((["NAMESPACE"] if self.flags.on("all-namespaces") else []) + ["NAME", "READY", "STATUS", "AGE"])
        for kind, thing in found:
            status = thing.get("status", {})
            ready = objects.condition(thing, "Ready") or objects.condition(thing, "Synced") or ""
            if "replicas" in thing.get("spec", {}):
                ready = "%d/%d" % (status.get("readyReplicas", 0), thing["spec"]["replicas"])
            row = [thing["metadata"]["name"], ready or "-", status.get("phase", "-"), "1m"]
            rows.append(([thing["metadata"].get("namespace", "")] if self.flags.on("all-namespaces") else []) + row)
        self.table(rows)

    def table(self, rows):
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
        for row in rows:
            sys.stdout.write("   ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n")

    # wait

    def wait(self, words):
        import waiting
        conditions = [waiting.Condition(text) for text in self.flags.all("for")]
        if not conditions:
            raise Refused("error: unrecognized condition: []")
        self.reach()
        asked = seconds(self.flags.last("timeout"), 30)
        # The first look comes in any case.
        deadline = now() + self.call.patience(asked if asked >= 0 else 7 * 24 * 3600)
        done, places = set(), None
        while True:
            look = self.open(mirrors=True)
            with look as cluster:
                if places is None:
                    places = self.waited_for(cluster, words, conditions)
                for kind, home, name in places:
                    place = kind.id, home, name
                    thing = objects.get(cluster, *place)
                    if place in done:
                        continue
                    if thing is None and not any(c.about_existence for c in conditions):
                        raise Refused('Error from server (NotFound): %s "%s" not found' % (kind.id, name))
                    if all(c.holds(thing) for c in conditions):
                        done.add(place)
                        sys.stdout.write("%s/%s %s\n" % (kind.shown, name, "deleted" if conditions[0].kind == "delete" else
                                                         "condition met"))
            left = [(kind, name) for kind, home, name in places if (kind.id, home, name) not in done]
            if not left:
                return 0
            if not look.pause(deadline):
                raise Refused("\n".join("error: timed out waiting for the condition on %s/%s" % (k.id, n) for k, n in left))

    def waited_for(self, cluster, words, conditions):
        if "filename" in self.flags.given:
            places = [(objects.kind_of(cluster, m), m["metadata"].get("namespace", self.namespace), m["metadata"]["name"])
                      for m in kubectl.documents(self.call, self.flags)]
            return [(k, home if k.namespaced else "", name) for k, home, name in places]
        places = targets(cluster, words, self.flags, self.namespace)
        if not places and not any(c.about_existence for c in conditions):
            raise Refused("error: no matching resources found")
        return places

    # rollout status, logs, exec

    def rollout_status(self, words):
        self.reach()
        asked = seconds(self.flags.last("timeout"), 0)
        deadline = now() + (self.call.patience(asked) if asked > 0 else 3600)
        told = set()
        while True:
            look = self.open()
            with look as cluster:
                pairs = targets(cluster, words, self.flags, self.namespace)
                left, places = [], []
                for kind, home, name in pairs:
                    thing = objects.exact(cluster, kind, home, name)
                    if "replicas" not in thing.get("spec", {}):
                        raise Refused("error: no status viewer has been implemented for %s" % kind.kind)
                    ready, wanted = thing["status"].get("readyReplicas", 0), thing["spec"]["replicas"]
                    if ready < wanted:
                        places.append((kind.id, home, name))
                        left.append("Waiting for %d pods to be ready...\n" % (wanted - ready))
                    elif name not in told:
                        told.add(name)
                        sys.stdout.write('deployment "%s" successfully rolled out\n' % name if kind.kind == "Deployment" else
                                         "statefulset rolling update complete %d pods at revision %s...\n" % (wanted, name))
                due = controllers.pods_due(cluster, places)
            if not left:
                return 0
            if not self.flags.on("watch", True):
                sys.stdout.write("".join(left))
                return 0
            sys.stdout.write("".join(line for line in left if line not in told))
            told.update(left)
            if not look.pause(deadline, due):
                raise Refused("error: timed out waiting for the condition")

    def pod(self, words):
        """The pod that `logs` and `exec` speak of."""
        self.reach()
        if not words:
            raise Refused("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'")
        with self.open() as cluster:
            kind, _, name = words[0].rpartition("/")
            found = kind_called(cluster, kind or "pod")
            thing = objects.exact(cluster, found, self.namespace, name)
            if found.kind != "Pod":
                pods = controllers.pods_of(cluster, thing)
                if not pods:
                    raise Refused("error: timed out waiting for the condition")
                thing = pods[0]
        names = [c["name"] for c in thing["spec"]["containers"]]
        asked = self.flags.last("container")
        if asked and asked not in names:
            raise Refused("error: container %s is not valid for pod %s" % (asked, thing["metadata"]["name"]))
        if thing["status"]["phase"] != "Running":
            raise Refused('Error from server (BadRequest): container "%s" in pod "%s" is waiting to start: '
                          "ContainerCreating" % (names[0], thing["metadata"]["name"]))
        return thing

    def logs(self, words):
        sys.stdout.write("[1] the log of %s\n" % self.pod(words)["metadata"]["name"])
        return 0

    def exec(self, words):
        if "--" not in self.flags.given:
            raise Refused("error: you must specify at least one command for the container")
        if self.flags.on("stdin"):
            self.call.read_standard_input()
        self.pod(words)
        command = self.flags.given["--"]
        if self.flags.last("container") == "grafana" and command[:2] == ["sh", "-c"] and "curl" in command[2]:
            import grafana
            with self.open() as cluster:
                sys.stdout.write(grafana.answer(cluster, self.cluster_name, command[-1]))
        return 0


_LOOKS = {"get": Look.get, "wait": Look.wait, "rollout status": Look.rollout_status, "logs": Look.logs,
          "exec": Look.exec}
