'use strict'
// Drives the extension as VS Code would: vscode.js NBX FILE. Writes what came of it as one JSON object.
const Module = require('module')
const path = require('path')
const fs = require('fs')
const { pathToFileURL } = require('url')
const editor = require('./vscode_stand_in')

const load = Module._load
Module._load = (name, ...rest) => (name === 'vscode' ? editor.vscode : load(name, ...rest))
const extension = require(path.join(__dirname, '../../editors/vscode/extension.js'))

const [nbx, file] = process.argv.slice(2)
editor.settings.path = nbx

function document(text, at = file) {
  const uri = editor.vscode.Uri.parse(pathToFileURL(at).toString())
  return { uri, languageId: 'nbx', version: 1, getText: () => text }
}

// The place of a piece of the text, and where it ends.
function place(text, piece, offset = 0) {
  const before = text.slice(0, text.indexOf(piece) + offset).split('\n')
  return new editor.vscode.Position(before.length - 1, before[before.length - 1].length)
}

// The text with the edits made, the last one first.
function applied(edits, text) {
  const lines = text.split('\n')
  const offset = (p) => lines.slice(0, p.line).reduce((sum, line) => sum + line.length + 1, 0) + p.character
  return [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce((result, e) => result.slice(0, offset(e.range.start)) + e.newText + result.slice(offset(e.range.end)), text)
}

async function main() {
  const found = {}
  const text = fs.readFileSync(file, 'utf8')
  const open = document(text)
  const uri = open.uri.toString()
  editor.vscode.workspace.textDocuments.push(open)
  const context = { subscriptions: [] }
  await extension.activate(context)
  found.providers = Object.keys(editor.providers).sort()

  found.clean = (await editor.findingsOf(uri, () => true)).map((d) => d.message)
  const at = (piece, offset) => [open, place(text, piece, offset)]
  const { providers } = editor
  found.hover = (await providers.hover.provideHover(...at('nats server list', 1))).contents.value
  const definitions = await providers.definition.provideDefinition(...at('greet("you")', 1))
  found.definition = definitions.map((l) => [l.uri.toString() === uri, l.range.start.line])
  const references = await providers.references.provideReferences(...at('greet(name)', 1), { includeDeclaration: true })
  found.references = references.map((l) => l.range.start.line).sort()
  const edit = await providers.rename.provideRenameEdits(...at('greet("you")', 1), 'welcome')
  found.rename = edit.changes.get(uri).map((e) => [e.range.start.line, e.newText]).sort()
  found.symbols = (await providers.symbols.provideDocumentSymbols(open)).map((s) => s.name)
  found.tokens = (await providers.semanticTokens.provideDocumentSemanticTokens(open)).data.length > 0

  // While a line is being typed the text has errors; they go with them.
  const typed = document(text + 'gre')
  typed.version = 2
  editor.listeners.changed({ document: typed })
  const end = typed.getText().split('\n')
  const items = (await providers.completion.provideCompletionItems(
    typed, new editor.vscode.Position(end.length - 1, 3))).items
  found.completion = items.map((i) => i.label).filter((label) => String(label).startsWith('greet')).length > 0
  found.broken = (await editor.findingsOf(uri, (d) => d.length > 0)).map((d) => [d.range.start.line, d.severity])

  const untidy = document(text + 'print   1\n')
  untidy.version = 3
  editor.listeners.changed({ document: untidy })
  await editor.findingsOf(uri, (d) => d.length === 0)
  const edits = await providers.formatting.provideDocumentFormattingEdits(untidy, {})
  found.formatting = applied(edits, untidy.getText()) === text + 'print 1\n'

  // What changes on disk is looked at again, and folders that come are looked through.
  const library = path.join(path.dirname(file), 'lib.nbx')
  const onDisk = editor.vscode.Uri.parse(pathToFileURL(library).toString())
  fs.writeFileSync(library, 'task add(x) { return x + 1 }\n')
  const user = document('use "lib.nbx"\nprint add(1)\n', path.join(path.dirname(file), 'user.nbx'))
  editor.listeners.opened(user)
  await editor.findingsOf(user.uri.toString(), (d) => d.length === 0)
  fs.writeFileSync(library, 'task sum(x) { return x + 1 }\n')
  editor.listeners['changed on disk'](onDisk)
  found.stale = (await editor.findingsOf(user.uri.toString(), (d) => d.length > 0)).map((d) => d.message)
  const below = path.join(path.dirname(file), 'below')
  fs.mkdirSync(below)
  fs.writeFileSync(path.join(below, 'unopened.nbx'), 'use "../lib.nbx"\nprint sum(1)\n')
  const folder = { uri: editor.vscode.Uri.parse(pathToFileURL(below).toString()), name: 'below' }
  editor.listeners['changed folders']({ added: [folder], removed: [] })
  const opened = document('use "lib.nbx"\nprint sum(1)\n', path.join(path.dirname(file), 'second.nbx'))
  editor.listeners.opened(opened)
  const everywhere = await providers.references.provideReferences(
    opened, place(opened.getText(), 'sum'), { includeDeclaration: true })
  found.everywhere = everywhere.map((l) => path.basename(l.uri.toString())).sort()

  // A server that ends is told of once, and can be started again.
  await editor.listeners['nbx.restart']()
  found.again = Object.keys(editor.providers).length
  editor.listeners.closed(untidy)
  await extension.deactivate()
  found.left = Object.keys(editor.providers).length
  found.errors = [...editor.errors]

  editor.settings.path = '/no/such/program'
  await extension.activate({ subscriptions: [] })
  found.missing = editor.errors.length
  return found
}

main().then(
  (found) => console.log(JSON.stringify(found)),
  (error) => {
    console.error(error.stack, editor.errors)
    process.exit(1)
  })
