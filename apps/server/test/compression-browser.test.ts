import { respond } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import { startCommand, tempSite } from '@tsws/testing'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../src/index.ts'

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)

const TEXT = 'a line with an umlaut: grüße\n'.repeat(5000)

// A page that reads a file, an answer of a handler and events through compression, and posts a compressed body.
const PAGE = `<!doctype html><meta charset="utf-8"><title>page</title><script type="module">
const results = []
for (const path of ['/text.txt', '/made', '/text.txt']) {
  const text = await (await fetch(path, { cache: 'no-store' })).text()
  results.push(text.length + text.slice(0, 4))
}
results.push(await new Promise((resolve, reject) => {
  const source = new EventSource('/events')
  const seen = []
  source.onmessage = ({ data }) => { seen.push(data); if (seen.length === 3) { source.close(); resolve(seen.join('')) } }
  source.onerror = () => reject(new Error('no event'))
}))
const coded = new Blob(['posted']).stream().pipeThrough(new CompressionStream('gzip'))
const body = await new Response(coded).arrayBuffer()
results.push(await (await fetch('/echo', { method: 'POST', headers: { 'Content-Encoding': 'gzip' }, body })).text())
await fetch('/done', { method: 'POST', body: results.join(' | ') })
</script>`

async function* events(): AsyncGenerator<Uint8Array> {
  for (const event of ['a', 'b', 'c']) {
    yield Buffer.from(`data: ${event}\n\n`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await new Promise(() => {}) // an event stream stays open
}

test.skipIf(CHROMIUM === undefined)(
  'a page in Chromium reads files, answers and events compressed, and posts a compressed body',
  { timeout: 60_000 },
  async () => {
    const { promise: done, resolve: tellDone } = Promise.withResolvers<string>()
    const accepted = new Map<string, string | null>()
    const handler: Middleware = async (request, next) => {
      accepted.set(request.pathname, request.headers.get('accept-encoding'))
      if (request.pathname === '/done') tellDone(await request.text())
      if (request.pathname === '/echo') return respond.text((await request.text()).toUpperCase())
      if (request.pathname === '/made') return respond.text(TEXT)
      if (request.pathname === '/events')
        return respond.stream(events(), { headers: { 'Content-Type': 'text/event-stream' } })
      return request.pathname === '/done' ? respond.empty() : next(request)
    }
    await using site = await tempSite({ 'index.html': PAGE, 'text.txt': TEXT })
    const server = await startServer({
      root: site.root,
      port: 0,
      middleware: [handler],
      decodeRequests: {},
      // The page is a script of its own here.
      securityHeaders: false,
    })
    const profile = await mkdtemp(join(tmpdir(), 'tsws-chromium-'))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
    const page = `http://127.0.0.1:${server.port}/`
    const browser = startCommand([CHROMIUM as string, ...flags, ...quiet, `--user-data-dir=${profile}`, page])
    try {
      const size = TEXT.length
      expect(await done).toBe(`${size}a li | ${size}a li | ${size}a li | abc | POSTED`)
      expect(accepted.get('/made')).toMatch(/gzip.*br/)
    } finally {
      await browser[Symbol.asyncDispose]()
      await rm(profile, { recursive: true, force: true })
      await server.close({ grace: 0 })
    }
  },
)
