import SandboxRuntime

/// The recipe that `nbx new` writes.
enum RecipeTemplate {
  /// - Parameter path: where it will lie, for the command lines that its comments show.
  static func text(_ path: String) -> String {
    let run = "nbx run \(path.inShell)"
    return """
      # Made by `nbx new`, and runs as it is: run it, change it, run it again.
      #
      #   nbx check \(path.inShell)   looks for errors; nothing is run
      #   nbx plan \(path.inShell)    shows what it would do; nothing is done
      #   \(run)     does it
      #
      # `nbx help nats` tells about the commands that begin with nats, and so on for the others.
      recipe "A NATS server, a stream, and the messages that it keeps"

      # The clusters to run with. Names on the command line take their place: \(run) east
      clusters demo

      # What the command line may say otherwise: \(run) messages=50
      # The default tells of which type it is, the text what it means.
      param messages = 5 "how many messages are published"
      param keep = false "leave the server running"

      # On the local target this machine's clients know servers by the names that pods have in Kubernetes.
      if not target.local { skip "it is for the local target: \(run.forText) --target local" }
      let server = "nats://first-nats.first:4222"

      # A command is written in words, and one word is one argument: nothing passes through a shell. $name is a value in it.
      # In parentheses a command is a value itself, here a list.
      let home = clusters.first
      let is_new = not (home.name in [r.name for r in (region list)])
      region create $home

      # Runs when the recipe ends, whatever has happened until then.
      defer {
        if not keep {
          helm uninstall first --namespace first
          if is_new { region delete $home }
        }
      }

      # A step has a name: progress shows it, and --from "a server" begins with it.
      step "a server" {
        # What follows `with` is a document: here the values of helm's chart. A dotted key is a map within a map.
        helm upgrade --install first nats/nats --namespace first --create-namespace --wait
          with { config.jetstream: { enabled: true, fileStore.pvc.size: 1Gi } }
          within 2m
      }

      step "messages" {
        nats stream add FIRST --subjects "first.>" --server $server
        # Of what a run with keep=true has left.
        nats stream purge FIRST --force --server $server
        foreach i in 1..messages { nats pub first.hello "message $i" --server $server }

        # Looks until it is true. If it never is, the values of all its parts are shown.
        wait-for (nats stream info FIRST --server $server).state.messages == messages
          within 10s "the stream has every message"
      }

      let last = nats stream get FIRST --last-for first.hello --server $server
      assert last.data == "message $messages", "the last message is the last one that was published"
      print "the stream keeps $messages messages, and the last one says: ${last.data}"

      """
  }
}

extension String {
  /// As it reads within quotes of a recipe.
  fileprivate var forText: String {
    replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("$", with: "\\$")
  }
}
