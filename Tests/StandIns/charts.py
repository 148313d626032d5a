"""What each chart of the sandbox puts into a cluster, and what it needs to find there."""

import objects
import kinds
from recording import Refused

REPOSITORIES = {
    "jetstack": ("https://charts.jetstack.io", "cert-manager trust-manager"),
    "haproxytech": ("https://haproxytech.github.io/helm-charts", "kubernetes-ingress haproxy"),
    "prometheus-community": ("https://prometheus-community.github.io/helm-charts", "kube-prometheus-stack prometheus"),
    "linkerd-edge": ("https://helm.linkerd.io/edge",
                     "linkerd-crds linkerd-control-plane linkerd-multicluster linkerd-viz"),
    "linkerd": ("https://helm.linkerd.io/stable", "linkerd-crds linkerd-control-plane linkerd-multicluster linkerd-viz"),
    "nats": ("https://nats-io.github.io/k8s/helm/charts", "nats nack surveyor"),
}

# Where mirrors of them are, each below its name.
MIRROR = "https://mirror.test/"


def served(address):
    """The names of the charts at an address; None where there is no repository."""
    for name, (known, names) in REPOSITORIES.items():
        if address.rstrip("/") in (known.rstrip("/"), MIRROR + name):
            return names.split()
    return None


# The version that `helm` takes if none is asked for, and the version of what is in it.
VERSIONS = {
    "cert-manager": ("v1.17.2", "v1.17.2"), "trust-manager": ("v0.17.1", "v0.17.1"),
    "linkerd-crds": ("2025.4.4", ""), "linkerd-control-plane": ("2025.4.4", "edge-25.4.4"),
    "linkerd-multicluster": ("2025.4.4", "edge-25.4.4"), "linkerd-viz": ("2025.4.4", "edge-25.4.4"),
    "kube-prometheus-stack": ("72.6.2", "v0.82.2"), "kubernetes-ingress": ("1.44.3", "3.1.7"), "nats": ("1.3.7", "2.11.4"),
}

_CERT_MANAGER = """Certificate certificates cert-manager.io/v1 cert certs
CertificateRequest certificaterequests cert-manager.io/v1 cr crs
Issuer issuers cert-manager.io/v1
*ClusterIssuer clusterissuers cert-manager.io/v1
Order orders acme.cert-manager.io/v1
Challenge challenges acme.cert-manager.io/v1"""
_LINKERD = """ServiceProfile serviceprofiles linkerd.io/v1alpha2 sp
Server servers policy.linkerd.io/v1beta3 srv
ServerAuthorization serverauthorizations policy.linkerd.io/v1beta1 saz
AuthorizationPolicy authorizationpolicies policy.linkerd.io/v1alpha1 authzpolicy
MeshTLSAuthentication meshtlsauthentications policy.linkerd.io/v1alpha1 meshtlsauthn
NetworkAuthentication networkauthentications policy.linkerd.io/v1alpha1 netauthn
ExternalWorkload externalworkloads workload.linkerd.io/v1beta1"""
_GATEWAY_API = """HTTPRoute httproutes gateway.networking.k8s.io/v1
GRPCRoute grpcroutes gateway.networking.k8s.io/v1"""
_MONITORING = """Alertmanager alertmanagers monitoring.coreos.com/v1 am
PodMonitor podmonitors monitoring.coreos.com/v1 pmon
Probe probes monitoring.coreos.com/v1 prb
Prometheus prometheuses monitoring.coreos.com/v1 prom
PrometheusRule prometheusrules monitoring.coreos.com/v1 promrule
ServiceMonitor servicemonitors monitoring.coreos.com/v1 smon"""
_HAPROXY = """TCP tcps ingress.v1.haproxy.org/v1
Backend backends ingress.v1.haproxy.org/v1
Defaults defaults ingress.v1.haproxy.org/v1
Global globals ingress.v1.haproxy.org/v1"""


