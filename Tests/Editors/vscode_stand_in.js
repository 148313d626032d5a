'use strict'
// As much of the module `vscode` as the extension needs: what it registers is kept, for a test to call.
class Position { constructor(line, character) { Object.assign(this, { line, character }) } }
class Range { constructor(start, end) { Object.assign(this, { start, end }) } }
class Location { constructor(uri, range) { Object.assign(this, { uri, range }) } }
class TextEdit { constructor(range, newText) { Object.assign(this, { range, newText }) } }
class Diagnostic { constructor(range, message, severity) { Object.assign(this, { range, message, severity }) } }
class DiagnosticRelatedInformation { constructor(location, message) { Object.assign(this, { location, message }) } }
class MarkdownString {
  constructor(value = '') { this.value = value }
  appendText(text) { this.value += text; return this }
}
class Hover { constructor(contents, range) { Object.assign(this, { contents, range }) } }
class CompletionItem { constructor(label, kind) { Object.assign(this, { label, kind }) } }
class CompletionList { constructor(items, isIncomplete) { Object.assign(this, { items, isIncomplete }) } }
class SnippetString { constructor(value) { this.value = value } }
class SymbolInformation {
  constructor(name, kind, containerName, location) { Object.assign(this, { name, kind, containerName, location }) }
}
class DocumentSymbol {
  constructor(name, detail, kind, range, selectionRange) {
    Object.assign(this, { name, detail, kind, range, selectionRange, children: [] })
  }
}
class WorkspaceEdit {
  constructor() { this.changes = new Map() }
  set(uri, edits) { this.changes.set(uri.toString(), edits) }
}
class SemanticTokensLegend { constructor(types, modifiers) { Object.assign(this, { types, modifiers }) } }
class SemanticTokens { constructor(data) { this.data = data } }
class Uri {
  constructor(text) { this.text = text }
  static parse(text) { return new Uri(text) }
  toString() { return this.text }
}

const providers = {}
const listeners = {}
const errors = []
const findings = new Map()
let told = () => {}
const settings = { path: 'nbx' }

const event = (name) => (listener) => {
  listeners[name] = listener
  return { dispose() { delete listeners[name] } }
}
const registered = (name) => (language, provider, ...rest) => {
  providers[name] = Object.assign(provider, { rest })
  return { dispose() { delete providers[name] } }
}

const vscode = {
  Position, Range, Location, TextEdit, Diagnostic, DiagnosticRelatedInformation, MarkdownString, Hover, CompletionItem,
  CompletionList, SnippetString, SymbolInformation, DocumentSymbol, WorkspaceEdit, SemanticTokensLegend, SemanticTokens,
  Uri,
  languages: {
    createDiagnosticCollection: () => ({
      set(uri, found) { findings.set(uri.toString(), found); told() },
      delete(uri) { findings.delete(uri.toString()) },
      dispose() {}
    }),
    registerCompletionItemProvider: registered('completion'),
    registerHoverProvider: registered('hover'),
    registerDefinitionProvider: registered('definition'),
    registerReferenceProvider: registered('references'),
    registerRenameProvider: registered('rename'),
    registerDocumentFormattingEditProvider: registered('formatting'),
    registerDocumentSymbolProvider: registered('symbols'),
    registerDocumentSemanticTokensProvider: registered('semanticTokens')
  },
  workspace: {
    workspaceFolders: undefined,
    textDocuments: [],
    getConfiguration: () => ({ get: (name) => settings[name] }),
    createFileSystemWatcher: () => ({
      onDidCreate: event('created on disk'),
      onDidChange: event('changed on disk'),
      onDidDelete: event('deleted on disk'),
      dispose() {}
    }),
    onDidChangeWorkspaceFolders: event('changed folders'),
    onDidOpenTextDocument: event('opened'),
    onDidChangeTextDocument: event('changed'),
    onDidCloseTextDocument: event('closed')
  },
  window: { showErrorMessage(message) { errors.push(message); told() } },
  commands: { registerCommand: (name, command) => { listeners[name] = command; return { dispose() {} } } }
}

// The findings of a document, as soon as `isDue` is true of them.
function findingsOf(uri, isDue) {
  return new Promise((resolve, reject) => {
    const impatience = setTimeout(() => reject(new Error(`no such findings: ${JSON.stringify([...findings])}`)), 60000)
    told = () => {
      const found = findings.get(uri)
      if (!found || !isDue(found)) return
      clearTimeout(impatience)
      told = () => {}
      resolve(found)
    }
    told()
  })
}

module.exports = { vscode, providers, listeners, errors, settings, findingsOf }
