"""What must follow what while the sandbox is set up on Kubernetes: facts about the programs, not about any recipe.

A need that were none would make the longest chain longer than it is, and the bound on nbx easier to reach. So each has
its reason, and of a helm release that is waited for it says how much is needed: that its objects are `applied`, or that
its pods are ready.
"""

import re


class Step:
    """A kind of command.

    `pattern` finds its calls by command line and standard input. A group called `own` is the cluster that a call is
    about where it does not say so by its context, `peer` another cluster, or whatever else sets calls of this step
    apart. `takes` is its row in the stand-ins' table of times; `ready` are the rows of what happens by itself
    after its needs are met, where it waits for that: helm begins to wait when it has handed over its objects.
    """

    def __init__(self, name, pattern, takes, needs=(), ready=(), one_at_a_time=False):
        self.name = name
        self.pattern = re.compile(pattern, re.DOTALL)
        self.takes = takes
        self.needs = [Need(text) for text in needs]
        self.ready = ready
        self.one_at_a_time = one_at_a_time


class Need:
    """`step`: of the same cluster, done; of several all.

    `step, applied`: its objects are in the cluster, its pods may not be ready.
    `step of peer`: of the cluster that the call is about. `step of all`: of all clusters.
    `step of NAME`: the one that is apart by this name.
    """

    def __init__(self, text):
        self.text = text
        text, _, phase = text.partition(", ")
        self.step, _, self.whose = text.partition(" of ")
        self.phase = phase or "done"


