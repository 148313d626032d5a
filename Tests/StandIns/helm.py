"""helm: which command it is, its repositories, and the commands that only look at releases."""

import sys

import helm_flags
import json_text
import kubernetes
from flags import Flags, command, parse, table
from recording import Refused


def _named(words):
    """The command that the words mean, and all other words."""
    everywhere = table(helm_flags.EVERYWHERE)
    before, verb, after = command(words, everywhere)
    if verb in ("repo", "get", "search"):
        more, second, rest = command(after, everywhere)
        name = "%s %s" % (verb, second)
        name = helm_flags.SAME.get(name, name)
        return (name if name in helm_flags.commands() else None), verb, before + more + rest
    name = helm_flags.SAME.get(verb, verb)
    return (name if name in helm_flags.commands() else None), verb, before + after


def hangs_midway(words):
    return _named(words)[0] in ("upgrade", "install", "uninstall", "rollback")


def unknown(message, words):
    return "Error: " + message, 1


def play(call, world):
    name, verb, words = _named(call.words)
    if name is None:
        raise Refused('Error: unknown command "%s" for "helm"\nRun \'helm --help\' for usage.' % verb)
    given, plain = parse(words, helm_flags.known(name))
    flags = Flags(given)
    if name in _LOOKS:
        return _LOOKS[name](call, world, flags, plain)
    import helm_releases
    return helm_releases.play(call, world, flags, name, plain)


def need(words, count, usage):
    if len(words) != count:
        raise Refused('Error: "helm %s" requires %d argument%s\n\nUsage:  helm %s' % (
            usage.split(" [")[0], count, "" if count == 1 else "s", usage))


def reached(call, world, flags, failed=""):
    try:
        return kubernetes.find(call, world, flags.last("kube-context"))
    except kubernetes.Unreachable as error:
        raise Refused("Error: %sKubernetes cluster unreachable: %s" % (
            failed, error.message if not error.message.startswith("dial") else
            'Get "https://0.0.0.0:6550/version": ' + error.message)) from None


def output(flags, value, lines):
    kind = flags.last("output", "table")
    if kind == "json":
        sys.stdout.write(json_text.write(value) + "\n")
    elif kind == "yaml":
        import yaml_text
        sys.stdout.write(yaml_text.write(value))
    elif kind == "table":
        sys.stdout.write("".join(line + "\n" for line in lines))
    else:
        raise Refused('Error: invalid argument "%s" for "-o, --output" flag: invalid format type' % kind)


# Repositories


def _repo_add(call, world, flags, words):
    need(words, 2, "repo add [NAME] [URL] [flags]")
    name, url = words
    if "password-stdin" in flags.given:
        call.read_standard_input()
    import charts
    if charts.served(url) is None:
        raise Refused('Error: looks like "%s" is not a valid chart repository or cannot be reached: failed to fetch '
                      "%s/index.yaml : 404 Not Found" % (url, url.rstrip("/")))
    with world.changing_host() as host:
        former = host["repositories"].get(name)
        if former is not None and former != url and not flags.on("force-update"):
            raise Refused("Error: repository name (%s) already exists, please specify a different name" % name)
    if former == url and not flags.on("force-update"):
        sys.stdout.write('"%s" already exists with the same configuration, skipping\n' % name)
        return 0
    call.takes("helm repo add", "helm repo")
    with world.changing_host() as host:
        host["repositories"][name] = url
    sys.stdout.write('"%s" has been added to your repositories\n' % name)
    return 0


def _repo_update(call, world, flags, words):
    known = world.host()["repositories"]
    if not known:
        raise Refused("Error: no repositories found. You must add one before updating")
    for name in words:
        if name not in known:
            raise Refused("Error: no repositories found matching '%s'.  Nothing will be updated" % name)
    call.takes("helm repo update", "helm repo")
    sys.stdout.write("Hang tight while we grab the latest from your chart repositories...\n")
    for name in words or sorted(known):
        sys.stdout.write('...Successfully got an update from the "%s" chart repository\n' % name)
    sys.stdout.write("Update Complete. ⎈Happy Helming!⎈\n")
    return 0


def _repo_list(call, world, flags, words):
    known = world.host()["repositories"]
    if not known and flags.last("output", "table") == "table":
        raise Refused("Error: no repositories to show")
    output(flags, [{"name": n, "url": u} for n, u in known.items()],
           ["NAME\tURL"] + ["%s\t%s" % pair for pair in known.items()])
    return 0


def _repo_remove(call, world, flags, words):
    with world.changing_host() as host:
        for name in words:
            if host["repositories"].pop(name, None) is None:
                raise Refused('Error: no repo named "%s" found' % name)
            sys.stdout.write('"%s" has been removed from your repositories\n' % name)
    return 0


# Looking


def latest(cluster, flags, name):
    """The last revision of a release, or helm's refusal."""
    release = cluster["releases"].get((flags.last("namespace", "default"), name))
    if release is None:
        raise Refused("Error: release: not found")
    asked = int(flags.last("revision", "0"))
    for revision in release["revisions"]:
        if revision["revision"] == asked:
            return revision
    if asked:
        raise Refused("Error: release: not found")
    return release["revisions"][-1]


def _row(namespace, name, revision):
    return {"name": name, "namespace": namespace, "revision": str(revision["revision"]), "updated": revision["updated"],
            "status": revision["status"], "chart": revision["chart"] + "-" + revision["version"],
            "app_version": revision["app_version"]}