class Contents:
    """What a release of a chart consists of: objects, and for those with pods what these wait for."""

    def __init__(self, chart, release, namespace, values, cluster):
        self.chart, self.release, self.namespace, self.values, self.cluster = chart, release, namespace, values, cluster
        # CRDs that are templates like all else; those in the chart's folder `crds`, which helm does not take for a part
        # of the release; those that a Job of the chart makes once the pods are ready.
        self.crds, self.lasting_crds, self.job_crds = [], [], []
        self.things, self.workloads, self.labels = [], {}, {}
        _CHARTS[chart](self)
        self.things += self.crds

    def value(self, path, otherwise=None):
        found = self.values
        for name in path.split("."):
            if not isinstance(found, dict) or found.get(name) is None:
                return otherwise
            found = found[name]
        return found

    def add(self, header, name, merge=None, namespace=None, **fields):
        """`header` is `v1 Secret`; `merge` is laid over the object, as some charts' values ask."""
        version, kind = header.split()
        thing = dict({"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {
            "app.kubernetes.io/instance": self.release, "app.kubernetes.io/name": self.chart}}}, **fields)
        if namespace or self.namespaced(version, kind):
            thing["metadata"]["namespace"] = namespace or self.namespace
        self.things.append(objects.merged(thing, {}, merge or {}))
        return self.things[-1]

    def namespaced(self, version, kind):
        found = kinds.of(self.cluster, version, kind)
        return found is None or found.namespaced

    def runs(self, name, kind="Deployment", replicas=1, needs=(), containers=None, annotations=None, component=None):
        labels = {"app.kubernetes.io/instance": self.release, "app.kubernetes.io/name": self.chart,
                  "app.kubernetes.io/component": component or name}
        self.add("apps/v1 " + kind, name, spec={
            "replicas": replicas, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels, "annotations": annotations or {}}}}, status={})
        plural = kind.lower() + "s.apps"
        self.workloads[plural, self.namespace, name] = {
            "chart": self.chart, "needs": list(needs), "containers": containers or [name]}

    def serves(self, name, *ports, **spec):
        return self.add("v1 Service", name, spec=dict({"ports": [{"port": p} for p in ports]}, **spec))


def _lines(text):
    return [kinds.definition(line) for line in text.split("\n")]


def _kept(definitions):
    """With the word for helm to leave them when the release goes."""
    return [objects.merged(d, {}, {"metadata": {"annotations": {"helm.sh/resource-policy": "keep"}}}) for d in definitions]


def _cert_manager(made):
    if made.value("crds.enabled") is True or made.value("installCRDs") is True:
        made.crds += (_kept if made.value("crds.keep", True) else list)(_lines(_CERT_MANAGER))
    needs = [(kinds.CRDS, "", "certificates.cert-manager.io")]
    for name in ("cert-manager", "cert-manager-cainjector", "cert-manager-webhook"):
        made.runs(name, needs=needs)
        made.add("v1 ServiceAccount", name)
    made.serves("cert-manager-webhook", 443)


def _trust_manager(made):
    if made.value("crds.enabled", True):
        made.crds += _kept(_lines("*Bundle bundles trust.cert-manager.io/v1alpha1"))
    made.add("cert-manager.io/v1 Issuer", "trust-manager", spec={"selfSigned": {}})
    made.add("cert-manager.io/v1 Certificate", "trust-manager", spec={
        "commonName": "trust-manager.cert-manager.svc", "secretName": "trust-manager-tls",
        "issuerRef": {"name": "trust-manager", "kind": "Issuer"}})
    made.runs("trust-manager", needs=[("secrets", made.namespace, "trust-manager-tls"),
                                      ("namespaces", "", made.value("app.trust.namespace", "cert-manager"))])
    made.serves("trust-manager", 443)


def _linkerd_crds(made):
    made.crds += _lines(_LINKERD)
    if made.value("installGatewayAPI") is True:
        made.crds += _lines(_GATEWAY_API)


def _linkerd_control_plane(made):
    needs = [(kinds.CRDS, "", "httproutes.gateway.networking.k8s.io"), ("configmaps", made.namespace,
                                                                        "linkerd-identity-trust-roots")]
    if made.value("identity.externalCA") is not True:
        if not made.value("identityTrustAnchorsPEM"):
            raise Refused("execution error at (linkerd-control-plane/templates/identity.yaml:19:21): Please provide the "
                          "identity trust anchors")
        made.add("v1 ConfigMap", "linkerd-identity-trust-roots", data={
            "ca-bundle.crt": made.value("identityTrustAnchorsPEM")})
    if made.value("identity.issuer.scheme") == "kubernetes.io/tls":
        issuer = [("secrets", made.namespace, "linkerd-identity-issuer")]
    else:
        if not made.value("identity.issuer.tls.crtPEM"):
            raise Refused("execution error at (linkerd-control-plane/templates/identity.yaml:19:21): Please provide the "
                          "identity issuer certificate")
        issuer = []
    for name, more in (("linkerd-destination", []), ("linkerd-identity", issuer), ("linkerd-proxy-injector", [])):
        made.runs(name, needs=needs + more, containers=["linkerd-proxy", name.partition("-")[2]])
        made.serves(name, 8080)
    made.add("v1 ConfigMap", "linkerd-config", data={"values": "clusterDomain: cluster.local\n"})
    # The chart makes one of these: it needs the CRDs.
    made.add("policy.linkerd.io/v1beta3 Server", "linkerd-admin-servers", spec={})