# `api`: before k3d has replaced the load balancer (`edit`) and it answers again, nothing can be asked of a cluster.
# `crds`: kubectl and helm refuse objects of kinds that the cluster does not know.
# `injection`: the mesh's proxy gets into a pod when it is created, or not at all, so its injector must run by then.
STEPS = [
    # Looked at first, because creating a cluster or a network that exists fails.
    Step("clusters known", r"^k3d cluster list", "k3d cluster list"),
    Step("network known", r"^docker network inspect", "docker"),
    Step("network", r"^docker network create", "docker"),
    # k3d makes the network where it is missing, but two at once would make two of the same name.
    Step("cluster", r"^k3d cluster create", "k3d cluster create", ["clusters known of all", "network of all"]),
    # k3d reads the kubeconfig, and writes it as a whole: two at once would lose a context.
    Step("context", r"^k3d kubeconfig merge (?P<own>\S+)", "", ["cluster"], one_at_a_time=True),
    # A port that is open already must not be opened again.
    Step("ports known", r"^docker port k3d-(?P<own>\S+)-serverlb\n", "docker", ["cluster"]),
    Step("edit", r"^k3d cluster edit", "k3d cluster edit", ["ports known"]),
    Step("api", r"^kubectl get namespaces ", "kubectl get", ["edit", "context"]),

    # helm locks the file of its repositories while it fetches a list of charts.
    Step("repository", r"^helm repo add (?P<peer>\S+)", "helm repo", one_at_a_time=True),
    Step("repositories known", r"^helm repo list", None),

    Step("cert-manager", r"^helm upgrade .*jetstack/cert-manager ", "helm upgrade",
         ["api", "repository of jetstack"], ready=["cert-manager"]),
    # The chart makes an Issuer and a Certificate: kinds of cert-manager's, which its webhook has to approve.
    Step("trust-manager", r"^helm upgrade .*jetstack/trust-manager ", "helm upgrade",
         ["cert-manager"], ready=["trust-manager"]),
    # As above: issuers and certificates.
    Step("authorities", r"^kubectl apply .*\"kind\":\"ClusterIssuer\"", "kubectl apply", ["cert-manager"]),
    # The anchor is signed by an issuer, the certificate of linkerd's identity service by the anchor.
    Step("anchor issued", r"^kubectl wait .*certificate/linkerd-trust-anchor ", "kubectl wait",
         ["authorities, applied"], ready=["issuer", "certificate"]),
    Step("identity issued", r"^kubectl wait .*certificate/linkerd-identity-issuer ", "kubectl wait",
         ["authorities, applied"], ready=["issuer", "certificate", "issuer", "certificate"]),
    # A root that is kept already must stay as it is.
    Step("previous known", r"^kubectl get secret linkerd-previous-anchor ", "kubectl get", ["api"]),
    Step("anchor", r"^kubectl get secret linkerd-trust-anchor ", "kubectl get", ["anchor issued"]),
    # The content of these is what was read; their namespace comes with cert-manager.
    Step("previous", r"^kubectl apply .*\"kind\":\"Secret\".*\"linkerd-previous-anchor\"", "kubectl apply",
         ["previous known", "anchor"]),
    Step("root", r"^kubectl apply .*\"kind\":\"Secret\".*\"linkerd-trust-anchor-(?P<peer>[^\"]+)\"", "kubectl apply",
         ["anchor of peer", "cert-manager, applied"]),
    Step("roots known", r"^kubectl get secrets ", "kubectl get", ["root", "previous"]),
    # Its sources are read, and those that are missing added. trust-manager's webhook has to approve it; one that names
    # a secret which is not there is not spread.
    Step("bundle known", r"^kubectl get bundles ", "kubectl get", ["trust-manager, applied"]),
    Step("own bundle", r"^kubectl apply .*\"kind\":\"Bundle\"(?!.*\"linkerd-trust-anchor-)", "kubectl apply",
         ["trust-manager", "previous"]),
    Step("bundle", r"^kubectl apply .*\"kind\":\"Bundle\".*\"linkerd-trust-anchor-", "kubectl apply",
         ["trust-manager", "bundle known", "root", "previous"]),
    Step("bundle spread", r"^kubectl get configmap linkerd-identity-trust-roots ", "kubectl get", ["bundle, applied"], ready=["bundle"]),

    Step("mesh crds", r"^helm upgrade .*/linkerd-crds ", "helm upgrade", ["api", "repository of linkerd-edge"], ready=[""]),
    # crds. A proxy reads the roots that it trusts once, when it starts: all have to be there before the first one.
    Step("control plane", r"^helm upgrade .*/linkerd-control-plane ", "helm upgrade",
         ["mesh crds, applied", "bundle spread", "identity issued"], ready=["linkerd-control-plane"]),
    # crds and injection, of the gateway.
    Step("multicluster", r"^helm upgrade .*/linkerd-multicluster ", "helm upgrade",
         ["control plane"], ready=["linkerd-multicluster"]),
    Step("gateway known", r"^kubectl get service linkerd-gateway ", "kubectl get", ["multicluster, applied"]),
    # It reads the token of an account that comes with multicluster, as do the links' kind and namespace.
    Step("invitation", r"^linkerd multicluster link-gen .*--context k3d-(?P<own>\S+)", "linkerd",
         ["multicluster, applied"]),
    Step("link", r"^kubectl apply .*kind: Link\n.*targetClusterName: \"?(?P<peer>[^\"\n]+)", "kubectl apply",
         ["invitation of peer", "multicluster, applied"]),

    Step("prometheus", r"^helm upgrade .*/kube-prometheus-stack ", "helm upgrade",
         ["api", "repository of prometheus-community"], ready=["kube-prometheus-stack"]),
    Step("monitors known", r"^kubectl get crd podmonitors", "kubectl get", ["prometheus, applied"]),
    # crds: these three make PodMonitors. The other two are injected, and so are viz' own pods.
    Step("mesh monitors", r"^kubectl apply .*\"kind\":\"PodMonitor\"", "kubectl apply", ["prometheus, applied"]),
    Step("viz", r"^helm upgrade .*/linkerd-viz ", "helm upgrade", ["control plane"], ready=["linkerd-viz"]),
    Step("ingress namespace", r"^kubectl apply .*\"name\":\"haproxy-ingress\"", "kubectl apply", ["api"]),
    Step("ingress", r"^helm upgrade .*haproxytech/kubernetes-ingress ", "helm upgrade",
         ["control plane", "prometheus, applied", "ingress namespace"], ready=["kubernetes-ingress"]),
    # crds: TCP is a kind of HAProxy's.
    Step("entries", r"^kubectl apply .*\"kind\":\"TCP\"", "kubectl apply", ["ingress, applied"]),
    Step("nats namespace", r"^kubectl apply .*\"kind\":\"Namespace\".*\"name\":\"nats\"", "kubectl apply", ["api"]),
    Step("servers", r"^helm upgrade .*nats/nats ", "helm upgrade",
         ["control plane", "prometheus, applied", "nats namespace"], ready=["nats"]),
    # Services are mirrored where links are that controllers follow, from where servers are.
    Step("mirrors", r"^kubectl get services --namespace nats ", "kubectl get",
         ["link, applied", "multicluster", "servers of all, applied"], ready=["mirror"]),
    Step("host port", r"^docker port k3d-(?P<own>\S+)-serverlb 4222\n", "docker", ["edit"]),
]
