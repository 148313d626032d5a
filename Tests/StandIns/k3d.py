"""k3d: clusters in Docker, with their load balancers' ports."""

import sys

import json_text
from flags import Flags, command, parse, seconds, table
from recording import Refused
from world import timestamp

_EVERYWHERE = "h|help timestamps trace verbose "
_COMMANDS = {
    "cluster create": """a|agents= agents-memory= api-port= c|config= e|env= gpus= host-alias= host-pid-mode i|image=
        k3s-arg= k3s-node-label= kubeconfig-switch-context kubeconfig-update-default lb-config-override= network=
        no-image-volume no-lb no-rollback p|port= registry-config= registry-create= registry-use= runtime-label=
        runtime-ulimit= s|servers= servers-memory= subnet= timeout= token= v|volume= wait""",
    "cluster list": "no-headers o|output= token",
    "cluster start": "a|all timeout= wait",
    "cluster stop": "a|all",
    "cluster delete": "a|all c|config=",
    "cluster edit": "port-add= port-delete=",
    "kubeconfig merge": "a|all d|kubeconfig-merge-default o|output= overwrite s|kubeconfig-switch-context u|update",
    "kubeconfig get": "a|all",
    "version": "o|output=",
}
_SAME = {"del": "delete", "rm": "delete", "ls": "list", "get": "list", "update": "edit"}


def hangs_midway(words):
    return False


def fatal(text):
    return Refused("FATA[0000] " + text, 1)


def unknown(message, words):
    return "FATA[0000] " + message, 1


def info(text):
    sys.stdout.write("INFO[0000] %s\n" % text)


def play(call, world):
    everywhere = table(_EVERYWHERE)
    before, verb, after = command(call.words, everywhere)
    name = verb
    if verb in ("cluster", "kubeconfig"):
        more, second, after = command(after, everywhere)
        before += more
        name = "%s %s" % (verb, _SAME.get(second, second) if verb == "cluster" else second)
    if verb is None and "--version" in call.words:
        name = "version"
    if name not in _COMMANDS:
        raise fatal('unknown command "%s" for "k3d"' % " ".join(call.words))
    if name == "version":
        return _version(call, [w for w in before + after if w != "--version"])
    import docker
    docker.must_run()
    given, words = parse(before + after, table(_EVERYWHERE + _COMMANDS[name]))
    flags = Flags(given)
    host = world.host()
    if name not in ("cluster create", "cluster list"):
        if flags.on("all"):
            words = sorted(host["clusters"])
        elif not words:
            words = ["k3s-default"]
    if name.startswith("cluster") and len(words) == 1:
        call.cluster = "k3d-" + words[0]
    return _ACTS[name](call, world, flags, words)


def _version(call, rest):
    from versions import version
    flags = Flags(parse(rest, table(_EVERYWHERE + _COMMANDS["version"]))[0])
    call.takes("k3d version")
    if flags.last("output") == "json":
        sys.stdout.write(json_text.write({"k3d": version("k3d"), "k3s": "v1.31.5-k3s1"}) + "\n")
    else:
        sys.stdout.write("k3d version %s\nk3s version v1.31.5-k3s1 (default)\n" % version("k3d"))
    return 0


# Ports


def mapping(text):
    """`4222:4222@loadbalancer` as what it binds."""
    ports, _, place = text.partition("@")
    parts = ports.partition("/")[0].split(":")
    protocol = ports.partition("/")[2] or "tcp"
    if not all(p.isdigit() for p in parts[-2:]) or len(parts) > 3:
        raise fatal("error parsing port spec '%s': invalid containerPort: %s" % (text, parts[-1]))
    if place and not place.split(":")[0] in ("loadbalancer", "server", "servers", "agent", "agents", "all"):
        raise fatal("Failed to filter nodes: Failed to parse node filters: invalid format or empty subset in '%s'" % place)
    return {"host": parts[0] if len(parts) == 3 else "0.0.0.0", "hostport": parts[-2] if len(parts) > 1 else "",
            "port": parts[-1], "protocol": protocol}


