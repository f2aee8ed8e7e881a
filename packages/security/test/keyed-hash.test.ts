import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyedHash } from '../src/keyed-hash.ts'

function hex(hash: KeyedHash): string {
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(hash.low, 0)
  bytes.writeInt32LE(hash.high, 4)
  return bytes.toString('hex')
}

test('with two and four rounds it is HalfSipHash-2-4: the vector of its authors for nothing', () => {
  const hash = new KeyedHash(0x03020100, 0x07060504, 2, 4)
  hash.update('')
  expect(hex(hash)).toBe('218d1f59b9b83cc8')
})

test('the same text has the same hash whatever was hashed before', () => {
  const hash = new KeyedHash(1, 2)
  hash.update('192.0.2.1')
  const first = hex(hash)
  hash.update('something else')
  expect(hex(hash)).not.toBe(first)
  hash.update('192.0.2.1')
  expect(hex(hash)).toBe(first)
})

test('another key, and a longer text that goes on with zeros, give another hash', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const hash = new KeyedHash(1, 2)
      const other = new KeyedHash(1, 3)
      hash.update(text)
      other.update(text)
      expect(hex(other)).not.toBe(hex(hash))
      other.update(text)
      hash.update(`${text}\0`)
      const longer = hex(hash)
      hash.update(text)
      expect(longer).not.toBe(hex(hash))
    }),
  )
})
