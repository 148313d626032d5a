"""linkerd: checks, and the manifests by which one cluster links to another."""

import sys

import controllers
import kubernetes
import objects
from flags import Flags, command, parse, table
from recording import Refused

_EVERYWHERE = "api-addr= as= as-group= cni-namespace= context= kubeconfig= L|linkerd-namespace= verbose h|help "
_COMMANDS = {
    "version": "client n|namespace= proxy short",
    "check": """cli-version-override= crds expected-version= linkerd-cni-enabled n|namespace= o|output= pre proxy
        retry-period= wait=""",
    "multicluster link-gen": """api-server-address= cluster-name= excluded-annotations= excluded-labels=
        federated-service-selector= gateway gateway-addresses= gateway-name= gateway-namespace= gateway-port= namespace=
        o|output= remote-discovery-selector= l|selector= service-account-name=""",
    "multicluster check": "o|output= timeout= wait=",
    "multicluster gateways": "cluster-name= gateway-namespace= o|output= t|time-window= w|wait=",
    "viz check": "n|namespace= o|output= proxy wait=",
}


def hangs_midway(words):
    return False


def unknown(message, words):
    return "Error: %s\nUsage:\n  linkerd [command]" % message, 1


def play(call, world):
    everywhere = table(_EVERYWHERE)
    before, verb, after = command(call.words, everywhere)
    name = verb
    if verb in ("multicluster", "mc", "viz"):
        more, second, after = command(after, everywhere)
        before += more
        name = "%s %s" % ("multicluster" if verb == "mc" else verb, second)
    if name not in _COMMANDS:
        raise Refused('Error: unknown command "%s" for "linkerd"\nRun \'linkerd --help\' for usage.' % name)
    given, words = parse(before + after, table(_EVERYWHERE + _COMMANDS[name]))
    if words:
        raise Refused('Error: unknown command "%s" for "linkerd %s"' % (words[0], name))
    flags = Flags(given)
    return _ACTS[name](call, world, flags)


def _reached(call, world, flags):
    try:
        return kubernetes.find(call, world, flags.last("context"))
    except kubernetes.Unreachable as error:
        raise Refused(error.message if "does not exist" in error.message else
                      'Get "https://0.0.0.0:6550/api/v1/namespaces/linkerd/configmaps/linkerd-config": '
                      + error.message) from None


def _version(call, world, flags):
    from versions import version
    number = version("linkerd")
    sys.stdout.write(number + "\n" if flags.on("short") else "Client version: %s\n" % number)
    if not flags.on("client"):
        cluster_name = _reached(call, world, flags)
        with kubernetes.Opened(call, world, cluster_name) as cluster:
            there = controllers.workload_ready(cluster, "linkerd-destination")
        sys.stdout.write("%s%s\n" % ("" if flags.on("short") else "Server version: ", number if there else "unavailable"))
    return 0


def _check(call, world, flags, title, wanted):
    """`wanted`: deployments that have to be ready."""
    cluster_name = _reached(call, world, flags)
    call.takes("linkerd check", "linkerd")
    with kubernetes.Opened(call, world, cluster_name, mirrors=True) as cluster:
        missing = [name for name in wanted if not controllers.workload_ready(cluster, name)]
        if title == "linkerd-multicluster":
            for link in objects.every(cluster, controllers.LINKS):
                name = link["metadata"]["name"]
                if not controllers.workload_ready(cluster, "controller-" + name):
                    missing.append("controller-" + name)
    if flags.last("output") == "json":
        import json_text
        sys.stdout.write(json_text.write({"success": not missing, "categories": [{
            "categoryName": title, "checks": [{"description": name + " is ready", "result": "error" if name in missing else
                                               "success"} for name in wanted]}]}) + "\n")
    else:
        sys.stdout.write("%s\n%s\n" % (title, "-" * len(title)))
        for name in wanted:
            sys.stdout.write("%s %s is ready\n" % ("×" if name in missing else "√", name))
        sys.stdout.write("\nStatus check results are %s\n" % ("×" if missing else "√"))
    return 1 if missing else 0


def _check_control_plane(call, world, flags):
    if flags.on("pre"):
        _reached(call, world, flags)
        sys.stdout.write("Status check results are √\n")
        return 0
    return _check(call, world, flags, "linkerd-control-plane",
                  ["linkerd-destination", "linkerd-identity", "linkerd-proxy-injector"])


def _check_multicluster(call, world, flags):
    return _check(call, world, flags, "linkerd-multicluster", ["linkerd-gateway"])


def _check_viz(call, world, flags):
    return _check(call, world, flags, "linkerd-viz", ["metrics-api", "tap", "tap-injector", "web"])


