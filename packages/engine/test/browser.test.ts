import { respond } from '@tsws/http'
import { startCommand } from '@tsws/testing'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { upgradeRequest } from '../src/index.ts'
import { start } from './start.ts'

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)

// What a page does that talks to its server in every way, and what came of it as text.
const PAGE = `<!doctype html><title>page</title><body><script type="module">
const results = []
results.push(await (await fetch('/upper', { method: 'POST', body: 'grüße' })).text())
let streamed = ''
for await (const piece of (await fetch('/stream')).body.pipeThrough(new TextDecoderStream())) streamed += piece
results.push(streamed)
results.push(await new Promise((resolve, reject) => {
  const source = new EventSource('/events')
  source.onmessage = ({ data }) => { source.close(); resolve(data) }
  source.onerror = () => reject(new Error('no event'))
}))
results.push(await new Promise((resolve, reject) => {
  const socket = new WebSocket('ws://' + location.host + '/socket')
  socket.onopen = () => socket.send('hello')
  socket.onmessage = ({ data }) => { socket.close(); resolve(data) }
  socket.onerror = () => reject(new Error('no socket'))
}))
await fetch('/done', { method: 'POST', body: results.join(' | ') })
</script>`

async function* numbers(): AsyncGenerator<Uint8Array> {
  for (const number of ['one ', 'two ', 'three']) yield Buffer.from(number)
}

async function* events(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('data: an event\n\n')
  await new Promise(() => {}) // an event stream stays open
}

test.skipIf(CHROMIUM === undefined)(
  'a page in Chromium fetches, streams, listens to events and speaks over a WebSocket',
  { timeout: 60_000 },
  async () => {
    const sockets = new WebSocketServer({ noServer: true })
    sockets.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`echo ${data.toString()}`)),
    )
    const { promise: done, resolve: tellDone } = Promise.withResolvers<string>()
    await using started = await start(
      async (request) => {
        if (request.pathname === '/done') tellDone(await request.text())
        if (request.pathname === '/upper') return respond.text((await request.text()).toUpperCase())
        if (request.pathname === '/stream') return respond.stream(numbers())
        if (request.pathname === '/events') {
          return respond.stream(events(), { headers: { 'Content-Type': 'text/event-stream' } })
        }
        return request.pathname === '/' ? respond.html(PAGE) : respond.empty()
      },
      {
        upgrade: (request, socket, rest) =>
          sockets.handleUpgrade(upgradeRequest(request, socket), socket, Buffer.from(rest), (client, from) =>
            sockets.emit('connection', client, from),
          ),
      },
    )
    const profile = await mkdtemp(join(tmpdir(), 'tsws-chromium-'))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
    const page = `http://127.0.0.1:${started.port}/`
    const browser = startCommand([CHROMIUM as string, ...flags, ...quiet, `--user-data-dir=${profile}`, page])
    const results = await done
    await browser[Symbol.asyncDispose]()
    await rm(profile, { recursive: true, force: true })
    sockets.close()
    expect(results).toBe('GRÜSSE | one two three | an event | echo hello')
  },
)
