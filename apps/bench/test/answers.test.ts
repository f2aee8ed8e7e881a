import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { assertAnswer, assertLoad, WrongAnswer } from '../src/answers.ts'

describe('assertAnswer', () => {
  const expected = { status: 200, body: Buffer.from('Hello'), headers: { 'content-type': /^text\/plain/ } }
  const answer = (over: { status?: number; body?: Buffer; headers?: [string, string][] }) => ({
    status: over.status ?? 200,
    body: over.body ?? Buffer.from('Hello'),
    headers: new Map(over.headers ?? [['content-type', 'text/plain; charset=utf-8']]),
  })

  it('accepts the right answer', () => {
    expect(() => assertAnswer(answer({}), expected, 'x')).not.toThrow()
  })

  it.each([
    ['another status', answer({ status: 500 }), 'status 500, expected 200'],
    ['one wrong byte', answer({ body: Buffer.from('Hellp') }), 'byte 4 differs'],
    ['a byte too few', answer({ body: Buffer.from('Hell') }), '4 bytes, expected 5'],
    ['a byte too many', answer({ body: Buffer.from('Hello!') }), '6 bytes, expected 5'],
    ['a missing field', answer({ headers: [] }), 'content-type is missing'],
    ['a wrong field', answer({ headers: [['content-type', 'text/html']] }), 'content-type is text/html'],
  ])('refuses %s, and says which', (_, wrong, message) => {
    expect(() => assertAnswer(wrong, expected, 'peer, hello')).toThrow(WrongAnswer)
    expect(() => assertAnswer(wrong, expected, 'peer, hello')).toThrow(message)
  })

  it('looks into a gzip body, and refuses one that is only called so', () => {
    const packed = { status: 200, body: Buffer.from('Hello'), coding: 'gzip' as const }
    const coded = (body: Buffer) => answer({ body, headers: [['content-encoding', 'gzip']] })
    expect(() => assertAnswer(coded(gzipSync('Hello')), packed, 'x')).not.toThrow()
    expect(() => assertAnswer(coded(gzipSync('Hellp')), packed, 'x')).toThrow('byte 4')
    expect(() => assertAnswer(coded(Buffer.from('Hello')), packed, 'x')).toThrow('cannot be decoded')
  })

  it('refuses a server that did not compress although it should have, and the other way round', () => {
    const packed = { status: 200, body: Buffer.from('Hello'), coding: 'gzip' as const }
    expect(() => assertAnswer(answer({}), packed, 'x')).toThrow('content-encoding none, expected gzip')
    const coded = answer({ body: gzipSync('Hello'), headers: [['content-encoding', 'gzip']] })
    expect(() => assertAnswer(coded, { status: 200, body: Buffer.from('Hello') }, 'x')).toThrow(
      'expected none',
    )
  })
})

describe('assertLoad', () => {
  const right = { requests: 100, bytes: 20_000, errors: { transport: 0, status: 0 } }

  it('accepts a clean run', () => {
    expect(() => assertLoad(right, 200, 200, 'x')).not.toThrow()
  })

  it.each([
    ['one lost connection', { ...right, errors: { transport: 1, status: 0 } }, '1 connections failed'],
    ['one error answer', { ...right, errors: { transport: 0, status: 1 } }, '1 of 100 answers'],
    ['short bodies', { ...right, bytes: 19_000 }, '19000 bytes for 100 answers'],
    ['silence', { ...right, requests: 0 }, 'not one answer'],
  ])('refuses %s', (_, seen, message) => {
    expect(() => assertLoad(seen, 200, 200, 'x')).toThrow(message)
  })

  it('wants nothing but errors where errors are the right answer', () => {
    expect(() => assertLoad({ ...right, errors: { transport: 0, status: 100 } }, 404, 200, 'x')).not.toThrow()
    expect(() => assertLoad({ ...right, errors: { transport: 0, status: 99 } }, 404, 200, 'x')).toThrow(
      '1 of 100',
    )
  })
})
