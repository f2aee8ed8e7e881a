import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPlanner, isRange, serveStatic } from '../src/index.ts'
import { ask, makeTree, OLD_DATE } from './support.ts'
import type { Fields } from './support.ts'

const SIZE = 5000
const PLAIN = Buffer.alloc(SIZE, 'plain ')
const BR = Buffer.alloc(1200, 'brotli ')
const GZ = Buffer.alloc(1500, 'gzip ')

const offset = fc.integer({ min: 0, max: SIZE + 100 })
const rangeSpec = fc.oneof(
  fc.tuple(offset, offset).map(([a, b]) => `${a}-${b}`),
  offset.map((a) => `${a}-`),
  offset.map((a) => `-${a}`),
)
const request = fc.record({
  method: fc.constantFrom('GET', 'HEAD'),
  encoding: fc.option(fc.constantFrom('gzip', 'br', 'br;q=0.1, gzip', 'zstd', '*', 'identity;q=0', ''), {
    nil: null,
  }),
  range: fc.option(fc.array(rangeSpec, { minLength: 1, maxLength: 4 }), { nil: null }),
  condition: fc.option(
    fc.constantFrom<[string, string]>(
      ['If-None-Match', '"x"'],
      ['If-None-Match', '*'],
      ['If-Match', '"x"'],
      ['If-Match', '*'],
      ['If-Modified-Since', OLD_DATE],
      ['If-Range', OLD_DATE],
      ['If-Range', '"x"'],
    ),
    { nil: null },
  ),
})

function fieldsOf({
  encoding,
  range,
  condition,
}: {
  encoding: string | null
  range: string[] | null
  condition: [string, string] | null
}): Fields {
  return {
    ...(encoding === null ? {} : { 'Accept-Encoding': encoding }),
    ...(range === null ? {} : { Range: `bytes=${range.join(',')}` }),
    ...(condition === null ? {} : { [condition[0]]: condition[1] }),
  }
}

describe('Content-Length is the number of bytes sent, over coding × range × method × condition', () => {
  it.each([
    ['from memory', {}],
    ['from disk', { cache: false }],
  ] as const)('%s', async (_, options) => {
    const middleware = serveStatic(makeTree({ 'a.txt': PLAIN, 'a.txt.br': BR, 'a.txt.gz': GZ }), options)
    await fc.assert(
      fc.asyncProperty(request, async (drawn) => {
        const fields = fieldsOf(drawn)
        const answer = await ask(middleware, drawn.method, '/a.txt', fields)
        expect(answer.length).toBe(answer.bytes.length)
        const coding = answer.header('content-encoding')
        const whole = coding === 'br' ? BR : coding === 'gzip' ? GZ : PLAIN
        if (answer.status === 200) expect(answer.bytes.equals(whole)).toBe(true)
        if (answer.status === 304) expect(answer.bytes.length).toBe(0)
        const contentRange = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.header('content-range') ?? '')
        if (contentRange !== null && answer.status === 206) {
          const [start, last, size] = contentRange.slice(1).map(Number) as [number, number, number]
          expect(size).toBe(whole.length)
          expect(answer.bytes.equals(whole.subarray(start, last + 1))).toBe(true)
        }
        if (drawn.method === 'HEAD') expect([200, 304, 412]).toContain(answer.status)
      }),
      { numRuns: 400 },
    )
  })

  it('in the plan alone', () => {
    const plan = createPlanner()
    fc.assert(
      fc.property(request, fc.integer({ min: 0, max: SIZE }), (drawn, size) => {
        const fields = new Headers(fieldsOf(drawn))
        const planned = plan(
          { method: drawn.method, headers: fields },
          { path: '/a.txt', size, mtimeMs: 1e12 },
        )
        let sent = 0
        for (const piece of planned.content) sent += isRange(piece) ? piece.end - piece.start : piece.length
        const declared = planned.headers.find(([name]) => name === 'Content-Length')?.[1]
        if (planned.status === 304) expect([declared, sent]).toEqual([undefined, 0])
        else if (drawn.method === 'GET') expect(Number(declared)).toBe(sent)
        else expect(sent).toBe(0)
      }),
      { numRuns: 1000 },
    )
  })
})
