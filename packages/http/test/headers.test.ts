import { fakeLines } from '@tsws/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeaderBlock, HttpHeaders } from '../src/index.ts'

const block = new HeaderBlock([
  ['Content-Type', 'text/html'],
  ['ETag', '"1"'],
])

/** The same two fields, held by each of the three layers. */
const LAYERS: readonly (readonly [string, () => HttpHeaders])[] = [
  ['received lines', () => HttpHeaders.received(fakeLines({ 'Content-Type': 'text/html', ETag: '"1"' }))],
  ['a block', () => HttpHeaders.of(block)],
  ['own lines', () => new HttpHeaders({ 'Content-Type': 'text/html', ETag: '"1"' })],
  [
    'a block and own lines',
    () => {
      const headers = HttpHeaders.of(new HeaderBlock({ 'Content-Type': 'text/html' }))
      headers.set('ETag', '"1"')
      return headers
    },
  ],
]

describe.each(LAYERS)('fields held by %s', (_layer, make) => {
  test('are found whatever the case of their name', () => {
    for (const name of ['content-type', 'Content-Type', 'CONTENT-TYPE', 'cOnTeNt-TyPe']) {
      expect(make().get(name)).toBe('text/html')
      expect(make().has(name)).toBe(true)
    }
    expect(make().get('content-typ')).toBe(null)
    expect(make().has('content-type-x')).toBe(false)
  })

  test('come out lower-case, line by line, in order', () => {
    expect([...make()]).toEqual([
      ['content-type', 'text/html'],
      ['etag', '"1"'],
    ])
  })

  test('are replaced by set, in one line, under the new spelling', () => {
    const headers = make()
    headers.set('eTAG', '"2"')
    expect([...headers]).toEqual([
      ['content-type', 'text/html'],
      ['etag', '"2"'],
    ])
    expect(headers.encode()).toContain('eTAG: "2"\r\n')
    expect(headers.encode()).not.toContain('"1"')
  })

  test('are joined by a comma when a line is appended (RFC 9110 §5.3)', () => {
    const headers = make()
    headers.append('etag', '"2"')
    expect(headers.get('ETag')).toBe('"1", "2"')
    expect([...headers]).toHaveLength(3)
  })

  test('are gone after delete, and only those', () => {
    const headers = make()
    headers.delete('CONTENT-type')
    expect([...headers]).toEqual([['etag', '"1"']])
    expect(headers.has('content-type')).toBe(false)
    expect(headers.encode().toLowerCase()).toBe('etag: "1"\r\n')
  })

  test('stay as they are when a field is deleted that is not there', () => {
    const headers = make()
    headers.delete('x-none')
    expect([...headers]).toEqual([...make()])
  })

  test('are encoded one line each, ended by CRLF', () => {
    expect(make().encode().toLowerCase()).toBe('content-type: text/html\r\netag: "1"\r\n')
  })

  test('are copied: a change to the copy or to the original stays there', () => {
    const original = make()
    const copy = new HttpHeaders(original)
    expect([...copy]).toEqual([...original])
    copy.set('ETag', '"copy"')
    copy.append('X-Copy', '1')
    original.append('X-Original', '1')
    original.delete('Content-Type')
    expect([...copy]).toEqual([
      ['content-type', 'text/html'],
      ['etag', '"copy"'],
      ['x-copy', '1'],
    ])
    expect([...original]).toEqual([
      ['etag', '"1"'],
      ['x-original', '1'],
    ])
  })

  test('win over a block that is added later', () => {
    const headers = make()
    headers.addBlock(new HeaderBlock({ etag: '"block"', 'X-New': '1' }))
    expect(headers.get('etag')).toBe('"1"')
    expect(headers.get('x-new')).toBe('1')
    expect(headers.encode()).not.toContain('"block"')
  })

  test('can be changed inside a loop over them, which goes on over what it started with', () => {
    const headers = make()
    const seen: string[] = []
    for (const [name, value] of headers) {
      seen.push(name)
      headers.delete(name)
      headers.append('X-Seen', value)
    }
    expect(seen).toEqual(['content-type', 'etag'])
    expect([...headers]).toEqual([
      ['x-seen', 'text/html'],
      ['x-seen', '"1"'],
    ])
  })
})

