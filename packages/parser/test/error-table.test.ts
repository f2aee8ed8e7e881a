import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorsMarkdown } from '../scripts/errors-markdown.ts'
import { ERRORS, ParseError } from '../src/index.ts'
import { excerptOf } from '../src/parse-error.ts'
import { readCases } from './case-files.ts'
import { bytesOf } from './events.ts'

test('docs/errors.md says what the table says', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  expect(page).toBe(errorsMarkdown())
})

test('every code is reached by a case', () => {
  const reached = new Set(readCases().flatMap(({ expected }) => expected.join('\n').match(/ERR_\w+/g) ?? []))
  expect(Object.keys(ERRORS).filter((code) => !reached.has(code))).toEqual([])
})

test('an excerpt is printable and ends with the offending byte', () => {
  expect(excerptOf(bytesOf('a\r\n\t\0"\\\x7f\xffzzz'), 0, 8)).toBe('a\\r\\n\\t\\x00\\"\\\\\\x7f\\xff')
  expect(excerptOf(bytesOf('x'.repeat(100)), 0, 50)).toBe('x'.repeat(32))
  expect(excerptOf(bytesOf('abc'), 1, 1)).toBe('b')
})

test('a message names the rule, the place and the bytes', () => {
  const error = new ParseError('ERR_BARE_LF', 7, 'ab\\n')
  expect(error.message).toBe('LF without CR; a line ends in CRLF (RFC 9112 §2.2), at byte 7: "ab\\n"')
  expect([error.name, error.status, error instanceof Error]).toEqual(['ParseError', 400, true])
})
