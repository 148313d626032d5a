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
    `step of others`: of all other clusters.
    `step of NAME`: the one that is apart by this name, of the same cluster where it is about one.
    """

    def __init__(self, text):
        self.text = text
        text, _, phase = text.partition(", ")
        self.step, _, self.whose = text.partition(" of ")
        self.phase = phase or "done"


# `api`: before k3d has replaced the load balancer (`edit`) and it answers again, nothing can be asked of a cluster.
# `looked around`: what somebody else has made is left alone, so all looks come before the first change.
# `crds`: kubectl and helm refuse objects of kinds that the cluster does not know.
# `injection`: the mesh's proxy gets into a pod when it is created, or not at all, so its injector must run by then.
LOOKED_AROUND = ["releases known", "namespaces known", "kinds known"]
FOR_SERVERS = ["control plane", "prometheus, applied", "namespace of nats", "repository of nats"]
STEPS = [
    # Whether it runs at all.
    Step("docker known", r"^docker version ", "docker"),
    # Looked at first, because creating a cluster or a network that exists fails.
    Step("clusters known", r"^k3d cluster list", "k3d cluster list"),
    Step("network known", r"^docker network inspect", "docker"),
    Step("network", r"^docker network create", "docker"),
    # k3d makes the network where it is missing, but two at once would make two of the same name.
    Step("cluster", r"^k3d cluster create", "k3d cluster create", ["clusters known of all", "network of all"]),
    # k3d reads the kubeconfig, and writes it as a whole: two at once would lose a context.
    Step("context", r"^k3d kubeconfig merge (?P<own>\S+)", None, ["cluster"], one_at_a_time=True),
    # A port that is open already must not be opened again.
    Step("ports known", r"^docker port k3d-(?P<own>\S+)-serverlb\n", "docker", ["cluster"]),
    Step("edit", r"^k3d cluster edit", "k3d cluster edit", ["ports known"]),
    Step("api", r"^kubectl get namespaces --context \S+\n", "kubectl get", ["edit", "context"]),

    Step("releases known", r"^helm list --all-namespaces ", "helm list", ["api"]),
    Step("namespaces known", r"^kubectl get namespaces --context \S+ -o json\n", "kubectl get", ["api"]),
    Step("kinds known", r"^kubectl get crds ", "kubectl get", ["api"]),
    # looked around. What these two tell, a look around could tell of all at once: nothing has to wait for them.
    Step("namespace known", r"^kubectl get namespaces --field-selector metadata.name=(?P<peer>\S+) ", "kubectl get", ["api"]),
    Step("release known", r"^helm list --namespace \S+ --filter \^(?P<peer>\S+)\$ ", "helm list", ["api"]),
    Step("namespace", r"^kubectl apply .*\"kind\":\"Namespace\",\"metadata\":{\"name\":\"(?P<peer>[^\"]+)\"", "kubectl apply",
         LOOKED_AROUND),

    # helm locks the file of its repositories while it fetches a list of charts.
    Step("repository", r"^helm repo add (?P<peer>\S+)", "helm repo", one_at_a_time=True),
    Step("repositories known", r"^helm repo list", None),

    Step("cert-manager", r"^helm upgrade .*jetstack/cert-manager ", "helm upgrade",
         ["namespace of cert-manager", "repository of jetstack"], ready=["cert-manager"]),
    # The chart makes an Issuer and a Certificate: kinds of cert-manager's, which its webhook has to approve.
    Step("trust-manager", r"^helm upgrade .*jetstack/trust-manager ", "helm upgrade",
         ["cert-manager"], ready=["trust-manager"]),
    # As above: issuers and certificates; and an account in linkerd's namespace.
    Step("authorities", r"^kubectl apply .*\"kind\":\"ClusterIssuer\"", "kubectl apply",
         ["cert-manager", "namespace of linkerd"]),
    # The anchor is signed by an issuer, the certificate of linkerd's identity service by the anchor.
    Step("anchor issued", r"^kubectl wait .*certificate/linkerd-trust-anchor ", "kubectl wait",
         ["authorities, applied"], ready=["issuer", "certificate"]),
    Step("identity issued", r"^kubectl wait .*certificate/linkerd-identity-issuer ", "kubectl wait",
         ["authorities, applied"], ready=["issuer", "certificate", "issuer", "certificate"]),
    # A root that is kept already must stay as it is.
    Step("previous known", r"^kubectl get secret linkerd-previous-anchor ", "kubectl get", ["api"]),
    Step("anchor", r"^kubectl get secret linkerd-trust-anchor ", "kubectl get", ["anchor issued"]),
    # The content of these is what was read.
    Step("previous", r"^kubectl apply .*\"kind\":\"Secret\".*\"linkerd-previous-anchor\"", "kubectl apply",
         ["previous known", "anchor", "namespace of cert-manager"]),
    Step("root", r"^kubectl apply .*\"kind\":\"Secret\".*\"linkerd-trust-anchor-(?P<peer>[^\"]+)\"", "kubectl apply",
         ["anchor of peer", "namespace of cert-manager"]),
    Step("roots known", r"^kubectl get secrets ", "kubectl get", ["root", "previous"]),
    # Its sources are read, and those that are missing added. trust-manager's webhook has to approve it; one that names
    # a secret which is not there is not spread.
    Step("bundle known", r"^kubectl get bundles ", "kubectl get", ["trust-manager, applied"]),
    Step("bundle", r"^kubectl apply .*\"kind\":\"Bundle\".*\"linkerd-trust-anchor-", "kubectl apply",
         ["trust-manager", "bundle known", "root", "previous"]),
    Step("bundle spread", r"^kubectl get configmap linkerd-identity-trust-roots ", "kubectl get", ["bundle, applied"], ready=["bundle"]),

    # Kinds that somebody has brought already, helm refuses to take over.
    Step("mesh crds", r"^helm upgrade .*/linkerd-crds ", "helm upgrade",
         ["kinds known", "namespace of linkerd", "repository of linkerd-edge"], ready=[""]),
    # crds. A proxy reads the roots that it trusts once, when it starts: all have to be there before the first one.
    Step("control plane", r"^helm upgrade .*/linkerd-control-plane ", "helm upgrade",
         ["mesh crds, applied", "bundle spread", "identity issued"], ready=["linkerd-control-plane"]),
    # crds and injection, of the gateway.
    Step("multicluster", r"^helm upgrade .*/linkerd-multicluster ", "helm upgrade",
         ["control plane", "namespace of linkerd-multicluster"], ready=["linkerd-multicluster"]),
    Step("gateway known", r"^kubectl get service linkerd-gateway ", "kubectl get", ["multicluster, applied"]),
    # It reads the token of an account that comes with multicluster, as do the links' kind and namespace.
    Step("invitation", r"^linkerd multicluster link-gen .*--context k3d-(?P<own>\S+)", "linkerd",
         ["multicluster, applied"]),
    Step("link", r"^kubectl apply .*kind: Link\n.*targetClusterName: \"?(?P<peer>[^\"\n]+)", "kubectl apply",
         ["invitation of peer", "multicluster, applied"]),

    Step("prometheus", r"^helm upgrade .*/kube-prometheus-stack ", "helm upgrade",
         ["namespace of prometheus", "repository of prometheus-community"], ready=["kube-prometheus-stack"]),
    # crds.
    Step("prometheus marked", r"^kubectl label crd prometheuses", "kubectl label", ["prometheus, applied"]),
    Step("monitors known", r"^kubectl get crd podmonitors", "kubectl get", ["prometheus, applied"]),
    # crds: these three make PodMonitors. The other two are injected, and so are viz' own pods.
    Step("mesh monitors", r"^kubectl apply .*\"kind\":\"PodMonitor\"", "kubectl apply", ["prometheus, applied"]),
    Step("viz", r"^helm upgrade .*/linkerd-viz ", "helm upgrade",
         ["control plane", "namespace of linkerd-viz"], ready=["linkerd-viz"]),
    Step("ingress", r"^helm upgrade .*haproxytech/kubernetes-ingress ", "helm upgrade",
         ["control plane", "prometheus, applied", "namespace of haproxy-ingress", "repository of haproxytech"],
         ready=["kubernetes-ingress"]),
    # crds: TCP is a kind of HAProxy's, which a Job of the chart makes when the pods are ready.
    Step("tcp known", r"^kubectl get crd tcps", "kubectl get", ["ingress"], ready=[""]),
    Step("tcp marked", r"^kubectl label crd tcps", "kubectl label", ["tcp known"]),
    Step("entries", r"^kubectl apply .*\"kind\":\"TCP\"", "kubectl apply", ["tcp known", "namespace of nats"]),
    # Whether some of the servers have run before: then new ones wait for these to learn of them.
    Step("elders known", r"^helm (list --namespace nats --deployed|get values) ", "helm list", ["api"]),
    Step("stretched servers", r"^helm upgrade --install xr-js nats/nats ", "helm upgrade", FOR_SERVERS, ready=["nats"]),
    Step("servers", r"^helm upgrade --install (?P<peer>\S+) nats/nats ", "helm upgrade", FOR_SERVERS, ready=["nats"]),
    # Services of these alone are mirrored, where links are that controllers follow.
    Step("mirrors", r"^kubectl get services --namespace nats ", "kubectl get",
         ["link, applied", "multicluster", "stretched servers of others, applied"], ready=["mirror"]),
    Step("host port", r"^docker port k3d-(?P<own>\S+)-serverlb 4222\n", "docker", ["edit"]),
]
