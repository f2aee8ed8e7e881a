import { latin1 } from './latin1.ts'

/** The names most heads are made of: each is one string for ever, never decoded again. */
const COMMON = (
  'accept accept-encoding accept-language authorization cache-control connection content-encoding content-length ' +
  'content-type cookie date dnt etag expect host if-modified-since if-none-match keep-alive last-modified location ' +
  'origin pragma priority range referer sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest ' +
  'sec-fetch-mode sec-fetch-site sec-fetch-user server set-cookie transfer-encoding upgrade ' +
  'upgrade-insecure-requests user-agent vary via x-forwarded-for x-forwarded-host x-forwarded-proto x-request-id'
).split(' ')

/** To small letters (RFC 9110 §5.1: names are case-insensitive); all else stays, so "_" is not "-". */
const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
})

const BUCKETS = 256
const bucketOf = (length: number, first: number, last: number): number =>
  (length * 31 + first * 7 + last) & (BUCKETS - 1)

const COMMON_BY_BUCKET: string[][] = Array.from({ length: BUCKETS }, () => [])
for (const name of COMMON) {
  COMMON_BY_BUCKET[bucketOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1))]!.push(name)
}

/** The field name in lower case; a common one without making a string. */
export function lowerCaseName(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  const bucket = COMMON_BY_BUCKET[bucketOf(length, LOWER_CASE[bytes[from]!]!, LOWER_CASE[bytes[to - 1]!]!)]!
  for (const name of bucket) if (name.length === length && nameEquals(name, bytes, from)) return name
  return latin1(bytes, from, to).toLowerCase()
}

/** Whether the bytes from `from` on are this name, which is in lower case. */
export function nameEquals(name: string, bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < name.length; i++) if (LOWER_CASE[bytes[from + i]!] !== name.charCodeAt(i)) return false
  return true
}
