"""docker network: create, inspect, ls, rm."""

import sys

import docker
from world import timestamp


def described(name, known, host=None):
    number = "%064x" % sum(ord(c) * 131 ** i for i, c in enumerate(name))
    inside = {c["Id"]: {"Name": c["Name"][1:], "EndpointID": "", "MacAddress": "", "IPv6Address": "",
                        "IPv4Address": c["NetworkSettings"]["Networks"][name]["IPAddress"] + "/16"}
              for c in (docker.containers(host).values() if host else [])
              if c["State"]["Running"] and name in c["NetworkSettings"]["Networks"]}
    return {"Name": name, "Id": number, "Created": known["created"], "Scope": "local", "Driver": known["driver"],
            "Internal": False, "Containers": inside, "Labels": {}}


def create(call, world, flags, words):
    docker.need(words, 1, "network create")
    with world.changing_host() as host:
        if words[0] in list(host["networks"]) + ["bridge", "host", "none"]:
            raise docker.daemon("network with name %s already exists" % words[0])
        host["networks"][words[0]] = {"created": timestamp(), "driver": flags.last("driver", "bridge")}
        made = described(words[0], host["networks"][words[0]])
    sys.stdout.write(made["Id"] + "\n")
    return 0


def inspect(call, world, flags, words):
    docker.need(words, 1, "network inspect")
    host = world.host()
    known = host["networks"]
    docker.show(flags, [described(w, known[w], host) for w in words if w in known])
    missing = [w for w in words if w not in known]
    if missing:
        raise docker.daemon("network %s not found" % missing[0])
    return 0


def listed(call, world, flags, words):
    known = dict({n: {"created": "", "driver": n} for n in ("bridge", "host", "none")}, **world.host()["networks"])
    for wanted in flags.all("filter"):
        key, _, text = wanted.partition("=")
        known = {n: v for n, v in known.items() if key != "name" or text.strip("^$") == n or (
            not text.startswith("^") and text in n)}
    if flags.on("quiet"):
        sys.stdout.write("".join(described(n, v)["Id"][:12] + "\n" for n, v in known.items()))
    elif "format" in flags.given:
        wanted = "{{json .}}" if flags.last("format") == "json" else flags.last("format")
        sys.stdout.write("".join(docker.formatted(wanted, described(n, v)) + "\n" for n, v in known.items()))
    else:
        sys.stdout.write("NETWORK ID     NAME      DRIVER    SCOPE\n" + "".join(
            "%s   %s   %s   local\n" % (described(n, v)["Id"][:12], n, v["driver"]) for n, v in known.items()))
    return 0


def remove(call, world, flags, words):
    docker.need(words, 1, "network rm")
    with world.changing_host() as host:
        for name in words:
            if name not in host["networks"]:
                raise docker.daemon("network %s not found" % name)
            users = [c for c, v in host["clusters"].items() if v["network"] == name and v["state"] == "running"]
            if users:
                raise docker.daemon("error while removing network: network %s has active endpoints "
                                    '(name:"k3d-%s-serverlb")' % (name, users[0]))
            del host["networks"][name]
            sys.stdout.write(name + "\n")
    return 0


ACTS = {"network create": create, "network inspect": inspect, "network ls": listed, "network rm": remove}