def _bind(host, name, mappings):
    """Refuses a port that a running cluster, this one included, holds already."""
    held = [m["hostport"] for other, c in host["clusters"].items() if c["state"] == "running" or other == name
            for m in c["ports"]]
    for wanted in mappings:
        if wanted["hostport"] and wanted["hostport"] in held:
            raise Refused("failed to start container for node 'k3d-%s-serverlb': Error response from daemon: driver failed "
                          "programming external connectivity on endpoint k3d-%s-serverlb: Bind for 0.0.0.0:%s failed: port "
                          "is already allocated" % (name, name, wanted["hostport"]))
        held.append(wanted["hostport"])
    for wanted in mappings:
        if not wanted["hostport"]:
            wanted["hostport"] = str(max([int(h) for h in held if h] + [30000]) + 1)
            held.append(wanted["hostport"])


# Clusters


def _create(call, world, flags, words):
    if len(words) > 1:
        raise fatal("accepts between 0 and 1 arg(s), received %d" % len(words))
    name = words[0] if words else "k3s-default"
    call.cluster = "k3d-" + name
    if len(name) > 32 or not name or not all(c.isalnum() or c == "-" for c in name) or "-" in (name[0], name[-1]):
        raise fatal("Invalid cluster name. Valid characters: A-Z, a-z, 0-9, -; at most 32 characters")
    for number in ("agents", "servers"):
        if not flags.last(number, "1").isdigit():
            raise fatal('invalid argument "%s" for "--%s" flag: strconv.ParseInt: invalid syntax'
                        % (flags.last(number), number))
    for text in flags.all("k3s-arg"):
        # The part behind `@` says which nodes it is for; without it k3d does not know.
        if "@" not in text:
            raise fatal("K3sExtraArg '%s' lacks a node filter, but there's more than one node" % text)
    mappings = [mapping(text) for text in flags.all("port")]
    network = flags.last("network", "k3d-" + name)
    with world.changing_host() as host:
        if name in host["clusters"]:
            raise fatal("Failed to create cluster '%s' because a cluster with that name already exists" % name)
        host["networks"].setdefault(network, {"created": timestamp(), "driver": "bridge"})
        host["clusters"][name] = {
            "state": "creating", "paused": [], "ports": [], "network": network, "servers": int(flags.last("servers", "1")),
            "agents": int(flags.last("agents", "0")), "balancer": not flags.on("no-lb")}
    world.forget_cluster(name)
    info("Prep: Network")
    info("Creating node 'k3d-%s-server-0'" % name)
    call.takes("k3d cluster create")
    with world.changing_host() as host:
        try:
            _bind(host, name, mappings)
        except Refused as refusal:
            del host["clusters"][name]
            failure = refusal.message
        else:
            failure = None
            host["clusters"][name].update(state="running", ports=mappings)
            if flags.on("kubeconfig-update-default", True):
                host["contexts"]["k3d-" + name] = name
                if flags.on("kubeconfig-switch-context", True):
                    host["current"] = "k3d-" + name
    if failure:
        raise Refused("ERRO[0004] Failed Cluster Start: Failed to add one or more helper nodes: %s\nERRO[0004] Failed to "
                      "create cluster >>> Rolling Back\nFATA[0005] Cluster creation FAILED, all changes have been rolled "
                      "back!" % failure)
    with world.changing_cluster(name):
        pass
    info("Cluster '%s' created successfully!" % name)
    info("You can now use it like this:")
    sys.stdout.write("kubectl cluster-info\n")
    return 0


def _existing(world, name):
    found = world.host()["clusters"].get(name)
    if found is None:
        raise fatal("No nodes found for given cluster")
    return found


def _start(call, world, flags, words):
    seconds(flags.last("timeout"), 0)
    for name in words:
        _existing(world, name)
    call.takes("k3d cluster start")
    for name in words:
        with world.changing_host() as host:
            cluster = host["clusters"][name]
            if cluster["state"] != "running":
                ports, cluster["ports"] = cluster["ports"], []
                try:
                    _bind(host, name, ports)
                except Refused as refusal:
                    raise fatal("Failed to start cluster %s: %s" % (name, refusal.message)) from None
                cluster.update(state="running", ports=ports, paused=[])
        info("Started cluster '%s'" % name)
    return 0


def _stop(call, world, flags, words):
    import docker_links
    for name in words:
        _existing(world, name)
    call.takes("k3d cluster stop")
    for name in words:
        with world.changing_host() as host:
            host["clusters"][name].update(state="stopped", paused=[])
            docker_links.forget(host["clusters"][name])
        info("Stopping cluster '%s'" % name)
    return 0


