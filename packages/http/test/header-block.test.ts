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

test('a block as a list of one is the same list each time, and cannot grow', () => {
  const block = new HeaderBlock({ A: '1' })
  expect(block.asList).toEqual([block])
  expect(block.asList).toBe(block.asList)
  expect(Object.isFrozen(block.asList)).toBe(true)
})

test('a block keeps its values trimmed, so that what is compared is what is sent', () => {
  const block = new HeaderBlock({ A: ' x ' })
  expect(block.get('a')).toBe('x')
  expect(block.encoded).toBe('A: x\r\n')
})

describe('a block that another follows', () => {
  const first = new HeaderBlock([
    ['A', '1'],
    ['a', '2'],
  ])
  const second = new HeaderBlock({ B: '3' })

  test('becomes one with it when the two come again, with all lines of both in their order', () => {
    expect(first.followedBy(second)).toEqual([first, second])
    const [joined, ...rest] = first.followedBy(second)
    expect(rest).toEqual([])
    expect(joined?.lines).toEqual([...first.lines, ...second.lines])
    expect(first.followedBy(second)[0]).toBe(joined)
  })

  test('is not mistaken for one that it was with before', () => {
    const third = new HeaderBlock({ C: '4' })
    for (const follower of [second, third, third, second, second, third]) {
      const blocks = first.followedBy(follower)
      expect(blocks.map(({ encoded }) => encoded).join('')).toBe(first.encoded + follower.encoded)
    }
  })
})

test('a block is put behind whatever start it is asked for, again and again', () => {
  const block = new HeaderBlock({ A: '1' })
  for (const start of ['x\r\n', 'x\r\n', 'y\r\n', '', 'x\r\n'])
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
