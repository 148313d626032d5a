'use strict'
// A language server as a child process: messages of JSON-RPC, each behind a header with its length.
const { spawn } = require('child_process')

class Server {
  constructor(path, words, listener) {
    this.listener = listener
    this.waiting = new Map()
    this.nextNumber = 1
    this.received = Buffer.alloc(0)
    this.lastWords = ''
    this.process = spawn(path, words, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.process.stdout.on('data', (data) => this.receive(data))
    this.process.stderr.on('data', (data) => { this.lastWords = (this.lastWords + data).slice(-500) })
    this.process.stdin.on('error', () => {})
    this.process.on('error', (error) => this.end(error.message))
    this.process.on('close', (code, signal) => this.end(this.lastWords.trim() || `exit ${code === null ? signal : code}`))
  }

  // The answer to a request; undefined if there is none, since the server refused it, was told to drop it, or has ended.
  request(method, params, token) {
    if (!this.process) return Promise.resolve(undefined)
    const id = this.nextNumber++
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      if (token) token.onCancellationRequested(() => {
        if (this.waiting.delete(id)) {
          this.notify('$/cancelRequest', { id })
          resolve(undefined)
        }
      })
      this.send({ jsonrpc: '2.0', id, method, params })
    })
  }

  notify(method, params) { this.send({ jsonrpc: '2.0', method, params }) }

  async stop() {
    if (!this.process) return
    const child = this.process
    const ended = new Promise((resolve) => child.once('close', resolve))
    const impatience = setTimeout(() => child.kill(), 2000)
    await Promise.race([this.request('shutdown', undefined), ended])
    this.notify('exit', undefined)
    await ended
    clearTimeout(impatience)
  }

  send(message) {
    if (!this.process) return
    const body = Buffer.from(JSON.stringify(message))
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`)
    this.process.stdin.write(body)
  }

  receive(data) {
    this.received = Buffer.concat([this.received, data])
    for (;;) {
      const headerEnd = this.received.indexOf('\r\n\r\n')
      if (headerEnd < 0) return
      const length = /content-length: *(\d+)/i.exec(this.received.toString('latin1', 0, headerEnd))
      const start = headerEnd + 4
      const end = start + (length ? Number(length[1]) : 0)
      if (this.received.length < end) return
      const body = this.received.toString('utf8', start, end)
      this.received = this.received.subarray(end)
      if (length) this.take(JSON.parse(body))
    }
  }

  take(message) {
    if (message.method === undefined) {
      const resolve = this.waiting.get(message.id)
      this.waiting.delete(message.id)
      if (resolve) resolve(message.error ? undefined : message.result)
    } else if (message.id === undefined) {
      this.listener.notified(message.method, message.params)
    } else {
      // Whatever the server asks of the editor: this one has nothing to give.
      this.send({ jsonrpc: '2.0', id: message.id, result: null })
    }
  }

  end(reason) {
    if (!this.process) return
    this.process = undefined
    this.waiting.forEach((resolve) => resolve(undefined))
    this.waiting.clear()
    this.listener.ended(reason)
  }
}

module.exports = { Server }
