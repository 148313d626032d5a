"""docker: networks, and the containers that k3d's clusters consist of."""

import os
import sys

import json_text
from flags import Flags, command, parse, table
from recording import Refused

_EVERYWHERE = "config= c|context= D|debug H|host= l|log-level= tls tlscacert= tlscert= tlskey= tlsverify "
_COMMANDS = {
    "version": "f|format=",
    "info": "f|format=",
    "network create": """attachable aux-address= config-from= config-only d|driver= gateway= ingress internal ip-range=
        ipam-driver= ipam-opt= ipv4 ipv6 label= o|opt= scope= subnet=""",
    "network inspect": "f|format= v|verbose",
    "network ls": "f|filter= format= no-trunc q|quiet",
    "network rm": "f|force",
    "port": "",
    "inspect": "f|format= s|size type=",
    "ps": "a|all f|filter= format= n|last= l|latest no-trunc q|quiet s|size",
    "exec": "d|detach e|env= i|interactive privileged t|tty u|user= w|workdir=",
    "run": """cap-add= cap-drop= d|detach entrypoint= e|env= i|interactive l|label= name= net= network= pid= privileged
        pull= q|quiet rm t|tty u|user= v|volume= w|workdir=""",
    "image inspect": "f|format= platform=",
    "kill": "s|signal=",
    "pause": "",
    "unpause": "",
}


def hangs_midway(words):
    return False


def unknown(message, words):
    return "%s\n\nUsage:  docker %s [OPTIONS]\n\nRun 'docker %s --help' for more information" % (
        message, words[0], words[0]), 125


def daemon(text):
    return Refused("Error response from daemon: " + text)


def must_run():
    """Refuses where a test has said that Docker is down."""
    if os.environ.get("NBX_STANDIN_DOCKER_DOWN"):
        raise Refused("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")


def play(call, world):
    everywhere = table(_EVERYWHERE)
    before, name, after = command(call.words, everywhere)
    if name in ("network", "container", "image"):
        more, second, after = command(after, everywhere)
        before += more
        second = {"list": "ls", "remove": "rm"}.get(second, second)
        name = {"ls": "ps"}.get(second, second) if name == "container" else "%s %s" % (name, second)
    if name not in _COMMANDS:
        raise Refused("docker: unknown command: docker %s\n\nRun 'docker --help' for more information" % name, 1)
    given, words = parse(before, everywhere)
    if name in ("exec", "run"):
        # What follows the container or the image is another program's.
        flags, first, inside = command(after, table(_COMMANDS[name]))
        given, words = parse(flags, table(_COMMANDS[name]))[0], ([first] if first else []) + inside
    else:
        given, words = parse(after, table(_COMMANDS[name]))
    if name != "version":
        must_run()
    call.takes("docker " + name, "docker")
    if name.startswith("network"):
        import docker_networks
        return docker_networks.ACTS[name](call, world, Flags(given), words)
    return _ACTS[name](call, world, Flags(given), words)


def need(words, count, name):
    if len(words) < count:
        raise Refused("docker: 'docker %s' requires at least %d argument%s\n\nUsage:  docker %s\n\n"
                      "See 'docker %s --help' for more information"
                      % (name, count, "" if count == 1 else "s", name, name))


def nodes(name, cluster):
    """The containers of a cluster: name and role."""
    made = [("k3d-%s-server-%d" % (name, i), "server") for i in range(cluster["servers"])]
    made += [("k3d-%s-agent-%d" % (name, i), "agent") for i in range(cluster["agents"])]
    return made + ([("k3d-%s-serverlb" % name, "loadbalancer")] if cluster["balancer"] else [])


def containers(host):
    found, number = {}, 1
    for name, cluster in host["clusters"].items():
        if cluster["state"] == "creating":
            continue
        for node, role in nodes(name, cluster):
            paused = node in cluster["paused"]
            runs = cluster["state"] == "running"
            state = "paused" if paused else "running" if runs else "exited"
            number += 1
            found[node] = {
                "Id": "%064x" % (abs(sum(ord(c) * 31 ** i for i, c in enumerate(node))) % 16 ** 64), "Name": "/" + node,
                "State": {"Status": state, "Running": runs, "Paused": paused, "Restarting": False, "Dead": False,
                          "ExitCode": 0},
                "Config": {"Labels": {"app": "k3d", "k3d.cluster": name, "k3d.role": role}},
                "NetworkSettings": {
                    "Networks": {cluster["network"]: {"IPAddress": "172.18.0.%d" % number}},
                    "Ports": {"%s/%s" % (m["port"], m["protocol"]): [{"HostIp": m["host"], "HostPort": m["hostport"]}]
                              for m in cluster["ports"]} if role == "loadbalancer" else {}}}
    return found


