"""kubectl: which command it is, and those that change objects."""

import sys

import kubectl_flags
import kubernetes
import objects
from flags import Flags, command, parse, table
from recording import Refused


def hangs_midway(words):
    return False


def unknown(message, words):
    verb = command(words, table(kubectl_flags.EVERYWHERE))[1]
    return "error: %s\nSee 'kubectl%s --help' for usage." % (message, " " + verb if verb else ""), 1


def play(call, world):
    name, words = _named(call.words)
    given, words = parse(words, kubectl_flags.known(name))
    flags = Flags(given)
    words += given.get("--", []) if name != "exec" else []
    if name in _CHANGES:
        return Change(call, world, flags, name).play(words)
    if name == "version" or name.startswith("config"):
        import kubectl_about
        return kubectl_about.About(call, world, flags, name).play(words)
    import kubectl_look
    return kubectl_look.Look(call, world, flags, name).play(words)


def _named(words):
    """The command that the words mean, and all other words."""
    everywhere = table(kubectl_flags.EVERYWHERE)
    before, verb, after = command(words, everywhere)
    name = verb
    # Words of two or three: `rollout status`, `create secret generic`.
    for _ in range(2):
        longer = [c for c in kubectl_flags.commands() if c.startswith("%s " % name)]
        if not longer:
            break
        more, word, rest = command(after, everywhere)
        word = kubectl_flags.SAME.get(word, word)
        if word is not None and any((c + " ").startswith("%s %s " % (name, word)) for c in longer):
            before, name, after = before + more, "%s %s" % (name, word), rest
    if name not in kubectl_flags.commands():
        if verb in ("rollout", "config"):
            raise Refused('error: unknown command "%s"\nSee \'kubectl %s -h\' for help and examples'
                          % (command(after, everywhere)[1], verb))
        raise Refused('error: unknown command "%s" for "kubectl"' % verb if verb else "kubectl controls the Kubernetes "
                      "cluster manager.")
    return name, before + after


def reached(call, world, flags):
    try:
        return kubernetes.find(call, world, flags.last("context"))
    except kubernetes.Unreachable as error:
        if "does not exist" in error.message:
            # Two wordings of one thing: it depends on how far the command looks into its configuration.
            plain = any(word in ("apply", "create", "wait", "version") for word in call.words)
            raise Refused("error: " + error.message if plain else "Error in configuration: context was not found for "
                          "specified context: " + call.cluster) from None
        if "refused" in error.message:
            raise Refused("The connection to the server 0.0.0.0:6550 was refused - did you specify the right host or "
                          "port?") from None
        raise Refused("Unable to connect to the server: " + error.message.partition(": ")[2]) from None


def documents(call, flags):
    """The objects of all `-f`, lists taken apart."""
    found = []
    for path in flags.split("filename"):
        if path == "-":
            text = call.read_standard_input()
        else:
            try:
                with open(path) as file:
                    text = file.read()
            except OSError:
                raise Refused('error: the path "%s" does not exist' % path) from None
        import yaml_text
        try:
            read = yaml_text.read_all(text)
        except ValueError as error:
            raise Refused("error: error parsing %s: %s" % ("STDIN" if path == "-" else path, error)) from None
        for document in read:
            if isinstance(document, dict):
                found += (document.get("items") or []) if document.get("kind") == "List" else [document]
            elif document is not None:
                raise Refused("error: error validating \"STDIN\": error validating data: invalid object to validate")
    if not found:
        raise Refused("error: no objects passed to %s" % call.words[0] if "filename" in flags.given else
                      "error: must specify one of -f and -k")
    return found


def targets(cluster, words, flags, namespace):
    """What `kind name …`, `kind/name …` or `kind -l selector` mean: kind, namespace, name (None for all)."""
    import kubectl_names
    return kubectl_names.targets(cluster, words, flags, namespace)


