import { connectRaw, tempSite } from '@tsws/testing'
import type { ReadResponse, TempSite } from '@tsws/testing'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startServer } from '../src/index.ts'
import type { RunningServer } from '../src/index.ts'

const LINES = Array.from({ length: 80_000 }, (_, line) => `line ${line} of ${(line * 7919) % 1013}\n`).join(
  '',
)
const FILES: Readonly<Record<string, Uint8Array>> = {
  'page.txt': Buffer.from(LINES.slice(0, 60_000)),
  'large.txt': Buffer.from(LINES),
  'app.js': Buffer.from(LINES.slice(0, 30_000)),
  'app.js.br': zlib.brotliCompressSync(LINES.slice(0, 30_000)),
  'picture.png': Buffer.from(crypto.getRandomValues(new Uint8Array(20_000))),
}

let site: TempSite
let server: RunningServer
beforeAll(async () => {
  site = await tempSite(FILES)
  // All codings of a file have one time, as a build tool may leave them.
  for (const path of Object.keys(FILES)) await utimes(join(site.root, path), 1e9, 1e9)
  server = await startServer({ root: site.root, port: 0 })
  // What was written in the last two seconds has no strong tag yet.
  await vi.waitFor(async () => expect((await ask('picture.png', [])).get('etag')).toMatch(/^"/), 5000)
})
afterAll(async () => {
  await server.close({ grace: 0 })
  await site.remove()
})

async function ask(path: string, fields: readonly string[]): Promise<ReadResponse> {
  using client = await connectRaw(server.port, { methods: ['GET'] })
  client.write([`GET /${path} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n'))
  return await client.readResponse()
}

function decode(bytes: Uint8Array, coding: string | null): Buffer {
  if (coding === 'gzip') return zlib.gunzipSync(bytes)
  if (coding === 'br') return zlib.brotliDecompressSync(bytes)
  if (coding === 'zstd') return zlib.zstdDecompressSync(bytes)
  return Buffer.from(bytes)
}

// RFC 9110 §13.1.5, §15.3.7.3: a client that has the first part of an answer asks for the rest of it, if it is the same.
test.each(['page.txt', 'large.txt', 'app.js', 'picture.png'])(
  'the rest of %s fits what a client has of it, or all is sent anew',
  async (path) => {
    const content = FILES[path] as Uint8Array
    const outcomes = new Set<string>()
    for (let time = 0; time < 3; time++) {
      for (const coding of ['gzip', 'br', 'zstd', 'identity', null]) {
        const accept = coding === null ? [] : [`Accept-Encoding: ${coding}`]
        const first = await ask(path, accept)
        const has = first.body.subarray(0, first.body.length >> 1)
        for (const validator of ['etag', 'last-modified']) {
          const rest = [`Range: bytes=${has.length}-`, `If-Range: ${first.get(validator)}`]
          const second = await ask(path, [...accept, ...rest])
          outcomes.add(`${second.status} by ${validator} for ${first.get('content-encoding') ?? 'plain'}`)
          const joined = second.status === 206 ? Buffer.concat([has, second.body]) : second.body
          const as = second.status === 206 ? first : second
          expect(decode(joined, as.get('content-encoding')).equals(content)).toBe(true)
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 600)) // the better coding takes its place
    }
    // It did not go well for want of parts.
    expect([...outcomes]).toContain('206 by last-modified for plain')
    if (path === 'picture.png') expect([...outcomes]).toContain('206 by etag for plain')
    else expect([...outcomes]).toContain('200 by last-modified for br')
  },
)
