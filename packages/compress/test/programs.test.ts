import { spawnSync } from 'node:child_process'
import { HttpResponse } from '@tsws/http'
import { expect, test } from 'vitest'
import { AVAILABLE_CODINGS, compress } from '../src/index.ts'
import type { Coding } from '../src/index.ts'
import { accepting, bytesOf, countedSource, decode, sampleText } from './exchange.ts'

// The programs people decode with, where the machine has them; without one, node:zlib is the judge, so that the test
// says something everywhere.
const PROGRAMS: Record<Coding, readonly [string, ...string[]]> = {
  gzip: ['gzip', '-dc'],
  br: ['brotli', '-dc'],
  zstd: ['zstd', '-dcq'],
}

function decodeByProgram(bytes: Uint8Array, coding: Coding): Buffer {
  const [program, ...options] = PROGRAMS[coding]
  const run = spawnSync(program, options, { input: bytes, maxBuffer: 64 * 1024 * 1024 })
  if (run.error !== undefined) return decode(bytes, coding)
  expect(run.stderr.toString()).toBe('')
  expect(run.status).toBe(0)
  return run.stdout
}

test.each(AVAILABLE_CODINGS)(
  '%s: what is sent at once, on a thread, as a stream and from the cache decodes',
  async (coding) => {
    const layer = compress()
    for (const size of [1500, 100_000, 1_300_000]) {
      const text = sampleText(size)
      const bodies = [
        text,
        Buffer.from(text),
        countedSource([Buffer.from(text.slice(0, 700)), Buffer.from(text.slice(700))]),
      ]
      for (const body of bodies) {
        const headers = { 'Content-Type': 'text/plain', ETag: '"v1"' }
        const response = await layer(accepting(coding), () => new HttpResponse(body, { headers }))
        expect(response.headers.get('content-encoding')).toBe(coding)
        expect(decodeByProgram(await bytesOf(response), coding).toString() === text).toBe(true)
      }
      if (size > 1_000_000) continue
      await layer.idle()
      const headers = { 'Content-Type': 'text/plain', ETag: '"v1"' }
      const best = await layer(accepting(coding), () => new HttpResponse(text, { headers }))
      expect(decodeByProgram(await bytesOf(best), coding).toString() === text).toBe(true)
    }
    await layer.close()
  },
)
