'use strict'
// Brings `nbx lsp` to VS Code. What the protocol and the editor's interface call differently is put across here; all
// knowledge of the language is the server's.
const vscode = require('vscode')
const { Server } = require('./server')

const LANGUAGE = 'nbx'

let server
let registrations = []
let diagnostics

// ---- from the protocol to the editor ----

const position = (p) => new vscode.Position(p.line, p.character)
const range = (r) => new vscode.Range(position(r.start), position(r.end))
const location = (l) =>
  new vscode.Location(vscode.Uri.parse(l.targetUri || l.uri), range(l.targetSelectionRange || l.range))
const textEdit = (e) => new vscode.TextEdit(range(e.range), e.newText)
const list = (value) => (value == null ? [] : Array.isArray(value) ? value : [value])

function markdown(content) {
  if (content == null) return undefined
  const text = list(content).map((c) => (typeof c === 'string' ? c : c.value)).join('\n\n')
  return content.kind === 'plaintext' ? new vscode.MarkdownString().appendText(text) : new vscode.MarkdownString(text)
}

function diagnostic(d) {
  // The protocol counts from 1, the editor from 0.
  const found = new vscode.Diagnostic(range(d.range), d.message, (d.severity || 1) - 1)
  found.code = d.code
  found.source = d.source || LANGUAGE
  if (d.tags) found.tags = d.tags
  found.relatedInformation = list(d.relatedInformation).map(
    (r) => new vscode.DiagnosticRelatedInformation(location(r.location), r.message))
  return found
}

function completion(item) {
  const shown = new vscode.CompletionItem(item.label, (item.kind || 1) - 1)
  shown.detail = item.detail
  shown.documentation = markdown(item.documentation)
  shown.sortText = item.sortText
  shown.filterText = item.filterText
  const text = item.textEdit ? item.textEdit.newText : item.insertText || item.label
  shown.insertText = item.insertTextFormat === 2 ? new vscode.SnippetString(text) : text
  if (item.textEdit) shown.range = range(item.textEdit.range || item.textEdit.replace)
  return shown
}

function symbol(s) {
  if (s.location) return new vscode.SymbolInformation(s.name, s.kind - 1, s.containerName || '', location(s.location))
  const shown = new vscode.DocumentSymbol(s.name, s.detail || '', s.kind - 1, range(s.range), range(s.selectionRange))
  shown.children = list(s.children).map(symbol)
  return shown
}

function workspaceEdit(edit) {
  const changes = new vscode.WorkspaceEdit()
  const add = (uri, edits) => changes.set(vscode.Uri.parse(uri), edits.map(textEdit))
  for (const [uri, edits] of Object.entries(edit.changes || {})) add(uri, edits)
  for (const change of edit.documentChanges || []) add(change.textDocument.uri, change.edits)
  return changes
}

// ---- from the editor to the protocol ----

const isOurs = (document) => document.languageId === LANGUAGE
const named = (document) => ({ uri: document.uri.toString() })
const place = (document, at) =>
  ({ textDocument: named(document), position: { line: at.line, character: at.character } })

// What the server offers, and how the editor asks for it.
function register(offers) {
  const languages = vscode.languages
  const ask = (method, params, token) => server.request(method, params, token)
  const add = (offer, make) => { if (offer) registrations.push(make(offer === true ? {} : offer)) }

  add(offers.completionProvider, (options) => languages.registerCompletionItemProvider(LANGUAGE, {
    async provideCompletionItems(document, at, token) {
      const answer = await ask('textDocument/completion', place(document, at), token)
      return new vscode.CompletionList(list(answer && answer.items ? answer.items : answer).map(completion),
        Boolean(answer && answer.isIncomplete))
    }
  }, ...(options.triggerCharacters || [])))
  add(offers.hoverProvider, () => languages.registerHoverProvider(LANGUAGE, {
    async provideHover(document, at, token) {
      const answer = await ask('textDocument/hover', place(document, at), token)
      return answer ? new vscode.Hover(markdown(answer.contents), answer.range && range(answer.range)) : undefined
    }
  }))
  add(offers.definitionProvider, () => languages.registerDefinitionProvider(LANGUAGE, {
    async provideDefinition(document, at, token) {
      return list(await ask('textDocument/definition', place(document, at), token)).map(location)
    }
  }))
  add(offers.referencesProvider, () => languages.registerReferenceProvider(LANGUAGE, {
    async provideReferences(document, at, context, token) {
      const params = { ...place(document, at), context: { includeDeclaration: context.includeDeclaration } }
      return list(await ask('textDocument/references', params, token)).map(location)
    }
  }))
  add(offers.renameProvider, (options) => languages.registerRenameProvider(LANGUAGE, {
    async provideRenameEdits(document, at, newName, token) {
      const answer = await ask('textDocument/rename', { ...place(document, at), newName }, token)
      return answer ? workspaceEdit(answer) : undefined
    },
    ...(options.prepareProvider && {
      async prepareRename(document, at, token) {
        const answer = await ask('textDocument/prepareRename', place(document, at), token)
        if (!answer) throw new Error('this can\'t be renamed')
        return answer.placeholder ? { range: range(answer.range), placeholder: answer.placeholder } : range(answer)
      }
    })
  }))
  add(offers.documentFormattingProvider, () => languages.registerDocumentFormattingEditProvider(LANGUAGE, {
    async provideDocumentFormattingEdits(document, options, token) {
      const params = { textDocument: named(document), options: { tabSize: 2, insertSpaces: true } }
      return list(await ask('textDocument/formatting', params, token)).map(textEdit)
    }
  }))
  add(offers.documentSymbolProvider, () => languages.registerDocumentSymbolProvider(LANGUAGE, {
    async provideDocumentSymbols(document, token) {
      return list(await ask('textDocument/documentSymbol', { textDocument: named(document) }, token)).map(symbol)
    }
  }))
  add(offers.semanticTokensProvider, (options) => {
    const legend = new vscode.SemanticTokensLegend(options.legend.tokenTypes, options.legend.tokenModifiers)
    return languages.registerDocumentSemanticTokensProvider(LANGUAGE, {
      async provideDocumentSemanticTokens(document, token) {
        const answer = await ask('textDocument/semanticTokens/full', { textDocument: named(document) }, token)
        return answer ? new vscode.SemanticTokens(new Uint32Array(answer.data)) : undefined
      }
    }, legend)
  })
}

