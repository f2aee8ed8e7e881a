import { expect, test } from 'vitest'
import { TARGET, TEXT } from '../src/characters.ts'
import { endsTarget, endsText, firstHit, noLetters } from '../src/scan-bytes.ts'

const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => byte)
/** What may stand beside a byte: both ends of each range that the arithmetic tells apart. */
const NEIGHBOURS = [
  0, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3c, 0x3d, 0x3e, 0x41, 0x7a, 0x7e, 0x7f, 0x80, 0xa0, 0xff,
]

/** The first position of four that a test marks, or -1. */
function firstMark(marks: number): number {
  return marks === 0 ? -1 : firstHit(marks)
}

function fourWith(bytes: number[]): number {
  return new DataView(Uint8Array.from(bytes).buffer).getInt32(0, true)
}

/** Calls with every byte at every place of four, beside every neighbour. */
function* everyFour(): Generator<number[]> {
  for (const byte of ALL_BYTES) {
    for (const before of NEIGHBOURS) {
      for (const after of NEIGHBOURS) {
        yield [byte, after, before, after]
        yield [before, byte, after, before]
        yield [before, before, byte, after]
        yield [before, after, before, byte]
      }
    }
  }
}

test('of four bytes, the first that can end a target is found', () => {
  for (const bytes of everyFour()) {
    const expected = bytes.findIndex((byte) => TARGET[byte] !== 1)
    if (firstMark(endsTarget(fourWith(bytes))) !== expected) expect.fail(`${bytes}: not at ${expected}`)
  }
})

test('of four bytes, the first that may end a text is found: HTAB and bytes from 0x80 up too', () => {
  for (const bytes of everyFour()) {
    const expected = bytes.findIndex((byte) => TEXT[byte] !== 1 || byte === 0x09 || byte >= 0x80)
    if (firstMark(endsText(fourWith(bytes))) !== expected) expect.fail(`${bytes}: not at ${expected}`)
  }
})

test('four bytes are letters if each is one', () => {
  for (const bytes of everyFour()) {
    const lowerCase = fourWith(bytes) | 0x20202020
    const expected = bytes.every((byte) => /[A-Za-z]/.test(String.fromCharCode(byte)))
    if ((noLetters(lowerCase) === 0) !== expected) expect.fail(`${bytes}: ${expected}`)
  }
})
