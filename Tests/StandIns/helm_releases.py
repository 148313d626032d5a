"""helm's commands that change releases: upgrade, install, uninstall, rollback."""

import sys

import charts
import controllers
import helm_values
import kinds
import kubernetes
import objects
import webhooks
from flags import seconds
from helm import need, reached, show_status
from recording import Refused, Told
from world import now, timestamp


def play(call, world, flags, name, words):
    return _COMMANDS[name](Release(call, world, flags), words)


class Release:
    def __init__(self, call, world, flags):
        self.call, self.world, self.flags = call, world, flags
        self.namespace = flags.last("namespace", "default")
        self.failed = ""

    def open(self):
        return kubernetes.Opened(self.call, self.world, self.cluster_name)

    def refuse(self, text):
        raise Refused("Error: %s%s" % (self.failed, text))

    # upgrade and install

    def upgrade(self, words):
        need(words, 2, "upgrade [RELEASE] [CHART] [flags]")
        self.name, chart = words
        installs = self.flags.on("install")
        if not installs:
            self.failed = "UPGRADE FAILED: "
        # As helm does: with `--install` it first asks the cluster, then looks for the chart.
        self.cluster_name = reached(self.call, self.world, self.flags, self.failed)
        former = self.world.cluster(self.cluster_name)["releases"].get((self.namespace, self.name))
        if former is None and not installs:
            self.refuse('"%s" has no deployed releases' % self.name)
        if former is None:
            sys.stdout.write('Release "%s" does not exist. Installing it now.\n' % self.name)
        else:
            self.failed = "UPGRADE FAILED: "
        return self.make(chart, "upgrade" if former else "install")

    def install(self, words):
        self.failed = "INSTALLATION FAILED: "
        if len(words) == 1 and self.flags.on("generate-name"):
            words = [words[0].rpartition("/")[2] + "-1700000000"] + words
        if len(words) != 2:
            self.refuse("must either provide a name or specify --generate-name")
        self.name, chart = words
        helm_values.read(self.call, self.flags, self.refuse)
        helm_values.chart(self.world, chart, self.flags, self.refuse)
        self.cluster_name = reached(self.call, self.world, self.flags, self.failed)
        if (self.namespace, self.name) in self.world.cluster(self.cluster_name)["releases"]:
            self.refuse("cannot re-use a name that is still in use")
        return self.make(chart, "install")

    def make(self, chart, what):
        if len(self.name) > 53 or not objects.valid_name(kinds.called({"objects": {}}, "pod"), self.name):
            self.refuse('invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*'
                        "[a-z0-9])?)*$ and the length must not be longer than 53")
        values = helm_values.read(self.call, self.flags, self.refuse)
        self.chart = helm_values.chart(self.world, chart, self.flags, self.refuse)
        if self.flags.last("dry-run", "none") not in ("none", "false"):
            sys.stdout.write("NAME: %s\nSTATUS: pending-%s\n" % (self.name, what))
            return 0
        self.begin(what, values)
        try:
            if self.call.hangs:
                self.call.hang()
            self.call.takes("helm %s %s" % (what, self.chart), "helm upgrade")
            self.into_cluster(values)
            if self.flags.last("wait", "false") != "false" or self.flags.on("atomic"):
                self.wait()
        except Told:
            self.finish("failed", 'Release "%s" failed: context canceled' % self.name)
            sys.stdout.write("Release %s has been cancelled.\n" % self.name)
            self.refuse("context canceled")
        except Refused as refusal:
            self.finish("failed", 'Release "%s" failed: %s' % (self.name, refusal.message.partition(": ")[2]))
            raise
        self.finish("deployed", "%s complete" % ("Install" if what == "install" else "Upgrade"))
        self.tell(what)
        return 0

    def begin(self, what, values):
        """Under one lock: all that helm checks first, and the note in the cluster that it has begun."""
        with self.open() as cluster:
            release = cluster["releases"].get((self.namespace, self.name))
            if release and release["revisions"][-1]["status"].startswith("pending"):
                self.refuse("another operation (install/upgrade/rollback) is in progress")
            home = objects.get(cluster, "namespaces", "", self.namespace)
            if home is None and not self.flags.on("create-namespace"):
                self.contents(cluster, values)
                self.refuse('create: failed to create: namespaces "%s" not found' % self.namespace)
            if home is None:
                objects.put(cluster, kinds.called(cluster, "ns"), "", {
                    "apiVersion": "v1", "kind": "Namespace",
                    "metadata": {"name": self.namespace, "labels": {"name": self.namespace}}})
            elif home["status"]["phase"] == "Terminating":
                self.refuse('create: failed to create: secrets "sh.helm.release.v1.%s.v1" is forbidden: unable to create '
                            "new content in namespace %s because it is being terminated" % (self.name, self.namespace))
            self.contents(cluster, values)
            release = cluster["releases"].setdefault((self.namespace, self.name), {"revisions": [], "objects": []})
            version, app = charts.VERSIONS[self.chart]
            asked = self.flags.last("version")
            if asked:
                version, app = asked, app if self.chart == "nats" else asked
            labels = dict(release["revisions"][-1]["labels"]) if release["revisions"] else {}
            labels.update(pair.partition("=")[::2] for pair in self.flags.split("labels"))
            release["revisions"].append({
                "labels": {key: text for key, text in labels.items() if text != "null"},
                "revision": len(release["revisions"]) + 1, "status": "pending-" + what, "chart": self.chart,
                "version": version, "app_version": app, "values": values, "updated": timestamp(),
                "description": "Preparing " + what if what == "upgrade" else "Initial install underway"})
            self.number = len(release["revisions"])

    def contents(self, cluster, values):
        """The chart's objects; refuses kinds that the cluster does not know, and objects that are another's."""
        try:
            made = charts.Contents(self.chart, self.name, self.namespace, values, cluster)
        except Refused as refusal:
            self.refuse(refusal.message)
        if not self.flags.on("skip-crds"):
            for definition in made.lasting_crds:
                if objects.get(cluster, kinds.CRDS, "", definition["metadata"]["name"]) is None:
                    objects.put(cluster, kinds.called(cluster, "crd"), "", definition)
        missing = []
        for thing in made.things:
            name, home = thing["metadata"]["name"], thing["metadata"].get("namespace", self.namespace)
            kind = kinds.of(cluster, thing["apiVersion"], thing["kind"])
            if kind is None and not any(d["spec"]["names"]["kind"] == thing["kind"] for d in made.crds):
                missing.append('resource mapping not found for name: "%s" namespace: "%s" from "": no matches for kind '
                               '"%s" in version "%s"\nensure CRDs are installed first'
                               % (name, home, thing["kind"], thing["apiVersion"]))
            there = kind and objects.get(cluster, kind.id, home if kind.namespaced else "", name)
            owner = (there or {}).get("metadata", {}).get("annotations", {})
            if there and (owner.get("meta.helm.sh/release-name"), owner.get("meta.helm.sh/release-namespace")) != (
                    self.name, self.namespace) and not self.flags.on("take-ownership"):
                # What has no namespace has an empty one here.
                home = home if kind.namespaced else ""
                self.refuse('Unable to continue with install: %s "%s" in namespace "%s" exists and cannot be imported into '
                            "the current release: invalid ownership metadata; label validation error: missing key "
                            '"app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing '
                            'key "meta.helm.sh/release-name": must be set to "%s"' % (thing["kind"], name, home, self.name))
        if missing:
            self.refuse("unable to build kubernetes objects from release manifest: " + (
                missing[0] if len(missing) == 1 else "[%s]" % ", ".join(missing)))
        return made

    def into_cluster(self, values):
        with self.open() as cluster:
            release = cluster["releases"].get((self.namespace, self.name))
            if release is None:
                self.refuse("release: not found")
            made = self.contents(cluster, values)
            places = []
            crds_first = sorted(made.things, key=lambda t: t["kind"] != "CustomResourceDefinition")
            for thing in crds_first:
                kind = objects.kind_of(cluster, thing)
                home = thing["metadata"].get("namespace", self.namespace) if kind.namespaced else ""
                owned = objects.merged(thing, {}, {"metadata": {
                    "labels": {"app.kubernetes.io/managed-by": "Helm"},
                    "annotations": {"meta.helm.sh/release-name": self.name,
                                    "meta.helm.sh/release-namespace": self.namespace}}})
                place = kind.id, home, thing["metadata"]["name"]
                places.append(place)
                try:
                    webhooks.check(cluster, kind, thing)
                    there = objects.get(cluster, *place)
                    if there is None:
                        objects.put(cluster, kind, home, owned)
                    else:
                        owned.pop("status", None)
                        objects.replace(cluster, kind, home, place[2], objects.merged(there, {}, owned))
                except Refused as refusal:
                    self.refuse(refusal.message.partition(": ")[2])
                if place in made.workloads:
                    cluster["workloads"][place] = made.workloads[place]
            for gone in [p for p in release["objects"] if p not in places and not _is_kept(cluster, p)]:
                objects.remove(cluster, *gone)
            release["objects"], release["job"] = places, made.job_crds
            # As `helm get manifest` shows it, also when some of it has been deleted since.
            release["revisions"][self.number - 1]["manifest"] = [
                {"apiVersion": t["apiVersion"], "kind": t["kind"], "metadata": {"name": t["metadata"]["name"]}}
                for t in made.things]
            if made.labels:
                objects.get(cluster, "namespaces", "", self.namespace)["metadata"]["labels"].update(made.labels)

    def wait(self):
        """Until all pods of the release are ready, or its time is over."""
        deadline = now() + self.call.patience(seconds(self.flags.last("timeout"), 300))
        while True:
            look = self.open()
            with look as cluster:
                release = cluster["releases"].get((self.namespace, self.name))
                if release is None:
                    self.refuse("release: not found")
                left = [place for place in release["objects"] if place in cluster["workloads"]
                        and not controllers.workload_ready(cluster, place[2], place)]
                due = controllers.pods_due(cluster, left)
            if not left:
                return
            if not look.pause(deadline, due):
                self.refuse("resource %s/%s/%s not ready. status: InProgress, message: context deadline exceeded"
                            % (left[0][0].partition("s.")[0].capitalize(), left[0][1], left[0][2]))

    def finish(self, status, description):
        with self.open() as cluster:
            release = cluster["releases"].get((self.namespace, self.name))
            if release is None:
                return
            for revision in release["revisions"]:
                if revision["revision"] == self.number:
                    revision["status"], revision["description"] = status, description
                elif status == "deployed" and revision["status"] == "deployed":
                    revision["status"] = "superseded"
            self.revision = release["revisions"][-1]

    def tell(self, what):
        if what == "upgrade" and self.flags.last("output", "table") == "table":
            sys.stdout.write('Release "%s" has been upgraded. Happy Helming!\n' % self.name)
        show_status(self.flags, self.namespace, self.name, self.revision)

    # uninstall and rollback

    def uninstall(self, words):
        if not words:
            need(words, 1, "uninstall RELEASE_NAME [...] [flags]")
        self.cluster_name = reached(self.call, self.world, self.flags)
        if self.call.hangs:
            self.call.hang()
        self.call.takes("helm uninstall")
        for name in words:
            with self.open() as cluster:
                release = cluster["releases"].get((self.namespace, name))
                if release is None:
                    if self.flags.on("ignore-not-found"):
                        sys.stdout.write("release \"%s\" uninstalled\n" % name)
                        continue
                    raise Refused("Error: uninstall: Release not loaded: %s: release: not found" % name)
                if not self.flags.on("dry-run"):
                    for place in release["objects"]:
                        if not _is_kept(cluster, place):
                            objects.remove(cluster, *place)
                    del cluster["releases"][self.namespace, name]
            sys.stdout.write('release "%s" uninstalled\n' % name)
        return 0

    def rollback(self, words):
        if not words:
            need(words, 1, "rollback <RELEASE> [REVISION] [flags]")
        self.name = words[0]
        self.cluster_name = reached(self.call, self.world, self.flags)
        if self.call.hangs:
            self.call.hang()
        with self.open() as cluster:
            release = cluster["releases"].get((self.namespace, self.name))
            if release is None:
                self.refuse("release: not found")
            revisions = release["revisions"]
            asked = int(words[1]) if len(words) > 1 else len(revisions) - 1
            wanted = next((r for r in revisions if r["revision"] == asked), None)
            if wanted is None:
                self.refuse("release has no %d version" % asked)
            revisions.append(dict(wanted, revision=len(revisions) + 1, status="pending-rollback", updated=timestamp()))
            for revision in revisions[:-1]:
                if revision["status"].startswith("pending"):
                    revision["status"] = "superseded"
            self.number, self.chart = len(revisions), wanted["chart"]
        self.call.takes("helm rollback", "helm upgrade")
        self.into_cluster(wanted["values"])
        if self.flags.last("wait", "false") != "false":
            self.wait()
        self.finish("deployed", "Rollback to %d" % asked)
        sys.stdout.write("Rollback was a success! Happy Helming!\n")
        return 0


def _is_kept(cluster, place):
    thing = objects.get(cluster, *place)
    return thing is not None and (thing["metadata"].get("annotations") or {}).get("helm.sh/resource-policy") == "keep"


_COMMANDS = {"upgrade": Release.upgrade, "install": Release.install, "uninstall": Release.uninstall,
             "rollback": Release.rollback}
