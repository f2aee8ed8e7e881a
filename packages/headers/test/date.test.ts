import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatHttpDate, parseHttpDate } from '../src/index.ts'

const MOMENT = Date.UTC(1994, 10, 6, 8, 49, 37)
const NOW = Date.UTC(2026, 5, 1)

// RFC 9110 §5.6.7
test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  'all three formats name the same moment: %s',
  (value) => {
    expect(parseHttpDate(value, NOW)).toBe(MOMENT)
  },
)

test.each([
  ['Tuesday, 02-Jan-24 03:04:05 GMT', Date.UTC(2024, 0, 2, 3, 4, 5)],
  ['Tuesday, 02-Jan-76 03:04:05 GMT', Date.UTC(2076, 0, 2, 3, 4, 5)], // less than 50 years ahead
  ['Tuesday, 02-Jul-76 03:04:05 GMT', Date.UTC(1976, 6, 2, 3, 4, 5)], // more than 50 years ahead
  ['Tuesday, 02-Jan-77 03:04:05 GMT', Date.UTC(1977, 0, 2, 3, 4, 5)],
  ['Thursday, 29-Feb-00 00:00:00 GMT', Date.UTC(2000, 1, 29)],
])('a two-digit year more than 50 years ahead lies in the past: %s', (value, time) => {
  expect(parseHttpDate(value, NOW)).toBe(time)
})

test('near the end of a century a two-digit year can lie in the next one', () => {
  expect(parseHttpDate('Friday, 01-Jan-10 00:00:00 GMT', Date.UTC(2095, 0, 1))).toBe(Date.UTC(2110, 0, 1))
})

test('without a given time the clock decides about two-digit years', () => {
  const year = new Date().getUTCFullYear() - 1
  const short = String(year % 100).padStart(2, '0')
  expect(parseHttpDate(`Monday, 03-Mar-${short} 00:00:00 GMT`)).toBe(Date.UTC(year, 2, 3))
})

test.each([
  '',
  'yesterday',
  '0',
  '784111777',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 gmt',
  'sun, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 nov 1994 08:49:37 GMT',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:37 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  'Sun, 00 Nov 1994 08:49:37 GMT',
  'Sun, 31 Apr 1994 08:49:37 GMT',
  'Sun, 29 Feb 2023 08:49:37 GMT',
  'Sun, -1 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08.49.37 GMT',
  'Sun, 06 Nov 1994 08:49:37 GMT ',
  ' Sun, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06-Nov-1994 08:49:37 GMT',
  'Sunday, 06 Nov 94 08:49:37 GMT',
  'Sunday, 06-Nov-9x 08:49:37 GMT',
  'Sunday, 31-Feb-94 08:49:37 GMT',
  'Sun Nov 6 08:49:37 1994',
  'Sun Nov  6 08:49:37 94',
  'Sun Nov  0 08:49:37 1994',
  'Xxx Nov  6 08:49:37 1994',
  ', 06-Nov-94 08:49:37 GMT',
])('what is no HTTP-date is null: %j', (value) => {
  expect(parseHttpDate(value, NOW)).toBeNull()
})

test('a leap second is a date, one second after :59', () => {
  expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2017, 0, 1))
})

test('years below 100 are not read as 19xx', () => {
  expect(new Date(parseHttpDate('Sat, 01 Jan 0050 00:00:00 GMT') as number).getUTCFullYear()).toBe(50)
})

const seconds = fc.integer({
  min: Math.floor(Date.UTC(1000) / 1000),
  max: Math.floor(Date.UTC(9999, 11, 31) / 1000),
})

test('every second formatted is read back', () => {
  fc.assert(
    fc.property(seconds, (second) => {
      expect(parseHttpDate(formatHttpDate(second * 1000))).toBe(second * 1000)
    }),
  )
})

test('every second reads the same from asctime', () => {
  fc.assert(
    fc.property(seconds, (second) => {
      const [, name, day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/.exec(
        formatHttpDate(second * 1000),
      )!
      const asctime = `${name} ${month} ${String(Number(day)).padStart(2, ' ')} ${time} ${year}`
      expect(parseHttpDate(asctime)).toBe(second * 1000)
    }),
  )
})

test('no text makes it throw, and whatever it reads is a whole second', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const time = parseHttpDate(text)
      expect(time === null || time % 1000 === 0).toBe(true)
    }),
  )
})

test('a part of a second is cut off, before 1970 too', () => {
  expect(formatHttpDate(MOMENT + 999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT')
  expect(formatHttpDate(-1)).toBe('Wed, 31 Dec 1969 23:59:59 GMT')
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, Date.UTC(10_000), Date.UTC(-1)])(
  'a time the format has no room for is refused: %s',
  (ms) => {
    expect(() => formatHttpDate(ms)).toThrow(RangeError)
  },
)

test('every day of the Gregorian calendar is the one the language knows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9999 }),
      fc.nat(11),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const date = new Date(0)
        date.setUTCFullYear(year, month, day)
        const exists = day > 0 && date.getUTCMonth() === month && date.getUTCDate() === day
        const name = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
          month
        ]
        const text = `Mon, ${String(day).padStart(2, '0')} ${name} ${String(year).padStart(4, '0')} 00:00:00 GMT`
        expect(parseHttpDate(text)).toBe(exists ? date.getTime() : null)
      },
    ),
    { numRuns: 2000 },
  )
})