describe('received lines', () => {
  test('are not asked for a name that nobody wants', () => {
    const asked: string[] = []
    const lines = fakeLines({ A: '1', B: '2' })
    const headers = HttpHeaders.received({
      has: (name) => lines.has(name),
      get: (name) => {
        asked.push(name)
        return lines.get(name)
      },
      [Symbol.iterator]: () => {
        throw new Error('nobody iterates')
      },
    })
    expect(headers.get('B')).toBe('2')
    expect(asked).toEqual(['b'])
  })

  test('keep each line of a name that came twice', () => {
    const headers = HttpHeaders.received(
      fakeLines([
        ['Via', '1.0 fred'],
        ['Via', '1.1 p.example'],
      ]),
    )
    expect(headers.get('via')).toBe('1.0 fred, 1.1 p.example')
    headers.append('X-Own', '1')
    expect(headers.encode()).toBe('via: 1.0 fred\r\nvia: 1.1 p.example\r\nX-Own: 1\r\n')
  })

  test('that a lenient source left unchecked cannot split a response either', () => {
    for (const line of [
      ['x-bad', 'a\r\nSet-Cookie: b'],
      ['x-bad\r\nset-cookie', 'b'],
    ] as const) {
      expect(() => HttpHeaders.received(fakeLines([line])).encode()).toThrow(TypeError)
      expect(() => new HttpHeaders(HttpHeaders.received(fakeLines([line])))).toThrow(TypeError)
    }
  })
})

describe('blocks', () => {
  test('are shared: what is set on one response is not on the next', () => {
    const first = HttpHeaders.of(block)
    first.set('ETag', '"other"')
    first.delete('Content-Type')
    expect([...HttpHeaders.of(block)]).toEqual([
      ['content-type', 'text/html'],
      ['etag', '"1"'],
    ])
  })

  test('that have no name in common stand one after the other', () => {
    const headers = HttpHeaders.of(block)
    headers.addBlock(new HeaderBlock({ 'X-A': '1' }))
    headers.addBlock(new HeaderBlock({ 'X-B': '2' }))
    expect(headers.encode()).toBe('X-B: 2\r\nX-A: 1\r\nContent-Type: text/html\r\nETag: "1"\r\n')
  })

  test('find the one whose content is the body itself, and leave it out of the text before it', () => {
    const withContent = new HeaderBlock({ 'Content-Type': 'a/b' }, Uint8Array.of(1))
    const headers = HttpHeaders.of(withContent)
    headers.addBlock(new HeaderBlock({ 'X-A': '1' }))
    headers.set('X-B', '2')
    expect(headers.contentBlock(withContent.content)).toBe(withContent)
    expect(headers.encodeWithoutContent('start\r\n')).toBe('start\r\nX-A: 1\r\nX-B: 2\r\n')
    for (const body of [Uint8Array.of(1), null, '', withContent.contentWithFields])
      expect(headers.contentBlock(body)).toBe(null)
    expect(HttpHeaders.of(block).contentBlock(null)).toBe(null)
    expect(new HttpHeaders().contentBlock(null)).toBe(null)
  })

  test('forget the content when one of the fields beside it is changed', () => {
    const withContent = new HeaderBlock({ 'Content-Type': 'a/b', ETag: '"1"' }, Uint8Array.of(1))
    for (const change of [
      (headers: HttpHeaders) => headers.set('Content-Type', 'c/d'),
      (headers: HttpHeaders) => headers.delete('ETag'),
    ]) {
      const headers = HttpHeaders.of(withContent)
      change(headers)
      expect(headers.contentBlock(withContent.content)).toBe(null)
    }
  })

  test('are told apart: one and nothing else, or more', () => {
    expect(HttpHeaders.of(block).onlyBlock).toBe(block)
    const more = HttpHeaders.of(block)
    more.append('X-A', '1')
    const two = HttpHeaders.of(block)
    two.addBlock(new HeaderBlock({ 'X-A': '1' }))
    const received = HttpHeaders.received(fakeLines({ A: '1' }))
    for (const headers of [more, two, received, new HttpHeaders()]) expect(headers.onlyBlock).toBe(null)
  })

  test('that are added to nothing are all there is', () => {
    const headers = new HttpHeaders()
    headers.addBlock(block)
    expect(headers.encode()).toBe(block.encoded)
  })

  test('bring every line of a name that is not here yet, be it one of several', () => {
    const several = new HeaderBlock([
      ['Link', '</a>; rel=preload'],
      ['ETag', '"block"'],
      ['Link', '</b>; rel=preload'],
    ])
    const headers = new HttpHeaders({ ETag: '"own"' })
    headers.addBlock(several)
    expect([...headers]).toEqual([
      ['etag', '"own"'],
      ['link', '</a>; rel=preload'],
      ['link', '</b>; rel=preload'],
    ])
  })

  test('bring no line of a name that is here already', () => {
    const headers = new HttpHeaders({ Vary: 'Origin' })
    headers.addBlock(
      new HeaderBlock([
        ['vary', 'Accept'],
        ['VARY', 'Accept-Encoding'],
      ]),
    )
    expect([...headers]).toEqual([['vary', 'Origin']])
  })

  test('that are added twice count once', () => {
    const headers = HttpHeaders.of(block)
    headers.addBlock(block)
    expect(headers.encode()).toBe(block.encoded)
  })
})

