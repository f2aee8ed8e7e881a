import { fourLowerCase, foursMatch, foursOf } from './four-bytes.ts'

/** The fields that decide how a message is framed, routed or kept: met while scanning, never searched for. */
export const HOST = 0
export const CONTENT_LENGTH = 1
export const TRANSFER_ENCODING = 2
export const CONNECTION = 3
export const EXPECT = 4
export const UNKNOWN = -1

const NAMES = ['host', 'content-length', 'transfer-encoding', 'connection', 'expect']
export const KNOWN_FIELD_COUNT = NAMES.length
const FOURS = NAMES.map(foursOf)

const [HOST_LETTERS, CONT, TRAN, CONN, EXPE] = FOURS.map((fours) => fours[0]!)

/**
 * Which of them the field name at `from` is, in any case (RFC 9110 §5.1), or `UNKNOWN`. The name is known to be a
 * token: so only a letter becomes a letter and only "-" a "-" in lower case.
 */
export function knownField(view: DataView, from: number, to: number): number {
  const likely = likelyField(view, from)
  return likely !== UNKNOWN && isField(likely, view, from, to) ? likely : UNKNOWN
}

/** Which of them begins with the four bytes at `from`: no two begin alike. */
export function likelyField(view: DataView, from: number): number {
  const four = fourLowerCase(view, from)
  if (four === HOST_LETTERS) return HOST
  if (four === CONN) return CONNECTION
  if (four === CONT) return CONTENT_LENGTH
  if (four === TRAN) return TRANSFER_ENCODING
  return four === EXPE ? EXPECT : UNKNOWN
}

/** Whether the whole name is that of a known field. */
export function isField(known: number, view: DataView, from: number, to: number): boolean {
  return NAMES[known]!.length === to - from && foursMatch(FOURS[known]!, view, from, to)
}