def _address(kind):
    """The status of a Service; a load balancer has an address at once."""
    return {"loadBalancer": {"ingress": [{"ip": "172.18.0.3"}]} if kind == "LoadBalancer" else {}}


def _linkerd_multicluster(made):
    made.crds += _lines("Link links multicluster.linkerd.io/v1alpha3")
    made.labels = {"linkerd.io/extension": "multicluster"}
    needs = [("configmaps", "linkerd", "linkerd-config")]
    made.add("policy.linkerd.io/v1beta3 Server", "linkerd-gateway", spec={})
    if made.value("gateway.enabled", True):
        made.runs("linkerd-gateway", needs=needs)
        kind = made.value("gateway.serviceType", "LoadBalancer")
        made.serves("linkerd-gateway", 4143, 4191, type=kind)["status"] = _address(kind)
    account = "linkerd-service-mirror-remote-access-default"
    made.add("v1 ServiceAccount", account)
    made.add("v1 Secret", account + "-token", type="kubernetes.io/service-account-token",
             data={"token": "dGhlIHRva2VuIG9mIHRoZSBzdGFuZC1pbg=="})["metadata"]["annotations"] = {
                 "kubernetes.io/service-account.name": account}
    for controller in made.value("controllers", []):
        name = ((controller.get("link") or {}).get("ref") or {}).get("name")
        if not name:
            raise Refused("execution error at (linkerd-multicluster/templates/controller-clusters/service-mirror.yaml:1:4): "
                          "controllers[].link.ref.name is required")
        made.runs("controller-" + name, needs=needs)


def _linkerd_viz(made):
    own = made.value("prometheus.enabled", True)
    if not own and not made.value("prometheusUrl"):
        raise Refused("execution error at (linkerd-viz/templates/metrics-api.yaml:82:16): Please enable "
                      "`linkerd-prometheus` or provide `prometheusUrl` for the viz extension to function properly")
    made.labels = {"linkerd.io/extension": "viz"}
    made.add("policy.linkerd.io/v1beta3 Server", "metrics-api", spec={})
    for name in ["metrics-api", "tap", "tap-injector", "web"] + (["prometheus"] if own else []):
        made.runs(name, needs=[("configmaps", "linkerd", "linkerd-config")])
        made.serves(name, 8084 if name == "web" else 8085)


def _kube_prometheus_stack(made):
    made.lasting_crds += _lines(_MONITORING)
    name = (made.release + "-kube-prometheus-stack")[:26].rstrip("-")
    made.runs(name + "-operator")
    made.runs(made.release + "-kube-state-metrics")
    made.runs("prometheus-%s-prometheus" % name, kind="StatefulSet")
    made.serves(name + "-prometheus", 9090, 8080)
    made.add("monitoring.coreos.com/v1 Prometheus", name + "-prometheus", spec={})
    if made.value("alertmanager.enabled", True):
        made.runs("alertmanager-%s-alertmanager" % name, kind="StatefulSet")
        made.serves(name + "-alertmanager", 9093)
    if made.value("grafana.enabled", True):
        grafana = made.release + "-grafana"
        made.runs(grafana, containers=["grafana-sc-dashboard", "grafana-sc-datasources", "grafana"])
        made.serves(grafana, 80)
        import binascii
        password = made.value("grafana.adminPassword", "prom-operator")
        made.add("v1 Secret", grafana, type="Opaque", data={
            key: binascii.b2a_base64(text.encode(), newline=False).decode()
            for key, text in (("admin-user", "admin"), ("admin-password", password), ("ldap-toml", ""))})
        if made.value("grafana.ingress.enabled"):
            made.add("networking.k8s.io/v1 Ingress", grafana, spec={"rules": [
                {"host": host} for host in made.value("grafana.ingress.hosts", [])]},
                status={"loadBalancer": {"ingress": [{"ip": "172.18.0.3"}]}})


