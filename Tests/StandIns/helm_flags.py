"""Which flags helm knows: those that both helm 3 and helm 4 have (checked against `helm 4.3 COMMAND --help`).

What only one of the two knows is refused, for recipes have to work with either.
"""

from flags import table

EVERYWHERE = """burst-limit= debug kube-apiserver= kube-as-group= kube-as-user= kube-ca-file= kube-context=
kube-insecure-skip-tls-verify kube-tls-server-name= kube-token= kubeconfig= n|namespace= qps= registry-config=
repository-cache= repository-config= h|help """

_CHART = """ ca-file= cert-file= create-namespace dependency-update description= devel disable-openapi-validation dry-run?
enable-dns hide-notes hide-secret insecure-skip-tls-verify key-file= keyring= l|labels= no-hooks o|output=
pass-credentials password= plain-http post-renderer= post-renderer-args= render-subchart-notes repo= set= set-file=
set-json= set-literal= set-string= skip-crds skip-schema-validation take-ownership timeout= username= f|values= verify
version= wait? wait-for-jobs atomic force """

_COMMANDS = {
    "upgrade": _CHART + "cleanup-on-fail history-max= i|install reset-then-reuse-values reset-values reuse-values",
    "install": _CHART + "g|generate-name name-template= replace",
    "uninstall": "cascade= description= dry-run ignore-not-found keep-history no-hooks timeout= wait?",
    "list": """A|all-namespaces d|date deployed failed f|filter= m|max= no-headers offset= o|output= pending r|reverse
        l|selector= q|short superseded time-format= uninstalled uninstalling""",
    "status": "o|output= revision=",
    "rollback": "cleanup-on-fail dry-run? history-max= no-hooks timeout= wait? wait-for-jobs force",
    "history": "max= o|output=",
    "version": "short template=",
    "repo add": """allow-deprecated-repos ca-file= cert-file= force-update insecure-skip-tls-verify key-file=
        pass-credentials password= password-stdin timeout= username=""",
    "repo update": "timeout=",
    "repo list": "o|output= no-headers",
    "repo remove": "",
    "get values": "a|all o|output= revision=",
    "get manifest": "revision=",
    "search repo": """devel fail-on-no-result list-repo-urls max-col-width= o|output= r|regexp version= l|versions""",
}
SAME = {"ls": "list", "delete": "uninstall", "del": "uninstall", "un": "uninstall", "hist": "history",
        "repo up": "repo update", "repo ls": "repo list", "repo rm": "repo remove"}


def known(command):
    return table(EVERYWHERE + _COMMANDS[command])


def commands():
    return _COMMANDS
