import { foursMatch, foursOf } from './four-bytes.ts'

/** The fields that decide how a message is framed, routed or kept: met while scanning, never searched for. */
export const HOST = 0
export const CONTENT_LENGTH = 1
export const TRANSFER_ENCODING = 2
export const CONNECTION = 3
export const EXPECT = 4
export const UPGRADE = 5
export const UNKNOWN = -1

const NAMES = ['host', 'content-length', 'transfer-encoding', 'connection', 'expect', 'upgrade']
export const KNOWN_FIELD_COUNT = NAMES.length
const FOURS = NAMES.map(foursOf)

/** The first four letters of each. */
export const [HOST_LETTERS, CONT, TRAN, CONN, EXPE, UPGR] = FOURS.map((fours) => fours[0]!)

/** Whether a name whose first four bytes are these (in lower case) may be one of them, other than Host. */
export function mayBeKnown(four: number): boolean {
  return four === CONN || four === CONT || four === TRAN || four === EXPE || four === UPGR
}

/**
 * Which of them the field name at `from` is, in any case (RFC 9110 §5.1), or `UNKNOWN`. The name is known to be a
 * token: so only a letter becomes a letter and only "-" a "-" in lower case.
 */
export function knownField(view: DataView, from: number, to: number): number {
  for (let known = 0; known < KNOWN_FIELD_COUNT; known++) {
    if (NAMES[known]!.length === to - from && foursMatch(FOURS[known]!, view, from, to)) return known
  }
  return UNKNOWN
}
