import { describe, expect, test } from 'vitest'
import { HeaderBlock, HttpHeaders } from '../src/index.ts'

test('a block is encoded once, one line each, ended by CRLF (RFC 9112 §5)', () => {
  const block = new HeaderBlock({ 'Content-Type': 'text/css', Age: 0 })
  expect(block.encoded).toBe('Content-Type: text/css\r\nAge: 0\r\n')
  expect(block.lines).toEqual([
    ['Content-Type', 'text/css'],
    ['Age', '0'],
  ])
})

test('a block may be empty', () => {
  const block = new HeaderBlock({})
  expect(block.encoded).toBe('')
  const headers = HttpHeaders.of(block)
  headers.set('A', '1')
  expect(headers.encode()).toBe('A: 1\r\n')
})

test('a block can be made of headers, of pairs and of a record', () => {
  for (const fields of [new HttpHeaders({ A: '1' }), [['A', '1']] as const, new Map([['A', 1]]), { A: 1 }])
    expect(new HeaderBlock(fields).get('a')).toBe('1')
})

test('a block joins the lines of one name, whatever their spelling', () => {
  const block = new HeaderBlock([
    ['Vary', 'Accept'],
    ['X', '1'],
    ['VARY', 'Origin'],
  ])
  expect(block.get('vary')).toBe('Accept, Origin')
  expect(block.has('vary')).toBe(true)
  expect(block.get('accept')).toBe(null)
  expect(block.has('accept')).toBe(false)
})

test('a block as a list of one is the same list each time', () => {
  const block = new HeaderBlock({ A: '1' })
  expect(block.asList).toEqual([block])
  expect(block.asList).toBe(block.asList)
})

test('a block keeps its values trimmed, so that what is compared is what is sent', () => {
  const block = new HeaderBlock({ A: ' x ' })
  expect(block.get('a')).toBe('x')
  expect(block.encoded).toBe('A: x\r\n')
})

test('a block and the one before it are the same list each time, and never that of another pair', () => {
  const [first, second, third] = ['A', 'B', 'C'].map((name) => new HeaderBlock({ [name]: '1' })) as [
    HeaderBlock,
    HeaderBlock,
    HeaderBlock,
  ]
  for (const before of [second, third, third, second, second, third])
    expect(first.after(before)).toEqual([before, first])
  expect(first.after(third)).toBe(first.after(third))
})

describe('a block with its content', () => {
  const given = Uint8Array.of(0x41, 0x00, 0xff)
  const block = new HeaderBlock({ 'Content-Type': 'text/plain', 'X-A': 'é' }, given)

  test('ends a whole answer: fields, length, empty line, content (RFC 9112 §2.1)', () => {
    const expected = 'Content-Type: text/plain\r\nX-A: \xe9\r\nContent-Length: 3\r\n\r\nA\0\xff'
    expect(Buffer.from(block.contentWithFields as Uint8Array).toString('latin1')).toBe(expected)
    expect(block.content).toEqual(given)
  })

  test('has a copy: what becomes of the bytes given is their owner’s business', () => {
    const bytes = Uint8Array.of(1)
    const { content, contentWithFields } = new HeaderBlock({}, bytes)
    bytes[0] = 2
    expect(content).toEqual(Uint8Array.of(1))
    expect(contentWithFields?.at(-1)).toBe(1)
  })

  test('names no length among its fields: it is the server’s', () => {
    expect(block.has('content-length')).toBe(false)
    expect(block.mentionsFraming).toBe(false)
    expect(block.encoded).not.toContain('Length')
  })

  test('may have an empty one, which is not none', () => {
    expect(new HeaderBlock({}, new Uint8Array(0)).content).toEqual(new Uint8Array(0))
    const without = new HeaderBlock({})
    expect([without.content, without.contentWithFields]).toEqual([null, null])
  })
})

test('a block keeps one note, for the one who made it', () => {
  const block = new HeaderBlock({ A: '1' })
  const [mine, yours] = [{}, {}]
  expect(block.noteOf(mine)).toBe(undefined)
  block.setNote(mine, 'x')
  expect([block.noteOf(mine), block.noteOf(yours)]).toEqual(['x', undefined])
  block.setNote(yours, 'y')
  expect([block.noteOf(mine), block.noteOf(yours)]).toEqual([undefined, 'y'])
})

test('a block is put behind whatever start it is asked for, again and again', () => {
  const block = new HeaderBlock({ A: '1' })
  for (const start of ['x\r\n', 'x\r\n', 'y\r\n', '', 'x\r\n', '3', '4', '5', '6', 'x\r\n', '', '6'])
    expect(block.encodedAfter(start)).toBe(`${start}A: 1\r\n`)
})

describe('isDisjoint', () => {
  const one = new HeaderBlock({ A: '1', B: '2' })
  const overlapping = new HeaderBlock({ b: '3', C: '4' })
  const apart = new HeaderBlock({ C: '4', D: '5' })

  test('tells whether two blocks share a name, without case, either way round, every time', () => {
    for (let again = 0; again < 3; again++) {
      expect(one.isDisjoint(overlapping)).toBe(false)
      expect(overlapping.isDisjoint(one)).toBe(false)
      expect(one.isDisjoint(apart)).toBe(true)
      expect(apart.isDisjoint(one)).toBe(true)
      expect(one.isDisjoint(one)).toBe(false)
    }
  })

  test('works with a block of another copy of this package', () => {
    const foreign = { lines: [['B', '9']], encoded: 'B: 9\r\n', has: (name: string) => name === 'b' }
    expect(one.isDisjoint(foreign as unknown as HeaderBlock)).toBe(false)
    expect(apart.isDisjoint(foreign as unknown as HeaderBlock)).toBe(true)
  })
})

test('a block tells whether it holds a field that frames', () => {
  expect(new HeaderBlock({ 'Content-Length': 1 }).mentionsFraming).toBe(true)
  expect(new HeaderBlock({ 'Content-Type': 'a/b' }).mentionsFraming).toBe(false)
})
