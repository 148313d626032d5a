import ValuesAndCommands

/// The words of `helm`: those with a meaning on the local target, and the flags that helm itself, 3 and 4, takes besides.
package enum HelmGrammar {
  package static let grammar = ProgramGrammar(
    forms,
    otherFlags: [
      "": """
      --burst-limit= --color= --colour= --content-cache= --debug --help -h --kube-apiserver= --kube-as-group= --kube-as-user=
      --kube-ca-file= --kube-context= --kube-insecure-skip-tls-verify --kube-tls-server-name= --kube-token= --kubeconfig=
      --namespace= -n= --qps= --registry-config= --repository-cache= --repository-config=
      """,
      "upgrade": chartFlags + " --recreate-pods",
      "install": chartFlags + " --generate-name -g --name-template= --replace",
      "uninstall": "--cascade= --description= --dry-run --keep-history --no-hooks",
      "list": """
      --date -d --deployed --failed --filter= -f= --max= -m= --no-headers --offset= --pending --reverse -r --selector= -l=
      --superseded --time-format= --uninstalled --uninstalling
      """,
      "status": "--revision= --show-desc --show-resources", "get values": "--revision=",
      "repo add": """
      --allow-deprecated-repos --ca-file= --cert-file= --insecure-skip-tls-verify --key-file= --no-update
      --pass-credentials --password= --password-stdin --timeout= --username=
      """,
      "repo update": "--fail-on-repo-update-fail --timeout=", "repo list": "--no-headers",
    ])

  private static let chartFlags = """
    --ca-file= --cert-file= --dependency-update --description= --devel --disable-openapi-validation --dry-run --enable-dns
    --force-conflicts --force-replace --force --hide-secret --insecure-skip-tls-verify --key-file= --keyring= --labels= -l=
    --no-hooks --output= -o= --pass-credentials --password= --plain-http --post-renderer= --post-renderer-args=
    --render-subchart-notes --server-side= --set-file= --set-literal= --skip-crds --skip-schema-validation
    --take-ownership --username= --verify
    """

  private static let releases = Offers.listed("a release", onEachCluster: true) { _ in
    "helm list --all-namespaces --short"
  }
  private static let release = Positional("RELEASE", offers: releases)
  private static let namespace = Flag("--namespace", .text, "the release's namespace", aliases: ["-n"])
  private static let timeout = Flag("--timeout", .duration, "how long it may take, as 5m")
  private static let output = Flag("--output", .choice(["table", "json"]), "how to show it", aliases: ["-o"])

  private static let installFlags = [
    namespace, timeout,
    Flag("--create-namespace", .toggle, "make the namespace if it is missing"),
    Flag("--version", .text, "the chart's version"),
    Flag("--wait", .toggle, "until every server listens"),
    Flag("--wait-for-jobs", .toggle, "there are none"),
    Flag("--atomic", .toggle, "undo it if it fails; waits", aliases: ["--rollback-on-failure"]),
    Flag("--set", .text, "PATH=VALUE"), Flag("--set-string", .text, "PATH=TEXT"),
    Flag("--set-json", .text, "PATH=JSON"),
    Flag("--values", .text, "a JSON file, or - for what `with` gives", aliases: ["-f"]),
    Flag("--repo", .text, "where the chart comes from; nothing is fetched here"),
    Flag("--hide-notes", .toggle, "there are none"), Flag("--debug", .toggle, "says no more here"),
  ]

  private static let forms: [CommandForm] = [
    CommandForm(
      "upgrade", "Makes a release as its values say",
      positionals: [release, Positional("CHART")],
      flags: installFlags + [
        Flag("--install", .toggle, "also if it is not there yet", aliases: ["-i"]),
        Flag("--reuse-values", .toggle, "over the values of the release as it is"),
        Flag("--reset-then-reuse-values", .toggle, "over the values of the release as it is"),
        Flag("--reset-values", .toggle, "over the chart's values alone"),
        Flag("--force", .toggle, "does no more here"), Flag("--cleanup-on-fail", .toggle, "does no more here"),
        Flag("--history-max", .integer, "there is no history here"),
      ], document: "values", example: "helm upgrade --install c1 nats/nats --namespace nats --create-namespace --wait"),
    CommandForm(
      "install", "Makes a new release", positionals: [Positional("RELEASE"), Positional("CHART")], flags: installFlags,
      document: "values", example: "helm install c1 nats/nats --namespace nats --create-namespace"),
    CommandForm(
      "uninstall", "Takes releases away; streams stay until their namespace goes",
      positionals: [Positional("RELEASE", repeated: true, offers: releases)],
      flags: [
        namespace, timeout, Flag("--ignore-not-found", .toggle, "one that is missing is no failure"),
        Flag("--wait", .toggle, "it always waits here"),
      ], example: "helm uninstall c1 --namespace nats"),
    CommandForm(
      "list", "Says which releases there are",
      flags: [
        namespace, output, Flag("--all-namespaces", .toggle, "of every namespace", aliases: ["-A"]),
        Flag("--all", .toggle, "failed ones too, as always here", aliases: ["-a"]),
        Flag("--short", .toggle, "names only", aliases: ["-q"]),
      ], example: "helm list -A -o json"),
    CommandForm(
      "status", "Says how a release is", positionals: [release], flags: [namespace, output],
      example: "helm status c1 --namespace nats"),
    CommandForm(
      "get values", "Shows a release's values", positionals: [release],
      flags: [
        namespace, Flag("--output", .choice(["json"]), "JSON in any case", aliases: ["-o"]),
        Flag("--all", .toggle, "with the chart's own, which nbx does not show", aliases: ["-a"]),
      ], example: "helm get values c1 --namespace nats"),
    CommandForm(
      "repo add", "Remembers a repository; nothing is fetched", positionals: [Positional("NAME"), Positional("URL")],
      flags: [Flag("--force-update", .toggle, "over one that is there")],
      example: "helm repo add nats https://nats-io.github.io/k8s/helm/charts/"),
    CommandForm(
      "repo update", "Does nothing: charts are not fetched here",
      positionals: [Positional("NAME", optional: true, repeated: true)], example: "helm repo update"),
    CommandForm("repo list", "Says which repositories are remembered", flags: [output], example: "helm repo list"),
    CommandForm(
      "repo remove", "Forgets repositories", positionals: [Positional("NAME", repeated: true)],
      example: "helm repo remove nats"),
  ]
}
