/**
 * An HTTP-date (RFC 9110 §5.6.7) as milliseconds since 1970, in any of its three formats; null when it is none.
 *
 * The grammar is case-sensitive and exact. A second of 60 (leap second) is accepted, a day the month does not have is not.
 * Whether the name of the day is the right one is not checked: the date says it already.
 *
 * @param now milliseconds since 1970, for the two-digit years of the RFC 850 format: a date that would be more than
 * 50 years ahead of it lies in the past. Default: the clock, read only when such a date is met.
 */
export function parseHttpDate(value: string, now?: number): number | null {
  if (value.length === IMF_FIXDATE_LENGTH && value.charCodeAt(3) === COMMA) return parseImfFixdate(value)
  if (value.length === ASCTIME_LENGTH && value.charCodeAt(3) === SPACE) return parseAsctime(value)
  return parseRfc850(value, now)
}

/**
 * `ms` (since 1970) as an IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7); a part of a second is cut off.
 *
 * @throws {RangeError} when it is not a finite time in the years 0 to 9999, the only ones the format has room for.
 */
export function formatHttpDate(ms: number): string {
  // toUTCString is specified to be IMF-fixdate for four-digit years (ECMA-262 §21.4.4.43)
  const text = new Date(Math.floor(ms / 1000) * 1000).toUTCString()
  if (text.length !== IMF_FIXDATE_LENGTH) {
    throw new RangeError(`cannot format ${ms} as an HTTP-date: expected milliseconds in the years 0 to 9999`)
  }
  return text
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
function parseImfFixdate(value: string): number | null {
  if (
    !DAY_NAMES.includes(value.slice(0, 3)) ||
    !hasSpaceAt(value, 4, 7, 11, 16, 25) ||
    !value.endsWith('GMT')
  )
    return null
  return toTime(digits(value, 12, 4), monthAt(value, 8), digits(value, 5, 2), secondsOfDayAt(value, 17))
}

/** `Sun Nov  6 08:49:37 1994`: a day below ten is padded with a space (a zero is tolerated by the grammar too). */
function parseAsctime(value: string): number | null {
  if (!DAY_NAMES.includes(value.slice(0, 3)) || !hasSpaceAt(value, 3, 7, 10, 19)) return null
  const day = value.charCodeAt(8) === SPACE ? digits(value, 9, 1) : digits(value, 8, 2)
  return toTime(digits(value, 20, 4), monthAt(value, 4), day, secondsOfDayAt(value, 11))
}

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
function parseRfc850(value: string, now: number | undefined): number | null {
  const comma = value.indexOf(',')
  if (!LONG_DAY_NAMES.includes(value.slice(0, Math.max(comma, 0))) || value.length !== comma + 24) return null
  if (!hasSpaceAt(value, comma + 1, comma + 11, comma + 20) || !value.endsWith('GMT')) return null
  if (value.charCodeAt(comma + 4) !== HYPHEN || value.charCodeAt(comma + 8) !== HYPHEN) return null
  const shortYear = digits(value, comma + 9, 2)
  if (shortYear < 0) return null
  const today = now ?? Date.now()
  const century = Math.floor(new Date(today).getUTCFullYear() / 100) * 100
  const inYear = (year: number): number | null =>
    toTime(year, monthAt(value, comma + 5), digits(value, comma + 2, 2), secondsOfDayAt(value, comma + 12))
  // RFC 9110 §5.6.7: what appears to be more than 50 years ahead is the most recent past year with those two digits.
  // A year that has no such day (29 February) is no date either way, so null is tried further, never taken as "past".
  for (const year of [century + 100 + shortYear, century + shortYear, century - 100 + shortYear]) {
    if (year > 9999) continue
    const time = inYear(year)
    if (time !== null && time <= fiftyYearsAfter(today)) return time
  }
  return null
}

const IMF_FIXDATE_LENGTH = 29
const ASCTIME_LENGTH = 24
const COMMA = 0x2c
const SPACE = 0x20
const HYPHEN = 0x2d
const COLON = 0x3a
const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const LONG_DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Every part is −1 when its text was not what it should be. */
function toTime(year: number, month: number, day: number, secondsOfDay: number): number | null {
  if (year < 0 || month < 0 || day < 1 || secondsOfDay < 0) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month, day) // Date.UTC would read the years 0 to 99 as 1900 to 1999
  if (date.getUTCMonth() !== month) return null // 31 April rolled over
  return date.getTime() + secondsOfDay * 1000
}

/** `hh:mm:ss` in seconds; −1 when it is not a time of day. */
function secondsOfDayAt(value: string, at: number): number {
  const hour = digits(value, at, 2)
  const minute = digits(value, at + 3, 2)
  const second = digits(value, at + 6, 2)
  if (value.charCodeAt(at + 2) !== COLON || value.charCodeAt(at + 5) !== COLON) return -1
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1
  return hour * 3600 + minute * 60 + second
}

function monthAt(value: string, at: number): number {
  return MONTHS.indexOf(value.slice(at, at + 3))
}

function digits(value: string, at: number, count: number): number {
  let number = 0
  for (let i = at; i < at + count; i++) {
    const digit = value.charCodeAt(i) - 0x30
    if (!(digit >= 0 && digit <= 9)) return -1
    number = number * 10 + digit
  }
  return number
}

function hasSpaceAt(value: string, ...positions: number[]): boolean {
  return positions.every((at) => value.charCodeAt(at) === SPACE)
}

function fiftyYearsAfter(now: number): number {
  const date = new Date(now)
  return date.setUTCFullYear(date.getUTCFullYear() + 50)
}
