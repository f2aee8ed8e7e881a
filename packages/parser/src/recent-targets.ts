import { latin1 } from './latin1.ts'

/** Entries. The pages, scripts and images that the clients of a site ask for at one time. */
const SLOTS = 4096
/** Bytes of the longest one kept: nearly all paths are shorter, and with all slots full this is half a megabyte. */
const MAX_LENGTH = 128
const QUESTION_MARK = 0x3f

const recent: string[] = new Array<string>(SLOTS).fill('')

/**
 * A request-target as text; the very string of the last time, where it was asked for of late. Decoding costs more than
 * finding it, and a string that was looked up in a table once is found there faster the next time. One with a query is not kept:
 * there are too many of those, and some hold secrets.
 */
export function targetText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  if (length > MAX_LENGTH) return latin1(bytes, from, to)
  let hash = length
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!
    if (byte === QUESTION_MARK) return latin1(bytes, from, to)
    hash = Math.imul(hash, 31) + byte
  }
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
  const known = recent[slot]!
  if (known.length === length && isText(known, bytes, from)) return known
  return (recent[slot] = latin1(bytes, from, to))
}

function isText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[from + at]) return false
  return true
}
