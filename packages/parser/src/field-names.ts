import { latin1 } from './latin1.ts'

/** The names most heads are made of: each is one string for ever, never decoded again. */
const COMMON = (
  'accept accept-encoding accept-language authorization cache-control connection content-encoding content-length ' +
  'content-type cookie host if-modified-since if-none-match ' +
  'origin range referer sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest ' +
  'sec-fetch-mode sec-fetch-site set-cookie transfer-encoding upgrade ' +
  'upgrade-insecure-requests user-agent x-forwarded-for x-forwarded-proto'
).split(' ')

/** To small letters (RFC 9110 §5.1: names are case-insensitive); all else stays, so "_" is not "-". */
const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
})

const COMMON_BY_LENGTH = Array.from({ length: 32 }, (_, length) => {
  return COMMON.filter((name) => name.length === length)
})

/** The field name in lower case; a common one without making a string. */
export function lowerCaseName(bytes: Uint8Array, from: number, to: number): string {
  for (const name of COMMON_BY_LENGTH[to - from] ?? []) if (nameEquals(name, bytes, from)) return name
  return latin1(bytes, from, to).toLowerCase()
}

/** Whether the bytes from `from` on are this name, which is in lower case. */
export function nameEquals(name: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < name.length; i++) if (LOWER_CASE[bytes[from + i]!] !== name.charCodeAt(i)) return false
  return true
}