def formatted(template, value):
    """Go's templates as far as scripts use them with docker: `{{.A.B}}`, `{{json .}}`."""
    text, rest = "", template
    while "{{" in rest:
        before, _, rest = rest.partition("{{")
        inside, _, rest = rest.partition("}}")
        words = inside.split()
        found = value
        for name in words[-1].split("."):
            if not name:
                continue
            if not isinstance(found, dict) or name not in found:
                raise Refused("template parsing error: template: :1:2: executing \"\" at <%s>: map has no entry for key %r"
                              % (words[-1], name))
            found = found[name]
        text += before + (json_text.write(found) if words[0] == "json" or not isinstance(found, str) else found)
    return text + rest


def show(flags, values):
    if "format" not in flags.given or flags.last("format") == "json":
        sys.stdout.write(json_text.write(values) + "\n")
    else:
        sys.stdout.write("".join(formatted(flags.last("format"), v) + "\n" for v in values))


def _version(call, world, flags, words):
    from versions import version
    number = version("docker")
    known = {"Client": {"Version": number, "ApiVersion": "1.48", "Os": "linux", "Arch": "amd64"}}
    down = os.environ.get("NBX_STANDIN_DOCKER_DOWN")
    if not down:
        known["Server"] = {"Version": number, "ApiVersion": "1.48", "Os": "linux", "Arch": "amd64"}
    wanted = flags.last("format")
    if wanted and not (down and "Server" in wanted):
        sys.stdout.write((json_text.write(known) if wanted == "json" else formatted(wanted, known)) + "\n")
    elif not wanted:
        sys.stdout.write("".join("%s:\n Version:           %s\n" % (side, number) for side in known))
    must_run()
    return 0


def _info(call, world, flags, words):
    from versions import version
    known = {"ServerVersion": version("docker"), "NCPU": int(os.environ.get("NBX_STANDIN_CPUS", "8")),
             "MemTotal": int(os.environ.get("NBX_STANDIN_MEMORY", str(24 << 30))), "OperatingSystem": "Debian GNU/Linux 12",
             "OSType": "linux", "Architecture": "x86_64", "Name": "standin", "Driver": "overlay2"}
    wanted = flags.last("format")
    if wanted:
        sys.stdout.write((json_text.write(known) if wanted == "json" else formatted(wanted, known)) + "\n")
    else:
        sys.stdout.write("Client: Docker Engine - Community\n\nServer:\n Server Version: %s\n CPUs: %d\n"
                         " Total Memory: %.2fGiB\n" % (known["ServerVersion"], known["NCPU"], known["MemTotal"] / (1 << 30)))
    return 0


def _port(call, world, flags, words):
    need(words, 1, "port")
    host = world.host()
    found = containers(host).get(words[0])
    if found is None:
        raise daemon("No such container: %s" % words[0])
    name = found["Config"]["Labels"]["k3d.cluster"]
    wanted = words[1] if len(words) > 1 else None
    wanted = wanted + "/tcp" if wanted and "/" not in wanted else wanted
    real = json_text.read(os.environ.get("NBX_STANDIN_PORTS") or "{}")
    ports = found["NetworkSettings"]["Ports"] if found["State"]["Running"] else {}
    if wanted and wanted not in ports:
        raise Refused("Error: No public port '%s' published for %s" % (wanted, words[0]))
    for port, bound in ports.items():
        if wanted in (None, port):
            before = "" if wanted else port + " -> "
            if name in real and port == "4222/tcp":
                sys.stdout.write("%s127.0.0.1:%s\n" % (before, real[name]))
                continue
            for each in bound:
                sys.stdout.write("%s%s:%s\n" % (before, each["HostIp"], each["HostPort"]))
    return 0


def _inspect(call, world, flags, words):
    need(words, 1, "inspect")
    import docker_networks
    host = world.host()
    known = containers(host)
    if flags.last("type") in (None, "network"):
        known.update({n: docker_networks.described(n, v) for n, v in host["networks"].items() if n not in known})
    show(flags, [known[w] for w in words if w in known])
    missing = [w for w in words if w not in known]
    if missing:
        raise Refused("Error: No such object: %s" % missing[0])
    return 0


