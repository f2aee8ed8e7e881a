/** Entries. The pages, scripts and images that the clients of a site ask for at one time. */
const SLOTS = 4096
/** Characters of the longest one kept: nearly all paths are shorter, and with all slots full this is half a megabyte. */
const MAX_LENGTH = 128

const recent: string[] = Array<string>(SLOTS).fill('')

/**
 * A request-target as text; the very string of the last time, where it was asked for of late. Decoding costs more than
 * finding it, and a string that was looked up in a table once is found there faster the next time. One with a query is not
 * kept: there are too many of those, and some hold secrets.
 */
export function targetText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  let slot = 0
  for (let at = from; at < to; at++) slot = (slot * 31 + bytes[at]!) & (SLOTS - 1)
  const known = recent[slot]!
  if (known.length === length && isText(known, bytes, from)) return known
  const text = Buffer.prototype.latin1Slice.call(bytes, from, to)
  if (length <= MAX_LENGTH && !text.includes('?')) recent[slot] = text
  return text
}

function isText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[from + at]) return false
  return true
}