def _kubernetes_ingress(made):
    made.job_crds += _lines(_HAPROXY)
    name = made.release if made.chart in made.release else "%s-%s" % (made.release, made.chart)
    ports = [{"name": "http", "port": 80}, {"name": "https", "port": 443}, {"name": "stat", "port": 1024}]
    ports += [{"name": p["name"] + "-tcp" if not p["name"].endswith("-tcp") else p["name"], "port": p["port"]}
              for p in made.value("controller.service.tcpPorts", [])]
    made.runs(name, kind="Deployment", replicas=made.value("controller.replicaCount", 2),
              annotations=made.value("controller.podAnnotations", {}))
    kind = made.value("controller.service.type", "NodePort")
    made.add("v1 Service", name, spec={"type": kind, "ports": ports}, status=_address(kind),
             merge={"metadata": {"annotations": made.value("controller.service.annotations", {})}})
    made.add("networking.k8s.io/v1 IngressClass", made.value("controller.ingressClass", "haproxy"), spec={})
    for kind, path in (("PodMonitor", "controller.podMonitor"), ("ServiceMonitor", "controller.serviceMonitor")):
        if made.value(path + ".enabled"):
            made.add("monitoring.coreos.com/v1 " + kind, name, spec={},
                     merge={"metadata": {"labels": made.value(path + ".extraLabels", {})}})


def _nats(made):
    name = made.value("fullnameOverride") or (made.release if "nats" in made.release else made.release + "-nats")
    clustered = made.value("config.cluster.enabled") is True
    replicas = made.value("config.cluster.replicas", 3) if clustered else 1
    if clustered and replicas < 2:
        raise Refused("execution error at (nats/templates/stateful-set.yaml:1:4): config.cluster.replicas must be at "
                      "least 2")
    template = made.value("podTemplate.merge", {})
    containers = ["nats"] + [c for c, on in (("reloader", made.value("reloader.enabled", True)),
                                             ("prom-exporter", made.value("promExporter.enabled"))) if on]
    made.runs(name, kind="StatefulSet", replicas=replicas, containers=containers, component="nats",
              annotations=(template.get("metadata") or {}).get("annotations"))
    if made.value("statefulSet.merge"):
        made.things[-1] = objects.merged(made.things[-1], {}, made.value("statefulSet.merge"))
    ports = [("nats", 4222, True), ("websocket", 8080, made.value("config.websocket.enabled")),
             ("cluster", 6222, clustered), ("gateway", 7222, made.value("config.gateway.enabled")),
             ("monitor", 8222, made.value("config.monitor.enabled", True))]
    every = [{"name": n, "port": p} for n, p, on in ports if on]
    shown = [{"name": n, "port": p} for n, p, on in ports
             if on and made.value("service.ports.%s.enabled" % n, n in ("nats", "websocket"))]
    selector = {"app.kubernetes.io/instance": made.release, "app.kubernetes.io/component": "nats"}
    made.add("v1 Service", name + "-headless", merge=made.value("headlessService.merge"),
             spec={"clusterIP": "None", "ports": every, "selector": selector})
    if made.value("service.enabled", True):
        made.add("v1 Service", name, merge=made.value("service.merge"), spec={"ports": shown, "selector": selector})
    made.add("v1 ConfigMap", name + "-config", data={"nats.conf": ""})
    if made.value("natsBox.enabled", True):
        made.runs(name + "-box", component="nats-box")
        made.add("v1 Secret", name + "-box-contexts", type="Opaque", data={})
    if made.value("promExporter.enabled") and made.value("promExporter.podMonitor.enabled"):
        made.add("monitoring.coreos.com/v1 PodMonitor", name, merge=made.value("promExporter.podMonitor.merge"), spec={})
    for extra in made.value("extraResources", []):
        made.things.append(objects.merged(extra, {}, {}))


_CHARTS = {"cert-manager": _cert_manager, "trust-manager": _trust_manager, "linkerd-crds": _linkerd_crds,
           "linkerd-control-plane": _linkerd_control_plane, "linkerd-multicluster": _linkerd_multicluster,
           "linkerd-viz": _linkerd_viz, "kube-prometheus-stack": _kube_prometheus_stack,
           "kubernetes-ingress": _kubernetes_ingress, "nats": _nats}
