/** The fields that decide how a message is framed, routed or kept: met while scanning, never searched for. */
export const HOST = 0
export const CONTENT_LENGTH = 1
export const TRANSFER_ENCODING = 2
export const CONNECTION = 3
export const EXPECT = 4
export const UPGRADE = 5
export const KNOWN_FIELD_COUNT = 6
export const UNKNOWN = -1

const NAMES = ['host', 'content-length', 'transfer-encoding', 'connection', 'expect', 'upgrade'].map((name) =>
  Uint8Array.from(name, (letter) => letter.charCodeAt(0)),
)

/** Which of them the field name at `from` is, in any case (RFC 9110 §5.1), or `UNKNOWN`. */
export function knownField(bytes: Uint8Array, from: number, to: number): number {
  switch (to - from) {
    case 4:
      return nameIs(HOST, bytes, from)
    case 6:
      return nameIs(EXPECT, bytes, from)
    case 7:
      return nameIs(UPGRADE, bytes, from)
    case 10:
      return nameIs(CONNECTION, bytes, from)
    case 14:
      return nameIs(CONTENT_LENGTH, bytes, from)
    case 17:
      return nameIs(TRANSFER_ENCODING, bytes, from)
    default:
      return UNKNOWN
  }
}

/** Of the bytes a token can hold, setting 0x20 turns only letters into letters and only "-" into "-". */
function nameIs(known: number, bytes: Uint8Array, from: number): number {
  const name = NAMES[known]!
  for (let i = 0; i < name.length; i++) if ((bytes[from + i]! | 0x20) !== name[i]) return UNKNOWN
  return known
}
