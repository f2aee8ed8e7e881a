import { expect, test } from 'vitest'
import { DEFAULTS, RequestParser } from '../src/index.ts'
import { resolveOptions } from '../src/options.ts'

test('what is left out has its default, and the defaults can not be changed', () => {
  expect(resolveOptions({ maxHeaderCount: 7 })).toEqual({ ...DEFAULTS, maxHeaderCount: 7 })
  expect(Object.isFrozen(DEFAULTS) && Object.isFrozen(resolveOptions({}))).toBe(true)
})

test('the same options object is resolved once', () => {
  const options = { maxHeadBytes: 100 }
  expect(resolveOptions(options)).toBe(resolveOptions(options))
})

test.each([
  [{ maxHeadBytes: -1 }, 'Parser option "maxHeadBytes" must be a whole number from 0 to 268435456, got -1'],
  [
    { maxHeaderCount: 1.5 },
    'Parser option "maxHeaderCount" must be a whole number from 0 to 268435456, got 1.5',
  ],
  [{ allowBareLF: 1 }, 'Parser option "allowBareLF" must be true or false, got 1'],
  [{ maxHeadSize: 1 }, /^Unknown parser option "maxHeadSize"; known are maxHeadBytes, /],
])('%j is refused with what was expected', (options, message) => {
  expect(() => new RequestParser(options as object)).toThrow(TypeError)
  expect(() => new RequestParser(options as object)).toThrow(message)
})