describe('own lines', () => {
  test('keep the spelling of their names and their order', () => {
    const headers = new HttpHeaders([
      ['x-ONE', '1'],
      ['X-Two', '2'],
      ['x-one', '3'],
    ])
    expect(headers.encode()).toBe('x-ONE: 1\r\nX-Two: 2\r\nx-one: 3\r\n')
    expect(headers.get('X-One')).toBe('1, 3')
  })

  test('take numbers', () => {
    const headers = new HttpHeaders({ Age: 0 })
    headers.set('Retry-After', 120)
    expect(headers.encode()).toBe('Age: 0\r\nRetry-After: 120\r\n')
  })

  test('lose whitespace around their value (RFC 9110 §5.5)', () => {
    expect(new HttpHeaders({ A: ' \t x y\t ' }).get('a')).toBe('x y')
    expect(new HttpHeaders({ A: ' \t ' }).get('a')).toBe('')
  })

  test('may be empty, hold a tab, and hold obs-text', () => {
    expect(new HttpHeaders([['A', '']]).encode()).toBe('A: \r\n')
    expect(new HttpHeaders([['A', 'a\tb']]).encode()).toBe('A: a\tb\r\n')
    expect(new HttpHeaders([['A', 'caf\xe9 \x80\xff']]).encode()).toBe('A: caf\xe9 \x80\xff\r\n')
  })

  test('come from any iterable of pairs, a Map or Fetch headers among them', () => {
    expect(new HttpHeaders(new Map([['A', '1']])).get('a')).toBe('1')
    expect(new HttpHeaders(new Headers({ A: '1' })).get('a')).toBe('1')
    expect([...new HttpHeaders(null)]).toEqual([])
    expect([...new HttpHeaders()]).toEqual([])
  })
})

describe('Set-Cookie', () => {
  test('lines stay apart, since their values may hold commas (RFC 6265 §3)', () => {
    const headers = HttpHeaders.of(
      new HeaderBlock({ 'Set-Cookie': 'a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT' }),
    )
    headers.append('set-cookie', 'b=2')
    headers.append('X', 'set-cookie')
    expect(headers.getSetCookie()).toEqual(['a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT', 'b=2'])
    expect(new HttpHeaders().getSetCookie()).toEqual([])
  })
})

