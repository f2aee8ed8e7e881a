import { fourOf, fourLowerCase } from './four-bytes.ts'

/** The fields that decide how a message is framed, routed or kept: met while scanning, never searched for. */
export const HOST = 0
export const CONTENT_LENGTH = 1
export const TRANSFER_ENCODING = 2
export const CONNECTION = 3
export const EXPECT = 4
export const UPGRADE = 5
export const KNOWN_FIELD_COUNT = 6
export const UNKNOWN = -1

const HOST_ = fourOf('host')
const EXPE = fourOf('expe')
const PECT = fourOf('pect')
const UPGR = fourOf('upgr')
const RADE = fourOf('rade')
const CONN = fourOf('conn')
const ECTI = fourOf('ecti')
const TION = fourOf('tion')
const CONT = fourOf('cont')
const ENT_ = fourOf('ent-')
const LENG = fourOf('leng')
const NGTH = fourOf('ngth')
const TRAN = fourOf('tran')
const SFER = fourOf('sfer')
const _ENC = fourOf('-enc')
const ODIN = fourOf('odin')
const DING = fourOf('ding')

/**
 * Which of them the field name at `from` is, in any case (RFC 9110 §5.1), or `UNKNOWN`. Each has a length of its
 * own. The name is known to be a token: so only a letter becomes a letter and only "-" a "-" in lower case.
 */
export function knownField(view: DataView, from: number, to: number): number {
  switch (to - from) {
    case 4:
      return fourLowerCase(view, from) === HOST_ ? HOST : UNKNOWN
    case 6:
      return fourLowerCase(view, from) === EXPE && fourLowerCase(view, from + 2) === PECT ? EXPECT : UNKNOWN
    case 7:
      return fourLowerCase(view, from) === UPGR && fourLowerCase(view, from + 3) === RADE ? UPGRADE : UNKNOWN
    case 10:
      return isConnection(view, from) ? CONNECTION : UNKNOWN
    case 14:
      return isContentLength(view, from) ? CONTENT_LENGTH : UNKNOWN
    case 17:
      return isTransferEncoding(view, from) ? TRANSFER_ENCODING : UNKNOWN
    default:
      return UNKNOWN
  }
}

function isConnection(view: DataView, from: number): boolean {
  return (
    fourLowerCase(view, from) === CONN &&
    fourLowerCase(view, from + 4) === ECTI &&
    fourLowerCase(view, from + 6) === TION
  )
}

function isContentLength(view: DataView, from: number): boolean {
  return (
    fourLowerCase(view, from) === CONT &&
    fourLowerCase(view, from + 4) === ENT_ &&
    fourLowerCase(view, from + 8) === LENG &&
    fourLowerCase(view, from + 10) === NGTH
  )
}

function isTransferEncoding(view: DataView, from: number): boolean {
  return (
    fourLowerCase(view, from) === TRAN &&
    fourLowerCase(view, from + 4) === SFER &&
    fourLowerCase(view, from + 8) === _ENC &&
    fourLowerCase(view, from + 12) === ODIN &&
    fourLowerCase(view, from + 13) === DING
  )
}
