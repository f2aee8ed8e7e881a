// Own work per request for a cached file, without an engine: node --conditions=@tsws/source bench/cached-hit.ts
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpRequest, HttpResponse, respond } from '@tsws/http'
import type { Exchange, Handler, Middleware, RequestFacts } from '@tsws/http'
import { serveStatic } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'tsws-bench-'))
for (const name of ['small.bin', 'small.html', 'negotiated.js', 'negotiated.js.br']) {
  writeFileSync(join(root, name), Buffer.alloc(1024, 'x'))
  utimesSync(join(root, name), 1e9, 1e9)
}
const next: Handler = () => respond.text('not found\n', { status: 404 })

const BROWSER: Record<string, string> = {
  host: 'localhost:8080',
  connection: 'keep-alive',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-encoding': 'gzip, deflate, br, zstd',
  'accept-language': 'en-US,en;q=0.9',
}

/** Fields as a list searched by name, which is no better than what a parser offers. */
function factsOf(method: string, target: string, fields: Record<string, string>): RequestFacts {
  const lines = new Map(Object.entries(fields))
  return {
    method,
    target,
    minorVersion: 1,
    get: (name) => lines.get(name) ?? null,
    has: (name) => lines.has(name),
    [Symbol.iterator]: () => lines[Symbol.iterator](),
  }
}

const exchange = {
  connection: {},
  bodyLength: 0,
  maxBodyBytes: 0,
  readBody: () => null,
  trailers: null,
} as unknown as Exchange

function measure(
  name: string,
  middleware: Middleware,
  method: string,
  target: string,
  fields: Record<string, string>,
): void {
  const facts = factsOf(method, target, fields)
  let status = 0
  const run = (count: number): number => {
    const start = process.hrtime.bigint()
    for (let at = 0; at < count; at++) {
      const response = middleware(new HttpRequest(facts, exchange), next) as HttpResponse
      status = response.status
    }
    return Number(process.hrtime.bigint() - start) / count
  }
  run(200_000)
  const rounds = Array.from({ length: 7 }, () => run(300_000)).toSorted((a, b) => a - b)
  console.log(`${name.padEnd(34)} ${String(status)}  ${(rounds[3] as number).toFixed(0).padStart(5)} ns`)
}

// The loop never lets go, so nothing could be looked at again behind the scenes.
const middleware = serveStatic(root, { revalidateInterval: 1e9 })
for (const target of ['/small.bin', '/small.html', '/negotiated.js'])
  await middleware(new HttpRequest(factsOf('GET', target, {}), exchange), next)
const etag = (
  await middleware(new HttpRequest(factsOf('GET', '/small.bin', {}), exchange), next)
).headers.get('etag') as string

const baseline = new Uint8Array(1024)
measure('request and response objects alone', () => new HttpResponse(baseline), 'GET', '/small.bin', BROWSER)
measure('cached, curl', middleware, 'GET', '/small.bin', { host: 'localhost', accept: '*/*' })
measure('cached, browser', middleware, 'GET', '/small.html', BROWSER)
measure('cached, browser, with a query', middleware, 'GET', '/small.html?v=1', BROWSER)
measure('cached, browser, precompressed', middleware, 'GET', '/negotiated.js', BROWSER)
measure('cached, escaped path', middleware, 'GET', '/%73mall.html', BROWSER)
measure('304 by tag', middleware, 'GET', '/small.bin', { ...BROWSER, 'if-none-match': etag })
measure('304 by date', middleware, 'GET', '/small.bin', {
  ...BROWSER,
  'if-modified-since': 'Sun, 09 Sep 2001 01:46:40 GMT',
})
measure('206', middleware, 'GET', '/small.bin', { ...BROWSER, range: 'bytes=0-99' })
rmSync(root, { recursive: true })
