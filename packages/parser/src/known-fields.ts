import { foursMatch, fourOf, foursOf } from './four-bytes.ts'

/** The fields that decide how a message is framed, routed or kept: met while scanning, never searched for. */
export const HOST = 0
export const CONTENT_LENGTH = 1
export const TRANSFER_ENCODING = 2
export const CONNECTION = 3
export const EXPECT = 4
export const UNKNOWN = -1

const NAMES = ['host', 'content-length', 'transfer-encoding', 'connection', 'expect'].map(foursOf)
export const KNOWN_FIELD_COUNT = NAMES.length

// Each begins with other letters than the rest.
export const HOST_LETTERS = fourOf('host')
export const CONT = fourOf('cont')
export const TRAN = fourOf('tran')
export const CONN = fourOf('conn')
export const EXPE = fourOf('expe')

/**
 * Which of them the field name at `from` is, in any case (RFC 9110 §5.1), or `UNKNOWN`. The name is known to be a
 * token: so only a letter becomes a letter and only "-" a "-" in lower case.
 */
export function knownField(view: DataView, from: number, to: number): number {
  for (let known = 0; known < KNOWN_FIELD_COUNT; known++) {
    if (foursMatch(NAMES[known]!, view, from, to)) return known
  }
  return UNKNOWN
}
