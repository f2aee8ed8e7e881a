import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RequestParser } from '../src/index.ts'
import { checkChunked, checkRequest } from './agreement.ts'
import { bytesOf, describeHead, textOf } from './events.ts'

const RUNS = { numRuns: 1000 }

const letters = (characters: string, size: { minLength?: number; maxLength?: number }) =>
  fc.array(fc.constantFrom(...characters), size).map((parts) => parts.join(''))

const ALPHA = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const TCHAR = `${ALPHA}0123456789!#$%&'*+-.^_\`|~`
const token = letters(TCHAR, { minLength: 1, maxLength: 20 })
const target = letters(`${ALPHA}0123456789-._~!$&'()*+,;=:@/?%`, { maxLength: 60 }).map((path) => `/${path}`)
const text = letters(
  Array.from({ length: 224 }, (_, i) => String.fromCharCode(i + 32))
    .join('')
    .replace('\x7f', ''),
  { maxLength: 50 },
)
const FRAMING = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'expect', 'upgrade'])
const field = fc
  .tuple(
    token,
    text.map((value) => value.trim().replace(/^[ \t]+|[ \t]+$/g, '')),
  )
  .filter(([name]) => !FRAMING.has(name.toLowerCase()))
const pieces = fc.array(fc.nat({ max: 400 }), { maxLength: 6 })

interface Request {
  method: string
  target: string
  fields: [string, string][]
  body: string
  chunks: number[] | null
}

const request: fc.Arbitrary<Request> = fc.record({
  method: token.filter((method) => method !== 'CONNECT'),
  target,
  fields: fc.array(field, { maxLength: 8 }),
  body: text,
  chunks: fc.option(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 })),
})

function write({ method, target, fields, body, chunks }: Request): string {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `${method} ${target} HTTP/1.1\r\nHost: a\r\n${lines}`
  if (chunks === null) return `${head}Content-Length: ${body.length}\r\n\r\n${body}`
  let coded = ''
  let at = 0
  for (const size of [...chunks, body.length]) {
    const part = body.slice(at, at + size)
    if (part !== '') coded += `${part.length.toString(16)}\r\n${part}\r\n`
    at += part.length
  }
  return `${head}Transfer-Encoding: chunked\r\n\r\n${coded}0\r\n\r\n`
}

function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const sorted = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ]
  return sorted.slice(1).map((to, place) => bytes.slice(sorted[place], to))
}

test('what is written by the grammar is read back, however it is cut, and stays readable afterwards', () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 3 }), pieces, (requests, places) => {
      const parser = new RequestParser()
      const heads: (typeof parser.head)[] = []
      const bodies: string[] = []
      for (const piece of cut(bytesOf(requests.map(write).join('')), places)) {
        parser.push(piece)
        for (let event = parser.next(); event !== 'need-more'; event = parser.next()) {
          if (event === 'head') {
            heads.push(parser.head)
            bodies.push('')
          }
          if (event === 'data') bodies[bodies.length - 1] += textOf(parser.data)
        }
      }
      parser.finish()
      expect(bodies).toEqual(requests.map(({ body }) => body))
      // Only now: by this time the shared index is about the last head.
      expect(heads.map((head) => describeHead(head))).toMatchObject(
        requests.map(({ method, target, fields, body, chunks }) => ({
          method,
          target,
          form: 'origin',
          contentLength: chunks === null ? body.length : -1,
          fields: [
            ['host', 'a'],
            ...fields.map(([name, value]) => [name.toLowerCase(), value]),
            expect.anything(),
          ],
        })),
      )
    }),
    RUNS,
  )
})

const damage = fc.record({
  at: fc.nat({ max: 500 }),
  remove: fc.nat({ max: 3 }),
  insert: fc.oneof(
    letters('\0\t\n\r "#:/,;\x7f\x80\xff0a', { maxLength: 3 }),
    fc.constantFrom(
      '\r\n',
      '\r\n\r\n',
      'chunked',
      'Content-Length: 1\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Host: b\r\n',
      ' HTTP/1.0',
    ),
  ),
})

test('a damaged request is refused, or means what a second reading says it means', () => {
  fc.assert(
    fc.property(request, fc.array(damage, { minLength: 1, maxLength: 4 }), pieces, (whole, damages, cuts) => {
      let bytes = write(whole)
      for (const { at, remove, insert } of damages) {
        const place = at % (bytes.length + 1)
        bytes = bytes.slice(0, place) + insert + bytes.slice(place + remove)
      }
      checkRequest(bytes, cuts)
    }),
    RUNS,
  )
})

test('a chunked body, whole or damaged, is decoded as a second reading says', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '0',
      '1',
      '5',
      'a',
      'F',
      '\r\n',
      '\r',
      '\n',
      ';',
      'x=y',
      '="q\\""',
      ' ',
      'hello',
      '0\r\n\r\n',
      '5\r\nhello\r\n',
    ),
    letters('0123456789abcdefx;="\r\n ', { maxLength: 4 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces, (parts, cuts) =>
      checkChunked(parts.join(''), cuts),
    ),
    RUNS,
  )
})

test('noise is refused with a ParseError or waited for, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), pieces, (noise, cuts) =>
      checkRequest(textOf(noise), cuts),
    ),
    RUNS,
  )
})