def _link_gen(call, world, flags):
    import binascii
    name = flags.last("cluster-name")
    if not name:
        raise Refused("Error: you need to specify cluster name")
    cluster_name = _reached(call, world, flags)
    call.takes("linkerd multicluster link-gen", "linkerd")
    home = flags.last("namespace", "linkerd-multicluster")
    account = flags.last("service-account-name", "linkerd-service-mirror-remote-access-default")
    with kubernetes.Opened(call, world, cluster_name) as cluster:
        if objects.get(cluster, "configmaps", "linkerd", "linkerd-config") is None:
            raise Refused("Error: you need Linkerd to be installed on a cluster in order to get its credentials")
        if objects.get(cluster, "serviceaccounts", home, account) is None:
            raise Refused('Error: serviceaccounts "%s" not found' % account)
        token = objects.get(cluster, "secrets", home, account + "-token")
        gateway = objects.get(cluster, "services", flags.last("gateway-namespace", home),
                              flags.last("gateway-name", "linkerd-gateway"))
        if flags.on("gateway", True) and gateway is None:
            raise Refused('Error: services "%s" not found' % flags.last("gateway-name", "linkerd-gateway"))
    address = flags.last("api-server-address", "https://0.0.0.0:6550")
    kubeconfig = "".join(line + "\n" for line in (
        "apiVersion: v1", "clusters:", "- cluster:", "    server: " + address, "  name: " + name, "contexts:", "- context:",
        "    cluster: " + name, "    user: " + account, "  name: " + call.cluster, "current-context: " + call.cluster,
        "kind: Config", "users:", "- name: " + account, "  user:",
        "    token: " + binascii.a2b_base64(token["data"]["token"]).decode()))
    secret = {"apiVersion": "v1", "data": {"kubeconfig": binascii.b2a_base64(kubeconfig.encode(), newline=False).decode()},
              "kind": "Secret", "metadata": {"name": "cluster-credentials-" + name, "namespace": home},
              "type": "mirror.linkerd.io/remote-kubeconfig"}
    control = flags.last("linkerd-namespace", "linkerd")
    second = dict(secret, metadata={"name": secret["metadata"]["name"], "namespace": control,
                                    "annotations": {"multicluster.linkerd.io/cluster-domain": "cluster.local",
                                                    "multicluster.linkerd.io/trust-domain": "cluster.local"},
                                    "labels": {"multicluster.linkerd.io/cluster-name": name}})
    exported = flags.last("selector", "mirror.linkerd.io/exported=true").partition("=")
    spec = {"clusterCredentialsSecret": secret["metadata"]["name"], "targetClusterName": name,
            "targetClusterDomain": "cluster.local", "targetClusterLinkerdNamespace": control,
            "selector": {"matchLabels": {exported[0]: exported[2]}}}
    if flags.on("gateway", True):
        spec.update(gatewayAddress=flags.last("gateway-addresses", "172.18.0.3"),
                    gatewayIdentity="linkerd-gateway.%s.serviceaccount.identity.linkerd.cluster.local" % home,
                    gatewayPort=flags.last("gateway-port", "4143"),
                    probeSpec={"path": "/ready", "port": "4191", "period": "3s"})
    from versions import version
    link = {"apiVersion": "multicluster.linkerd.io/v1alpha3", "kind": "Link", "spec": spec, "metadata": {
        "name": name, "namespace": home, "annotations": {"linkerd.io/created-by": "linkerd/cli " + version("linkerd")}}}
    if flags.last("output", "yaml") == "json":
        import json_text
        sys.stdout.write("".join(json_text.write(thing) + "\n" for thing in (secret, second, link)))
    elif flags.last("output", "yaml") == "yaml":
        import yaml_text
        sys.stdout.write("".join(yaml_text.write(thing) + "---\n" for thing in (secret, second, link)))
    else:
        raise Refused("Error: output format %s not supported" % flags.last("output"))
    return 0


def _gateways(call, world, flags):
    cluster_name = _reached(call, world, flags)
    call.takes("linkerd multicluster gateways", "linkerd")
    host = world.host()
    with kubernetes.Opened(call, world, cluster_name, mirrors=True) as cluster:
        rows = []
        for link in objects.every(cluster, controllers.LINKS):
            name = link["spec"]["targetClusterName"]
            secret = objects.get(cluster, "secrets", link["metadata"]["namespace"], link["spec"]["clusterCredentialsSecret"])
            target = controllers.linked_cluster(cluster, link, host)
            state = host["clusters"].get(target, {"state": "running", "paused": []})
            alive = (secret is not None and target is not None and state["state"] == "running" and not state["paused"]
                     and controllers.workload_ready(cluster, "controller-" + name)
                     and controllers.workload_ready(world.cluster(target), "linkerd-gateway"))
            mirrored = [s for s in objects.every(cluster, "services")
                        if (s["metadata"].get("labels") or {}).get("mirror.linkerd.io/cluster-name") == name]
            if flags.last("cluster-name") in (None, name):
                rows.append((name, alive, len(mirrored)))
    if flags.last("output") == "json":
        import json_text
        sys.stdout.write(json_text.write([{"clusterName": n, "alive": a, "pairedServices": s} for n, a, s in rows]) + "\n")
        return 0
    sys.stdout.write("CLUSTER  ALIVE    NUM_SVC      LATENCY\n")
    for name, alive, count in rows:
        sys.stdout.write("%-7s  %-5s  %9d  %11s\n" % (name, alive, count, "1ms" if alive else "-"))
    return 0


_ACTS = {"version": _version, "check": _check_control_plane, "multicluster check": _check_multicluster,
         "multicluster link-gen": _link_gen, "multicluster gateways": _gateways, "viz check": _check_viz}
