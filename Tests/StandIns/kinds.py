"""Which kinds of objects there are: those of every cluster, and those that its CRDs bring."""

# kind, plural, API version, short names; a leading `*` says that it has no namespace.
_EVERYWHERE = """
*Namespace namespaces v1 ns
*Node nodes v1 no
*PersistentVolume persistentvolumes v1 pv
ConfigMap configmaps v1 cm
Endpoints endpoints v1 ep
Event events v1 ev
PersistentVolumeClaim persistentvolumeclaims v1 pvc
Pod pods v1 po
Secret secrets v1
Service services v1 svc
ServiceAccount serviceaccounts v1 sa
Deployment deployments apps/v1 deploy
StatefulSet statefulsets apps/v1 sts
DaemonSet daemonsets apps/v1 ds
Job jobs batch/v1
CronJob cronjobs batch/v1 cj
Role roles rbac.authorization.k8s.io/v1
RoleBinding rolebindings rbac.authorization.k8s.io/v1
*ClusterRole clusterroles rbac.authorization.k8s.io/v1
*ClusterRoleBinding clusterrolebindings rbac.authorization.k8s.io/v1
Ingress ingresses networking.k8s.io/v1 ing
*IngressClass ingressclasses networking.k8s.io/v1
NetworkPolicy networkpolicies networking.k8s.io/v1 netpol
PodDisruptionBudget poddisruptionbudgets policy/v1 pdb
EndpointSlice endpointslices discovery.k8s.io/v1
*StorageClass storageclasses storage.k8s.io/v1 sc
*CustomResourceDefinition customresourcedefinitions apiextensions.k8s.io/v1 crd crds
*ValidatingWebhookConfiguration validatingwebhookconfigurations admissionregistration.k8s.io/v1
*MutatingWebhookConfiguration mutatingwebhookconfigurations admissionregistration.k8s.io/v1
*APIService apiservices apiregistration.k8s.io/v1
"""


class Kind:
    def __init__(self, kind, plural, group, versions, namespaced, names):
        self.kind, self.plural, self.group, self.versions = kind, plural, group, versions
        self.namespaced, self.names = namespaced, names
        self.id = plural + "." + group if group else plural
        self.singular = kind.lower()
        # As kubectl writes it before a name.
        self.shown = self.singular + "." + group if group else self.singular


def _everywhere():
    kinds = []
    for line in _EVERYWHERE.split("\n")[1:-1]:
        kind, plural, version, *names = line.split()
        group, _, number = version.rpartition("/")
        bare = kind.lstrip("*")
        kinds.append(Kind(bare, plural, group, [number], bare == kind, [bare.lower(), plural] + names))
    return kinds


_KINDS = _everywhere()
CRDS = "customresourcedefinitions.apiextensions.k8s.io"


def custom(definition):
    """The kind that a CRD brings."""
    spec = definition["spec"]
    names = spec["names"]
    kind = Kind(names["kind"], names["plural"], spec["group"], [v["name"] for v in spec["versions"]],
                spec["scope"] == "Namespaced",
                [names.get("singular", names["kind"].lower()), names["plural"]] + names.get("shortNames", []))
    return kind


def _all(cluster):
    yield from _KINDS
    for definition in cluster["objects"].get(CRDS, {}).get("", {}).values():
        yield custom(definition)


def called(cluster, word):
    """The kind that a person calls so: `secret`, `svc`, `certificates.cert-manager.io`; None if there is none."""
    name, _, group = word.lower().partition(".")
    for kind in _all(cluster):
        if name in kind.names and (not group or group == kind.group or group.partition(".")[2] == kind.group):
            return kind
    return None


def of(cluster, api_version, kind_name):
    """The kind of an object with this header; None if the cluster does not know it."""
    group, _, version = api_version.rpartition("/")
    for kind in _KINDS:
        if kind.kind == kind_name and kind.group == group:
            return kind if version in kind.versions else None
    for definition in cluster["objects"].get(CRDS, {}).get("", {}).values():
        spec = definition["spec"]
        if spec["group"] == group and spec["names"]["kind"] == kind_name:
            kind = custom(definition)
            return kind if version in kind.versions else None
    return None


def definition(line):
    """A CRD from a line such as `Certificate certificates cert-manager.io/v1 cert`."""
    name, plural, version, *short = line.split()
    kind = name.lstrip("*")
    group, _, number = version.rpartition("/")
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "%s.%s" % (plural, group)},
        "spec": {"group": group, "scope": "Namespaced" if kind == name else "Cluster",
                 "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "shortNames": short},
                 "versions": [{"name": number, "served": True, "storage": True}]},
        "status": {"conditions": [{"type": "Established", "status": "True"}]}}
