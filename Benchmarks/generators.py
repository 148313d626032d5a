"""Writes what the quick rows run: a large recipe and its justfile, a tiny recipe, and one loop in three languages."""

import os

LINES = 100_000

# Ten lines each: a value, a task of two commands that uses it and has a default, a task that calls the first one. The `_`
# says that nobody is to call it: `nbx check` would find as many mistakes as there are blocks.
RECIPE_BLOCK = """\
let image_{i} = "registry.example/service-{i}:1.4.{i}"
task deploy_{i}(release, namespace = "apps") {{
  exec echo "deploying $release from $image_{i}"
  helm upgrade --install $release charts/app --namespace $namespace --set image=$image_{i} --wait
}}
task _check_{i}(release) {{
  deploy_{i}(release)
  kubectl rollout status deployment/$release --timeout 2m
}}

"""

JUSTFILE_BLOCK = """\
image_{i} := "registry.example/service-{i}:1.4.{i}"
# Installs service {i}.
deploy_{i} release namespace="apps":
    echo "deploying {{{{release}}}} from {{{{image_{i}}}}}"
    helm upgrade --install {{{{release}}}} charts/app --namespace {{{{namespace}}}} --set image={{{{image_{i}}}}} --wait

# Installs it and looks whether it runs.
check_{i} release: (deploy_{i} release)
    kubectl rollout status deployment/{{{{release}}}} --timeout 2m

"""

LOOP_RECIPE = """\
recipe "a million additions"
var x = 0
foreach i in 1..1000000 { x = x + 1 }
print x
"""

LOOP_BASH = """\
x=0
for ((i = 1; i <= 1000000; i++)); do x=$((x+1)); done
echo "$x"
"""

LOOP_PYTHON = """\
x = 0
for i in range(1, 1_000_001):
    x = x + 1
print(x)
"""

# It prints the seconds that the command took.
SERVER_LIST_RECIPE = """\
recipe "every server of the supercluster, once"
clusters c1 c2 c3
let start = now()
let servers = nats server list
let taken = now() - start
assert servers.count == 36, "all 36 servers answer"
print (taken / 1s)
"""


COMMANDS_RECIPE = """\
recipe "a short command, many times"
clusters c1
foreach i in 1..320 {
  let kind = (kubectl get configmap settings --namespace apps).json.kind
}
"""

LANES_RECIPE = """\
recipe "a short command, many times and sixteen abreast"
clusters c1
foreach lane in 1..16 parallel {
  foreach i in 1..20 {
    let kind = (kubectl get configmap settings --namespace apps).json.kind
  }
}
"""


def large(block, first_line, lines=LINES):
    """So many lines: one, then as many blocks as fit, the last without the empty line at its end."""
    blocks = lines // 10
    text = first_line + "\n" + "".join(block.format(i=index) for index in range(blocks))
    return text[:-1]


def write_all(folder):
    """Writes the files into `folder`, and returns their paths by name."""
    files = {
        "print.nbx": 'recipe "one line"\nprint "hello"\n',
        "large.nbx": large(RECIPE_BLOCK, 'recipe "many services"'),
        "large.just": large(JUSTFILE_BLOCK, "# Many services."),
        "loop.nbx": LOOP_RECIPE,
        "loop.sh": LOOP_BASH,
        "loop.py": LOOP_PYTHON,
        "servers.nbx": SERVER_LIST_RECIPE,
        "commands.nbx": COMMANDS_RECIPE,
        "lanes.nbx": LANES_RECIPE,
    }
    paths = {}
    for name, text in files.items():
        paths[name] = os.path.join(folder, name)
        with open(paths[name], "w", encoding="utf-8") as file:
            file.write(text)
    return paths
