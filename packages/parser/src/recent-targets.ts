import { latin1 } from './latin1.ts'

/** Entries. The pages, scripts and images that the clients of a site ask for at one time. */
const SLOTS = 4096
/** A query, or more than 128 characters: nearly all paths are shorter, and with all slots full this is half a megabyte. */
const NOT_KEPT = /\?|.{129}/

const recent: string[] = Array<string>(SLOTS).fill('')

/**
 * A request-target as text; the very string of the last time, where it was asked for of late. Decoding costs more than
 * finding it, and a string that was looked up in a table once is found there faster the next time. One with a query is not kept:
 * there are too many of those, and some hold secrets.
 */
export function targetText(bytes: Uint8Array, from: number, to: number): string {
  let slot = 0
  for (let at = from; at < to; at++) slot = (slot * 31 + bytes[at]!) & (SLOTS - 1)
  const known = recent[slot]!
  let at = to - from
  if (known.length === at) while (at-- > 0 && known.charCodeAt(at) === bytes[from + at]);
  if (at < 0) return known // none is empty
  const text = latin1(bytes, from, to)
  return NOT_KEPT.test(text) ? text : (recent[slot] = text)
}