def _delete(call, world, flags, words):
    known = [w for w in words if w in world.host()["clusters"]]
    if not known:
        info("No clusters found")
        return 0
    call.takes("k3d cluster delete")
    for name in known:
        info("Deleting cluster '%s'" % name)
        with world.changing_host() as host:
            gone = host["clusters"].pop(name, None)
            host["contexts"].pop("k3d-" + name, None)
            if host["current"] == "k3d-" + name:
                host["current"] = ""
            # A network that k3d made for this cluster goes with it; one that was there before stays.
            if gone and gone["network"] == "k3d-" + name:
                host["networks"].pop(gone["network"], None)
        world.forget_cluster(name)
        info("Successfully deleted cluster %s!" % name)
    return 0


def _edit(call, world, flags, words):
    if len(words) != 1:
        raise fatal("accepts 1 arg(s), received %d" % len(words))
    name = words[0]
    _existing(world, name)
    added = [mapping(text) for text in flags.all("port-add")]
    taken = [mapping(text) for text in flags.all("port-delete")]
    if added and taken:
        raise fatal("Cannot combine port addition and deletion")
    call.takes("k3d cluster edit")
    with world.changing_host() as host:
        cluster = host["clusters"][name]
        try:
            _bind(host, name, added)
        except Refused as refusal:
            raise fatal("Failed to update the cluster: error replacing loadbalancer node: " + refusal.message) from None
        cluster["ports"] = [m for m in cluster["ports"] + added if m not in taken]
    info("Renaming existing node k3d-%s-serverlb to k3d-%s-serverlb-old..." % (name, name))
    info("Successfully updated %s" % name)
    return 0


def _list(call, world, flags, words):
    call.takes("k3d cluster list")
    host = world.host()
    for name in words:
        if name not in host["clusters"]:
            raise fatal("No nodes found for given cluster")
    import docker
    rows = []
    for name, cluster in sorted(host["clusters"].items()):
        if words and name not in words:
            continue
        runs = cluster["state"] == "running"
        # k3d hands on what Docker says of each container.
        still = {"running": "running", "creating": "created"}.get(cluster["state"], "exited")
        nodes = [{"name": node, "role": role, "runtimeLabels": {"k3d.cluster": name},
                  "State": {"Running": runs, "Status": "paused" if node in cluster["paused"] else still}}
                 for node, role in docker.nodes(name, cluster)]
        rows.append({"name": name, "network": {"name": cluster["network"]}, "nodes": nodes,
                     "serversCount": cluster["servers"], "serversRunning": cluster["servers"] if runs else 0,
                     "agentsCount": cluster["agents"], "agentsRunning": cluster["agents"] if runs else 0,
                     "hasLoadbalancer": cluster["balancer"]})
    if flags.last("output") in ("json", "yaml"):
        sys.stdout.write(json_text.write(rows) + "\n")
    else:
        lines = [] if flags.on("no-headers") else ["NAME   SERVERS   AGENTS   LOADBALANCER"]
        lines += ["%s     %d/%d       %d/%d      %s" % (
            r["name"], r["serversRunning"], r["serversCount"], r["agentsRunning"], r["agentsCount"],
            str(r["hasLoadbalancer"]).lower()) for r in rows]
        sys.stdout.write("".join(line + "\n" for line in lines))
    return 0


def _kubeconfig_merge(call, world, flags, words):
    for name in words:
        _existing(world, name)
    with world.changing_host() as host:
        for name in words:
            host["contexts"]["k3d-" + name] = name
            if flags.on("kubeconfig-switch-context"):
                host["current"] = "k3d-" + name
    sys.stdout.write("%s/kubeconfig\n" % call.folder)
    return 0


def _kubeconfig_get(call, world, flags, words):
    for name in words:
        _existing(world, name)
        sys.stdout.write("apiVersion: v1\nkind: Config\ncurrent-context: k3d-%s\n" % name)
    return 0


_ACTS = {"cluster create": _create, "cluster list": _list, "cluster start": _start, "cluster stop": _stop,
         "cluster delete": _delete, "cluster edit": _edit, "kubeconfig merge": _kubeconfig_merge,
         "kubeconfig get": _kubeconfig_get}