def _ps(call, world, flags, words):
    found = list(containers(world.host()).values())
    if not flags.on("all"):
        found = [c for c in found if c["State"]["Running"]]
    for wanted in flags.all("filter"):
        key, _, text = wanted.partition("=")
        if key == "name":
            found = [c for c in found if text.strip("^$/") in c["Name"]]
        elif key == "label":
            label, _, value = text.partition("=")
            found = [c for c in found if c["Config"]["Labels"].get(label) == value or (
                not value and label in c["Config"]["Labels"])]
        elif key == "status":
            found = [c for c in found if c["State"]["Status"] == text]
        elif key == "network":
            found = [c for c in found if text in c["NetworkSettings"]["Networks"]]
        else:
            raise daemon("invalid filter '%s'" % key)
    rows = [{"ID": c["Id"][:12], "Names": c["Name"][1:], "State": c["State"]["Status"], "Image": "rancher/k3s",
             "Ports": ", ".join("%s:%s->%s" % (b["HostIp"], b["HostPort"], port)
                                for port, bound in c["NetworkSettings"]["Ports"].items() for b in bound),
             "Labels": ",".join("%s=%s" % p for p in c["Config"]["Labels"].items()),
             "Status": "Up 2 minutes" + (" (Paused)" if c["State"]["Paused"] else "") if c["State"]["Running"] else
             "Exited (0) 1 minute ago"} for c in found]
    if flags.on("quiet"):
        sys.stdout.write("".join(r["ID"] + "\n" for r in rows))
    elif "format" in flags.given:
        wanted = "{{json .}}" if flags.last("format") == "json" else flags.last("format")
        sys.stdout.write("".join(formatted(wanted, r) + "\n" for r in rows))
    else:
        sys.stdout.write("CONTAINER ID   IMAGE   STATUS   NAMES\n" + "".join(
            "%s   %s   %s   %s\n" % (r["ID"], r["Image"], r["Status"], r["Names"]) for r in rows))
    return 0


def _kill(call, world, flags, words):
    """Ends containers at once. A cluster whose every container is gone is a stopped one."""
    import docker_links
    need(words, 1, "kill")
    with world.changing_host() as host:
        known = containers(host)
        for word in words:
            if word not in known:
                raise daemon("No such container: %s" % word)
            if not known[word]["State"]["Running"]:
                raise daemon("cannot kill container: %s: container %s is not running" % (word, known[word]["Id"]))
            sys.stdout.write(word + "\n")
        for name, cluster in host["clusters"].items():
            if all(node in words for node, _ in nodes(name, cluster)):
                cluster.update(state="stopped", paused=[])
                docker_links.forget(cluster)
    return 0


def _pause(call, world, flags, words, pauses=True):
    need(words, 1, "pause" if pauses else "unpause")
    refused = []
    with world.changing_host() as host:
        for word in words:
            found = containers(host).get(word)
            if found is None:
                refused.append("Error response from daemon: No such container: %s" % word)
                continue
            paused = host["clusters"][found["Config"]["Labels"]["k3d.cluster"]]["paused"]
            if not found["State"]["Running"]:
                refused.append("Error response from daemon: container %s is not running" % word)
            elif pauses and word in paused:
                refused.append("Error response from daemon: container %s is already paused" % word)
            elif not pauses and word not in paused:
                refused.append("Error response from daemon: Container %s is not paused" % word)
            else:
                paused.append(word) if pauses else paused.remove(word)
                sys.stdout.write(word + "\n")
    if refused:
        raise Refused("\n".join(refused))
    return 0


def _unpause(call, world, flags, words):
    return _pause(call, world, flags, words, pauses=False)


def _exec(call, world, flags, words):
    import docker_links
    need(words, 2, "exec")
    found = containers(world.host()).get(words[0])
    if found is None:
        raise daemon("No such container: %s" % words[0])
    if not found["State"]["Running"]:
        raise daemon("container %s is not running" % found["Id"])
    return docker_links.inside(call, world, flags, words[0], words[1:])


def _run(call, world, flags, words):
    import docker_links
    need(words, 1, "run")
    return docker_links.beside(call, world, flags, words[0], words[1:], containers(world.host()))


def _image_inspect(call, world, flags, words):
    need(words, 1, "image inspect")
    known = world.host().get("images", [])
    show(flags, [{"Id": "sha256:%064x" % len(w), "RepoTags": [w]} for w in words if w in known])
    missing = [w for w in words if w not in known]
    if missing:
        raise Refused("Error response from daemon: No such image: %s" % missing[0])
    return 0


_ACTS = {"exec": _exec, "run": _run, "image inspect": _image_inspect, "version": _version, "info": _info, "port": _port, "inspect": _inspect, "kill": _kill, "ps": _ps,
         "pause": _pause, "unpause": _unpause}
