import ValuesAndCommands

/// The words of `kubectl`: those with a meaning on the local target, and the flags that kubectl itself takes besides.
package enum KubectlGrammar {
  package static let grammar = ProgramGrammar(
    forms,
    otherFlags: [
      "": """
      --add-dir-header --alsologtostderr --as= --as-group= --as-uid= --as-user-extra= --cache-dir= --certificate-authority=
      --client-certificate= --client-key= --cluster= --context= --disable-compression --help -h
      --insecure-skip-tls-verify --kubeconfig= --kuberc= --log-backtrace-at= --log-dir= --log-file= --log-file-max-size=
      --log-flush-frequency= --logtostderr --match-server-version --namespace= -n= --one-output --password= --profile=
      --profile-output= --request-timeout= --server= -s= --skip-headers --skip-log-headers --stderrthreshold=
        --storage-driver-buffer-duration= --storage-driver-db= --storage-driver-host= --storage-driver-password=
        --storage-driver-secure --storage-driver-table= --storage-driver-user= --version
      --tls-server-name= --token= --user= --username= --v= -v= --vmodule= --warnings-as-errors
      """,
      "get": printing + selecting + """
         --chunk-size= --label-columns= -L= --output-watch-events --raw= --server-print --show-kind --show-labels --sort-by=
        --subresource= --watch -w --watch-only
        """,
      "delete": selecting + " --all-namespaces -A --cascade --dry-run --interactive -i --output= -o= --raw=",
      "create namespace": printing + creating, "create ns": printing + creating,
      "logs": """
      --all-containers --all-pods --follow -f --ignore-errors --insecure-skip-tls-verify-backend --limit-bytes=
      --max-log-requests= --pod-running-timeout= --prefix --previous -p --selector= -l= --since= --since-time= --timestamps
      """,
      "create": "--from-env-file= --from-file= --from-literal= --type=", "config": "--raw",
      "patch": "--patch= -p= --patch-file= --type=",
      "scale": printing + selecting + " --all --current-replicas= --dry-run --record --resource-version=",
      "rollout restart": printing + selecting + " --dry-run --field-manager=",
      "rollout status": selecting + " --revision=",
      "wait": printing + selecting + " --all-namespaces -A --local",
    ])

  private static let printing = " --allow-missing-template-keys --output= -o= --show-managed-fields --template="
  private static let selecting = " --field-selector= --filename= -f= --kustomize= -k= --recursive -R --selector= -l="
  private static let creating = " --dry-run --field-manager= --save-config --validate"

  private static let kind = Positional(
    "KIND", help: "of objects; with a slash and a name one of them",
    offers: Offers { _, _, _ in ["pods", "statefulsets", "namespaces"].map { Offer($0) } })
  private static let pod = Positional(
    "POD",
    offers: Offers { _, _, live in
      let names = live?.names(listedBy: ["kubectl", "get", "pods", "-A", "-o", "name"], onEachCluster: true) ?? []
      return names.map { Offer(String($0.split(separator: "/").last ?? ""), "a pod") }
    })
  private static let namespace = Flag("--namespace", .text, "the pods' namespace", aliases: ["-n"])
  private static let selector = Flag("--selector", .text, "labels, as app.kubernetes.io/instance=c1", aliases: ["-l"])
  private static let timeout = Flag("--timeout", .duration, "how long it may take, as 30s")
  private static let missingIsFine = Flag("--ignore-not-found", .toggle, "one that is missing is no failure")

  private static let forms: [CommandForm] = [
    CommandForm(
      "get", "Shows pods, statefulsets or namespaces",
      positionals: [kind, Positional("NAME", optional: true, repeated: true)],
      flags: [
        namespace, selector, missingIsFine,
        Flag("--output", .choice(["json", "name", "wide"]), "how to show it", aliases: ["-o"]),
        Flag("--all-namespaces", .toggle, "of every namespace", aliases: ["-A"]),
        Flag("--no-headers", .toggle, "without the first line"),
      ], example: "kubectl get pods --namespace nats -o json"),
    CommandForm(
      "delete", "Ends pods, which start again, or a namespace with all in it",
      positionals: [kind, Positional("NAME", optional: true, repeated: true)],
      flags: [
        namespace, selector, timeout, missingIsFine,
        Flag("--now", .toggle, "without asking the servers first"),
        Flag("--force", .toggle, "without asking the servers first"),
        Flag("--grace-period", .integer, "0: without asking the servers first"),
        Flag("--wait", .toggle, "it always waits here"),
        Flag("--all", .toggle, "every pod of the namespace"),
      ], example: "kubectl delete pod c1-nats-0 --namespace nats"),
    CommandForm(
      "create namespace", "Makes a namespace", positionals: [Positional("NAME")],
      example: "kubectl create namespace nats"),
    CommandForm(
      "create ns", "Makes a namespace", positionals: [Positional("NAME")], example: "kubectl create ns nats"),
    CommandForm(
      "logs", "Shows what a server logged", positionals: [pod],
      flags: [
        namespace, Flag("--tail", .integer, "only the last lines"),
        Flag("--container", .text, "there is but one", aliases: ["-c"]),
      ], example: "kubectl logs c1-nats-0 --namespace nats --tail 20"),
    CommandForm(
      "scale", "Sets the number of servers until the next upgrade",
      positionals: [kind, Positional("NAME", optional: true)],
      flags: [namespace, timeout, Flag("--replicas", .integer, "how many")],
      example: "kubectl scale statefulset c1-nats --replicas=2 --namespace nats"),
    CommandForm(
      "rollout restart", "Restarts the servers one after the other",
      positionals: [kind, Positional("NAME", optional: true)], flags: [namespace, timeout],
      example: "kubectl rollout restart statefulset/c1-nats --namespace nats"),
    CommandForm(
      "rollout status", "Waits until all servers listen",
      positionals: [kind, Positional("NAME", optional: true)],
      flags: [namespace, timeout, Flag("--watch", .toggle, "it always waits here", aliases: ["-w"])],
      example: "kubectl rollout status statefulset/c1-nats --namespace nats"),
    CommandForm(
      "wait", "Waits until pods listen",
      positionals: [kind, Positional("NAME", optional: true, repeated: true)],
      flags: [
        namespace, selector, timeout, Flag("--for", .text, "condition=Ready"),
        Flag("--all", .toggle, "every pod of the namespace"),
      ], example: "kubectl wait --for=condition=Ready pod/c1-nats-0 --namespace nats --timeout=30s"),
  ]
}
