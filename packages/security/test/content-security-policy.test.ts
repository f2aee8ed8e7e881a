import { expect, test } from 'vitest'
import { contentSecurityPolicy, DEFAULT_POLICY, STRICT_POLICY } from '../src/index.ts'

test('the default policy denies framing by other origins and says nothing about scripts', () => {
  expect(contentSecurityPolicy(DEFAULT_POLICY)).toBe(
    "base-uri 'self'; object-src 'self'; frame-ancestors 'self'",
  )
})

test('the strict policy allows nothing that is not of this origin', () => {
  expect(contentSecurityPolicy(STRICT_POLICY)).toBe(
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  )
})

test('sources may be a list, a string or none', () => {
  expect(
    contentSecurityPolicy({
      'img-src': ["'self'", 'https://images.example'],
      'script-src': "'self'  'nonce-abc'",
      'upgrade-insecure-requests': true,
    }),
  ).toBe("img-src 'self' https://images.example; script-src 'self' 'nonce-abc'; upgrade-insecure-requests")
})

test.each([
  [{ 'script-src': 'a;b' }, /source of script-src/],
  [{ 'script-src': ['https://a,b'] }, /source of script-src/],
  [{ 'script-src': ['a b'] }, /source of script-src/],
  [{ 'script-src': ['\r\nSet-Cookie:'] }, /source of script-src/],
  [{ 'script src': "'self'" }, /directive name/],
  [{ 'script-src': 'self' }, /needs single quotes: 'self'/],
  [{}, /at least one directive/],
])('%j is refused with the reason', (directives, message) => {
  expect(() => contentSecurityPolicy(directives)).toThrow(TypeError)
  expect(() => contentSecurityPolicy(directives)).toThrow(message)
})
