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
  if (!isDayName(value) || !endsWithGmt(value, 25)) return null
  if (!isSpace(value, 4) || !isSpace(value, 7) || !isSpace(value, 11) || !isSpace(value, 16)) return null
  return toTime(digits(value, 12, 4), monthAt(value, 8), digits(value, 5, 2), secondsOfDayAt(value, 17))
}

/** `Sun Nov  6 08:49:37 1994`: a day below ten is padded with a space. */
function parseAsctime(value: string): number | null {
  if (!isDayName(value) || !isSpace(value, 7) || !isSpace(value, 10) || !isSpace(value, 19)) return null
  const day = isSpace(value, 8) ? digits(value, 9, 1) : digits(value, 8, 2)
  return toTime(digits(value, 20, 4), monthAt(value, 4), day, secondsOfDayAt(value, 11))
}

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
function parseRfc850(value: string, now: number | undefined): number | null {
  const comma = value.indexOf(',')
  if (value.length !== comma + 24 || !LONG_DAY_NAMES.includes(value.slice(0, Math.max(comma, 0)))) return null
  if (!isSpace(value, comma + 1) || !isSpace(value, comma + 11) || !endsWithGmt(value, comma + 20))
    return null
  if (value.charCodeAt(comma + 4) !== HYPHEN || value.charCodeAt(comma + 8) !== HYPHEN) return null
  const day = digits(value, comma + 2, 2)
  const month = monthAt(value, comma + 5)
  const secondsOfDay = secondsOfDayAt(value, comma + 12)
  const shortYear = digits(value, comma + 9, 2)
  if (shortYear < 0) return null
  const today = now ?? Date.now()
  const latest = fiftyYearsAfter(today)
  const century = Math.floor(new Date(today).getUTCFullYear() / 100) * 100
  // RFC 9110 §5.6.7: what appears to be more than 50 years ahead is the most recent past year with those two digits.
  for (const year of [century + 100 + shortYear, century + shortYear, century - 100 + shortYear]) {
    const time = toTime(year, month, day, secondsOfDay)
    if (time !== null && time <= latest) return time
  }
  return null
}

const IMF_FIXDATE_LENGTH = 29
const ASCTIME_LENGTH = 24
const COMMA = 0x2c
const SPACE = 0x20
const HYPHEN = 0x2d
const COLON = 0x3a
const LONG_DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
// Three letters as one number are compared at once, without cutting them out of the value.
const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map((name) => threeAt(name, 0))
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map(
  (name) => threeAt(name, 0),
)
const GMT = threeAt('GMT', 0)
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const DAYS_BEFORE_1970 = daysBeforeYear(1970)

/** Every part is −1 when its text was not what it should be. */
function toTime(year: number, month: number, day: number, secondsOfDay: number): number | null {
  if (year < 0 || month < 0 || day < 1 || secondsOfDay < 0) return null
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > (DAYS_OF_MONTH[month] as number) + (isLeap && month === 1 ? 1 : 0)) return null
  const dayOfYear = (DAYS_BEFORE_MONTH[month] as number) + (isLeap && month > 1 ? 1 : 0) + day - 1
  return ((daysBeforeYear(year) - DAYS_BEFORE_1970 + dayOfYear) * 86_400 + secondsOfDay) * 1000
}

/** Days from 1 January of the year 0 (proleptic Gregorian, a leap year) to that of `year`. */
function daysBeforeYear(year: number): number {
  const before = year - 1
  return year * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1
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

function isDayName(value: string): boolean {
  return DAY_NAMES.includes(threeAt(value, 0))
}

function monthAt(value: string, at: number): number {
  return MONTHS.indexOf(threeAt(value, at))
}

/** ` GMT` */
function endsWithGmt(value: string, at: number): boolean {
  return isSpace(value, at) && threeAt(value, at + 1) === GMT
}

/** Three characters of up to 16 bits as one number: no two triples share one. */
function threeAt(value: string, at: number): number {
  return (value.charCodeAt(at) * 0x10000 + value.charCodeAt(at + 1)) * 0x10000 + value.charCodeAt(at + 2)
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

function isSpace(value: string, at: number): boolean {
  return value.charCodeAt(at) === SPACE
}

function fiftyYearsAfter(now: number): number {
  const date = new Date(now)
  return date.setUTCFullYear(date.getUTCFullYear() + 50)
}