describe('mentionsFraming', () => {
  const FRAMING = ['Content-Length', 'TRANSFER-ENCODING', 'connection', 'Keep-Alive', 'Date']

  test.each(FRAMING)('is true for %s, whichever layer holds it', (name) => {
    const fields = { [name]: '1' }
    expect(new HttpHeaders(fields).mentionsFraming).toBe(true)
    expect(HttpHeaders.of(new HeaderBlock(fields)).mentionsFraming).toBe(true)
    expect(HttpHeaders.received(fakeLines(fields)).mentionsFraming).toBe(true)
    const set = new HttpHeaders()
    set.set(name, '1')
    expect(set.mentionsFraming).toBe(true)
    const added = HttpHeaders.of(block)
    added.addBlock(new HeaderBlock(fields))
    expect(added.mentionsFraming).toBe(true)
    const conflicting = HttpHeaders.of(block)
    conflicting.addBlock(new HeaderBlock({ ...fields, ETag: '"2"' }))
    expect(conflicting.mentionsFraming).toBe(true)
  })

  test('follows the fields into a copy', () => {
    const fields = { 'Content-Length': 5 }
    for (const headers of [
      new HttpHeaders(fields),
      HttpHeaders.of(new HeaderBlock(fields)),
      HttpHeaders.received(fakeLines({ 'Content-Length': '5' })),
    ]) {
      expect(new HttpHeaders(headers).mentionsFraming).toBe(true)
    }
  })

  test('is false where no layer holds one of them', () => {
    const headers = HttpHeaders.of(block)
    headers.set('Last-Modified', 'x')
    headers.append('X-Content-Length', 'x')
    headers.addBlock(new HeaderBlock({ 'X-Date': '1' }))
    expect(headers.mentionsFraming).toBe(false)
    expect(new HttpHeaders().mentionsFraming).toBe(false)
    expect(new HttpHeaders(HttpHeaders.received(fakeLines({ A: '1' }))).mentionsFraming).toBe(false)
  })

  test('stays true after an override, and may after a delete: true only means look', () => {
    const headers = HttpHeaders.of(new HeaderBlock({ 'Content-Length': 5 }))
    headers.set('content-length', 6)
    expect(headers.mentionsFraming).toBe(true)
    headers.delete('content-length')
    expect(headers.has('content-length')).toBe(false)
    headers.set('Content-Length', 7)
    expect(headers.mentionsFraming).toBe(true)
  })
})

describe('as a property', () => {
  const name = fc.constantFrom('A', 'a', 'B', 'b', 'Content-Length', 'content-length', 'X-Y')
  const value = fc.stringMatching(/^[a-z]{0,3}$/)
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 5 })
  const step = fc.oneof(
    fc.record({ does: fc.constant('set' as const), name, value }),
    fc.record({ does: fc.constant('append' as const), name, value }),
    fc.record({ does: fc.constant('delete' as const), name }),
    fc.record({ does: fc.constant('addBlock' as const), pairs }),
  )

  /** What the class promises, without its layers. */
  class Model {
    lines: [name: string, lower: string, value: string][] = []
    add(name: string, value: string): void {
      this.lines.push([name, name.toLowerCase(), value])
    }
    remove(name: string): void {
      this.lines = this.lines.filter(([, lower]) => lower !== name.toLowerCase())
    }
    addAll(pairs: readonly [string, string][]): void {
      const here = new Set(this.lines.map(([, lower]) => lower))
      for (const [name, value] of pairs) if (!here.has(name.toLowerCase())) this.add(name, value)
    }
  }

  /** Lines by name, in order: blocks stand before own lines, so only the order within a name is promised. */
  function byName(lines: Iterable<readonly [string, string]>): Record<string, string[]> {
    const found: Record<string, string[]> = {}
    for (const [name, value] of lines) (found[name] ??= []).push(value)
    return found
  }

  test('any steps over any layer give what a plain list of lines gives', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('received', 'block', 'own'),
        pairs,
        fc.array(step, { maxLength: 8 }),
        (layer, start, steps) => {
          const model = new Model()
          for (const [name, value] of start)
            model.add(layer === 'received' ? name.toLowerCase() : name, value)
          const headers =
            layer === 'received'
              ? HttpHeaders.received(fakeLines(start))
              : layer === 'block'
                ? HttpHeaders.of(new HeaderBlock(start))
                : new HttpHeaders(start)
          for (const one of steps) {
            if (one.does === 'set') {
              headers.set(one.name, one.value)
              model.remove(one.name)
              model.add(one.name, one.value)
            } else if (one.does === 'append') {
              headers.append(one.name, one.value)
              model.add(one.name, one.value)
            } else if (one.does === 'delete') {
              headers.delete(one.name)
              model.remove(one.name)
            } else {
              headers.addBlock(new HeaderBlock(one.pairs))
              model.addAll(one.pairs)
            }
          }
          const expected = byName(model.lines.map(([, lower, value]) => [lower, value]))
          expect(byName(headers)).toEqual(expected)
          for (const [name, values] of Object.entries(expected))
            expect(headers.get(name)).toBe(values.join(', '))
          expect(headers.has('x-never')).toBe(false)
          expect(headers.encode().split('\r\n').toSorted()).toEqual(
            [...model.lines.map(([name, , value]) => `${name}: ${value}`), ''].toSorted(),
          )
          if ('content-length' in expected) expect(headers.mentionsFraming).toBe(true)
        },
      ),
    )
  })
})