// ---- documents ----

function opened(document) {
  if (!server || !isOurs(document)) return
  server.notify('textDocument/didOpen', {
    textDocument: { ...named(document), languageId: LANGUAGE, version: document.version, text: document.getText() }
  })
}

function changed(document) {
  if (!server || !isOurs(document)) return
  server.notify('textDocument/didChange', {
    textDocument: { ...named(document), version: document.version }, contentChanges: [{ text: document.getText() }]
  })
}

function closed(document) {
  if (!isOurs(document)) return
  diagnostics.delete(document.uri)
  if (server) server.notify('textDocument/didClose', { textDocument: named(document) })
}

// ---- what changes around them ----

// `type` is the protocol's: 1 created, 2 changed, 3 deleted.
const changedOnDisk = (type) => (uri) => {
  if (server) server.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri.toString(), type }] })
}

const protocolFolders = (folders) => folders.map((folder) => ({ uri: folder.uri.toString(), name: folder.name }))

function changedFolders({ added, removed }) {
  if (!server) return
  const event = { added: protocolFolders(added), removed: protocolFolders(removed) }
  server.notify('workspace/didChangeWorkspaceFolders', { event })
}

// ---- beginning and ending ----

async function start() {
  const path = vscode.workspace.getConfiguration(LANGUAGE).get('path') || 'nbx'
  const begun = new Server(path, ['lsp'], {
    notified(method, params) {
      if (method !== 'textDocument/publishDiagnostics') return
      diagnostics.set(vscode.Uri.parse(params.uri), params.diagnostics.map(diagnostic))
    },
    ended(reason) {
      if (server !== begun) return
      server = undefined
      forgetRegistrations()
      vscode.window.showErrorMessage(`nbx lsp has ended: ${reason}. Is the setting nbx.path right? ` +
        'The command "nbx: restart the language server" starts it again.')
    }
  })
  server = begun
  const folders = vscode.workspace.workspaceFolders || []
  const answer = await begun.request('initialize', {
    processId: process.pid,
    rootUri: folders.length > 0 ? folders[0].uri.toString() : null,
    workspaceFolders: protocolFolders(folders),
    capabilities: {
      workspace: { workspaceFolders: true },
      general: { positionEncodings: ['utf-16'] },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
        hover: { contentFormat: ['markdown', 'plaintext'] },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        rename: { prepareSupport: true },
        publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] } },
        semanticTokens: { requests: { full: true }, formats: ['relative'], tokenTypes: [], tokenModifiers: [] }
      }
    }
  })
  if (!answer || server !== begun) return
  begun.notify('initialized', {})
  register(answer.capabilities)
  vscode.workspace.textDocuments.forEach(opened)
}

function forgetRegistrations() {
  registrations.forEach((registration) => registration.dispose())
  registrations = []
}

async function stop() {
  const ending = server
  server = undefined
  forgetRegistrations()
  if (ending) await ending.stop()
}

async function activate(context) {
  diagnostics = vscode.languages.createDiagnosticCollection(LANGUAGE)
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.nbx')
  context.subscriptions.push(
    diagnostics,
    watcher,
    watcher.onDidCreate(changedOnDisk(1)),
    watcher.onDidChange(changedOnDisk(2)),
    watcher.onDidDelete(changedOnDisk(3)),
    vscode.workspace.onDidChangeWorkspaceFolders(changedFolders),
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.workspace.onDidChangeTextDocument((event) => changed(event.document)),
    vscode.workspace.onDidCloseTextDocument(closed),
    vscode.commands.registerCommand('nbx.restart', async () => {
      await stop()
      await start()
    }))
  await start()
}

module.exports = { activate, deactivate: stop }