def _list(call, world, flags, words):
    cluster_name = reached(call, world, flags)
    call.takes("helm list")
    import kubectl_names
    with kubernetes.Opened(call, world, cluster_name) as cluster:
        rows = [_row(home, name, release["revisions"][-1]) for (home, name), release in sorted(cluster["releases"].items())
                if kubectl_names.selected({"metadata": release["revisions"][-1]}, flags.last("selector"))]
    if not flags.on("all-namespaces"):
        rows = [r for r in rows if r["namespace"] == flags.last("namespace", "default")]
    if "filter" in flags.given:
        import re
        rows = [r for r in rows if re.search(flags.last("filter"), r["name"])]
    asked = [s for s in ("deployed", "failed", "pending", "superseded", "uninstalled", "uninstalling") if flags.on(s)]
    # Helm 3 shows only what is deployed or failed unless told otherwise.
    asked = asked or ["deployed", "failed"]
    rows = [r for r in rows if any(r["status"].startswith(s) for s in asked)]
    if flags.on("short"):
        output(flags, [r["name"] for r in rows], [r["name"] for r in rows])
    else:
        head = [] if flags.on("no-headers") else ["NAME\tNAMESPACE\tREVISION\tUPDATED\tSTATUS\tCHART\tAPP VERSION"]
        output(flags, rows, head + ["\t".join(r.values()) for r in rows])
    return 0


def _status(call, world, flags, words):
    need(words, 1, "status RELEASE_NAME [flags]")
    cluster_name = reached(call, world, flags)
    call.takes("helm status")
    with kubernetes.Opened(call, world, cluster_name) as cluster:
        revision = latest(cluster, flags, words[0])
    home = flags.last("namespace", "default")
    show_status(flags, home, words[0], revision)
    return 0


def show_status(flags, home, name, revision):
    output(flags, {
        "name": name, "namespace": home, "version": revision["revision"], "config": revision["values"],
        "info": {"first_deployed": revision["updated"], "last_deployed": revision["updated"], "deleted": "",
                 "description": revision["description"], "status": revision["status"]}},
        ["NAME: " + name, "LAST DEPLOYED: " + revision["updated"], "NAMESPACE: " + home, "STATUS: " + revision["status"],
         "REVISION: %d" % revision["revision"], "TEST SUITE: None"] + (
            [] if flags.on("hide-notes") else ["NOTES:", "%s is there. What to do next:" % revision["chart"],
                                               "", "  1. look at it, 2. use it"]))


def _history(call, world, flags, words):
    need(words, 1, "history RELEASE_NAME [flags]")
    cluster_name = reached(call, world, flags)
    call.takes("helm list")
    with kubernetes.Opened(call, world, cluster_name) as cluster:
        latest(cluster, flags, words[0])
        revisions = cluster["releases"][flags.last("namespace", "default"), words[0]]["revisions"]
    rows = [{"revision": r["revision"], "updated": r["updated"], "status": r["status"],
             "chart": r["chart"] + "-" + r["version"], "app_version": r["app_version"], "description": r["description"]}
            for r in revisions]
    output(flags, rows, ["REVISION\tUPDATED\tSTATUS\tCHART\tAPP VERSION\tDESCRIPTION"]
           + ["\t".join(str(v) for v in r.values()) for r in rows])
    return 0


def _get_values(call, world, flags, words):
    need(words, 1, "get values RELEASE_NAME [flags]")
    cluster_name = reached(call, world, flags)
    call.takes("helm list")
    with kubernetes.Opened(call, world, cluster_name) as cluster:
        values = latest(cluster, flags, words[0])["values"] or None
    import yaml_text
    output(flags, values, ["USER-SUPPLIED VALUES:", yaml_text.write(values).rstrip("\n")])
    return 0


def _get_manifest(call, world, flags, words):
    need(words, 1, "get manifest RELEASE_NAME [flags]")
    cluster_name = reached(call, world, flags)
    call.takes("helm list")
    import yaml_text
    with kubernetes.Opened(call, world, cluster_name) as cluster:
        sys.stdout.write("".join("---\n# Source: chart/templates/%s.yaml\n%s" % (thing["kind"].lower(), yaml_text.write(thing))
                                 for thing in latest(cluster, flags, words[0]).get("manifest", [])))
    return 0


def _search_repo(call, world, flags, words):
    import charts
    known = world.host()["repositories"]
    if not known:
        raise Refused("Error: no repositories configured")
    call.takes("helm search repo", "helm list")
    rows = []
    for repository, address in known.items():
        for name in charts.served(address) or []:
            version, app = charts.VERSIONS.get(name, ("", ""))
            # Of ranges only `~1.3`; of others than the newest nothing is known.
            asked = flags.last("version", "").lstrip("v~")
            if version and version.lstrip("v").startswith(asked) and any(
                    w in "%s/%s" % (repository, name) for w in words or [""]):
                rows.append({"name": "%s/%s" % (repository, name), "version": version, "app_version": app,
                             "description": "the stand-in of " + name})
    output(flags, rows, ["NAME\tCHART VERSION\tAPP VERSION\tDESCRIPTION"] + ["\t".join(r.values()) for r in rows]
           if rows else ["No results found"])
    return 0


def _version(call, world, flags, words):
    from versions import version
    number = version("helm")
    if flags.last("template"):
        sys.stdout.write(flags.last("template").replace("{{.Version}}", number).replace("{{ .Version }}", number))
    elif flags.on("short"):
        sys.stdout.write(number + "+g6838ebc\n")
    else:
        sys.stdout.write('version.BuildInfo{Version:"%s", GitCommit:"6838ebcf265a3842d1433956e8a622e3290cf324", '
                         'GitTreeState:"clean", GoVersion:"go1.24.4"}\n' % number)
    return 0


_LOOKS = {"repo add": _repo_add, "repo update": _repo_update, "repo list": _repo_list, "repo remove": _repo_remove,
          "list": _list, "status": _status, "history": _history, "get values": _get_values, "get manifest": _get_manifest,
          "search repo": _search_repo, "version": _version}
