"""linkerd: its version, and the manifests by which one cluster links to another."""

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
        wait=""",
    "multicluster link-gen": """api-server-address= cluster-name= excluded-annotations= excluded-labels=
        federated-service-selector= gateway gateway-addresses= gateway-name= gateway-namespace= gateway-port= namespace=
        o|output= remote-discovery-selector= l|selector= service-account-name=""",
    "multicluster check": "n|namespace= o|output= proxy timeout= wait=",
    "multicluster gateways": "cluster-name= o|output= w|wait=",
    "viz check": "n|namespace= o|output= proxy viz-namespace= wait=",
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


def reached(call, world, flags):
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
        cluster_name = reached(call, world, flags)
        with kubernetes.Opened(call, world, cluster_name) as cluster:
            there = controllers.workload_ready(cluster, "linkerd-destination")
        sys.stdout.write("%s%s\n" % ("" if flags.on("short") else "Server version: ", number if there else "unavailable"))
    return 0


def _link_gen(call, world, flags):
    import binascii
    name = flags.last("cluster-name")
    if not name:
        raise Refused("Error: you need to specify cluster name")
    cluster_name = reached(call, world, flags)
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


def _elsewhere(name):
    def play(call, world, flags):
        import linkerd_check
        return linkerd_check.ACTS[name](call, world, flags)
    return play


_ACTS = {"version": _version, "multicluster link-gen": _link_gen}
_ACTS.update({name: _elsewhere(name) for name in ("check", "multicluster check", "multicluster gateways", "viz check")})