class Change:
    def __init__(self, call, world, flags, name):
        self.call, self.world, self.flags, self.name = call, world, flags, name
        self.namespace = flags.last("namespace", "default")

    def play(self, words):
        if self.name == "apply" and words:
            raise Refused("error: Unexpected args: [%s]\nSee 'kubectl apply -h' for help and examples" % " ".join(words))
        if self.name == "patch" and not ("patch" in self.flags.given or "patch-file" in self.flags.given):
            raise Refused("error: must specify --patch or --patch-file containing the contents of the patch")
        cluster_name = reached(self.call, self.world, self.flags)
        if "filename" in self.flags.given:
            self.manifests = documents(self.call, self.flags)
        elif self.name in ("apply", "create"):
            raise Refused("error: must specify one of -f and -k")
        self.call.takes("kubectl " + self.name, "kubectl " + self.name.split()[0])
        change = kubernetes.Opened(self.call, self.world, cluster_name)
        self.dry = self.flags.last("dry-run", "none") != "none"
        try:
            with change as cluster:
                done = _CHANGES[self.name](self, cluster, words)
                if self.dry:
                    raise _DryRun
        except _DryRun:
            return 0
        if self.name == "delete" and self.flags.on("wait", True):
            import kubectl_look
            limit = self.call.patience(_timeout(self.flags, 600))
            kubectl_look.until_gone(self.call, self.world, cluster_name, done, limit)
        return 0

    def say(self, kind, name, what):
        output = self.flags.last("output")
        if output == "name":
            sys.stdout.write("%s/%s\n" % (kind.shown, name))
        elif not output:
            dry = " (dry run)" if self.dry else ""
            sys.stdout.write("%s/%s %s%s\n" % (kind.shown, name, what, dry))

    def show(self, cluster, kind, namespace, name):
        if self.flags.last("output") in ("json", "yaml"):
            import kubectl_look
            kubectl_look.show(objects.get(cluster, kind.id, namespace if kind.namespaced else "", name),
                              self.flags.last("output"))

    def home(self, manifest):
        own = (manifest.get("metadata") or {}).get("namespace")
        if own and "namespace" in self.flags.given and own != self.namespace:
            raise Refused('error: the namespace from the provided object "%s" does not match the namespace "%s". You '
                          "must pass '--namespace=%s' to perform this operation." % (own, self.namespace, own),
                          keeps_changes=True)
        return own or self.namespace

    # Commands

    def apply(self, cluster, words):
        self.each_manifest(cluster, self.apply_one)

    def each_manifest(self, cluster, one):
        """All of them, also after one was refused, as kubectl does."""
        refusals = []
        for manifest in self.manifests:
            try:
                import webhooks
                kind = objects.kind_of(cluster, manifest)
                home = self.home(manifest)
                webhooks.check(cluster, kind, manifest)
                one(cluster, kind, home, manifest)
            except Refused as refusal:
                if not refusal.keeps_changes:
                    raise
                refusals.append(refusal.message)
        if refusals:
            raise Refused("\n".join(dict.fromkeys(refusals)), keeps_changes=True)

    def apply_one(self, cluster, kind, home, manifest):
        name = manifest["metadata"]["name"]
        place = (kind.id, home if kind.namespaced else "", name)
        if objects.get(cluster, *place) is not None and place not in cluster["applied"]:
            sys.stderr.write("Warning: resource %s/%s is missing the kubectl.kubernetes.io/last-applied-configuration "
                             "annotation which is required by kubectl apply.\n" % (kind.id, name))
        self.say(kind, name, objects.apply(cluster, kind, home, manifest))
        self.show(cluster, kind, home, name)

    def create(self, cluster, words):
        def one(cluster, kind, home, manifest):
            objects.put(cluster, kind, home, manifest, "STDIN")
            self.say(kind, manifest["metadata"]["name"], "created")
            self.show(cluster, kind, home, manifest["metadata"]["name"])
        self.each_manifest(cluster, one)

    def create_named(self, cluster, words):
        import kubectl_create
        kubectl_create.create(self, cluster, words)

    def delete(self, cluster, words):
        gone, refusals = [], []
        if "filename" in self.flags.given:
            places = []
            for manifest in self.manifests:
                try:
                    kind = objects.kind_of(cluster, manifest)
                    places.append((kind, self.home(manifest), manifest["metadata"]["name"]))
                except Refused as refusal:
                    refusals.append(refusal.message)
        else:
            places = targets(cluster, words, self.flags, self.namespace)
        for kind, home, name in places:
            home = home if kind.namespaced else ""
            if objects.get(cluster, kind.id, home, name) is None:
                if not self.flags.on("ignore-not-found"):
                    refusals.append('Error from server (NotFound): %s%s "%s" not found' % (
                        'error when deleting "STDIN": ' if "filename" in self.flags.given else "", kind.id, name))
                continue
            if kind.id == "namespaces":
                if name in ("default", "kube-system", "kube-public"):
                    refusals.append('Error from server (Forbidden): namespaces "%s" is forbidden: this namespace may not '
                                    "be deleted" % name)
                    continue
                objects.get(cluster, kind.id, "", name)["status"]["phase"] = "Terminating"
            else:
                objects.remove(cluster, kind.id, home, name)
            gone.append((kind.id, home, name))
            shown = "%s/%s" % (kind.shown, name) if self.flags.last("output") == "name" else '%s "%s" deleted%s' % (
                kind.shown, name, " from %s namespace" % home if home else "")
            sys.stdout.write(shown + (" (dry run)" if self.dry else "") + "\n")
        if refusals:
            raise Refused("\n".join(refusals), keeps_changes=True)
        return gone

    def label(self, cluster, words):
        place = "labels" if self.name == "label" else "annotations"
        pairs = [w for w in words if "=" in w or w.endswith("-")]
        if not pairs:
            raise Refused("error: at least one %s update is required" % place[:-1])
        named = self.labelled(cluster) if "filename" in self.flags.given else targets(
            cluster, [w for w in words if w not in pairs], self.flags, self.namespace)
        for kind, home, name in named:
            thing = objects.exact(cluster, kind, home, name)
            now = dict(thing["metadata"].get(place) or {})
            for pair in pairs:
                key, equals, text = pair.partition("=")
                if not equals:
                    now.pop(key[:-1], None)
                elif key in now and now[key] != text and not self.flags.on("overwrite"):
                    held = "'%s' already has a value (%s)" % (key, now[key])
                    raise Refused("error: %s, and --overwrite is false" % held if place == "labels" else
                                  "error: --overwrite is false but found the following declared annotation(s): " + held)
                else:
                    now[key] = text
            changed = dict(thing, metadata=dict(thing["metadata"], **{place: now}))
            differs = objects.replace(cluster, kind, home, name, changed)
            done = "labeled" if place == "labels" else "annotated"
            self.say(kind, name, done if differs or place == "annotations" else "not labeled")
            self.show(cluster, kind, home, name)

    def labelled(self, cluster):
        """The objects of a manifest: kind, namespace, name."""
        kinds_of = [(objects.kind_of(cluster, manifest), manifest) for manifest in self.manifests]
        return [(kind, self.home(manifest) if kind.namespaced else "", manifest["metadata"]["name"])
                for kind, manifest in kinds_of]

    def patch(self, cluster, words):
        import patching
        text = self.flags.last("patch")
        if text is None:
            path = self.flags.last("patch-file")
            text = self.call.read_standard_input() if path in ("-", "/dev/stdin") else open(path).read()
        for kind, home, name in targets(cluster, words, self.flags, self.namespace):
            thing = objects.exact(cluster, kind, home, name)
            changed = patching.patched(thing, text, self.flags.last("type", "strategic"), kind)
            differs = objects.replace(cluster, kind, home, name, changed)
            self.say(kind, name, "patched" if differs else "patched (no change)")
            self.show(cluster, kind, home, name)

    def scale(self, cluster, words):
        for kind, home, name in targets(cluster, words, self.flags, self.namespace):
            thing = objects.exact(cluster, kind, home, name)
            wanted = int(self.flags.last("replicas", "-1"))
            if wanted < 0:
                raise Refused("error: the --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0")
            objects.replace(cluster, kind, home, name, dict(thing, spec=dict(thing["spec"], replicas=wanted)))
            self.say(kind, name, "scaled")

    def restart(self, cluster, words):
        import controllers
        for kind, home, name in targets(cluster, words, self.flags, self.namespace):
            for pod in controllers.pods_of(cluster, objects.exact(cluster, kind, home, name)):
                objects.remove(cluster, "pods", home, pod["metadata"]["name"])
            self.say(kind, name, "restarted")


class _DryRun(Exception):
    """Ends a change without keeping it."""


def _timeout(flags, otherwise):
    from flags import seconds
    limit = seconds(flags.last("timeout"), 0)
    return limit if limit > 0 else otherwise


_CHANGES = {"apply": Change.apply, "create": Change.create, "create namespace": Change.create_named,
            "create secret generic": Change.create_named, "create configmap": Change.create_named,
            "create serviceaccount": Change.create_named, "delete": Change.delete, "label": Change.label,
            "annotate": Change.label, "patch": Change.patch, "scale": Change.scale, "rollout restart": Change.restart}
