import { compose, HttpError, respond } from '@tsws/http'
import { expect, test } from 'vitest'
import { hostGuard, LOOPBACK_HOSTS } from '../src/index.ts'
import type { HostGuardOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

function status(
  allowed: readonly string[],
  host: string | null,
  options?: HostGuardOptions,
  target = '/',
): number {
  const handle = compose([hostGuard(allowed, options)], () => respond.empty())
  const request = () => fakeRequest({ target, headers: host === null ? {} : { host } })
  const once = () => {
    try {
      return (handle(request()) as { status: number }).status
    } catch (error) {
      if (error instanceof HttpError) return error.status
      throw error
    }
  }
  const first = once()
  expect(once(), 'the second time, remembered').toBe(first)
  return first
}

test.each([
  [['example.com'], 'example.com', 204],
  [['example.com'], 'EXAMPLE.com:8080', 204],
  [['Example.COM'], 'example.com', 204],
  [['example.com'], 'example.com.', 204],
  [['example.com'], 'evil.com', 421],
  [['example.com'], 'sub.example.com', 421],
  [['example.com'], 'example.com.evil.com', 421],
  [['example.com'], 'notexample.com', 421],
  [['example.com:8080'], 'example.com:8080', 204],
  [['example.com:8080'], 'example.com', 421],
  [['example.com:8080'], 'example.com:8081', 421],
  [['*.example.com'], 'a.example.com', 204],
  [['*.example.com'], 'a.b.example.com:1', 204],
  [['*.example.com'], 'example.com', 421],
  [['*.example.com'], 'aexample.com', 421],
  [['*.example.com:8080'], 'a.example.com:8080', 204],
  [['*.example.com:8080'], 'a.example.com:8081', 421],
  [LOOPBACK_HOSTS, 'localhost:3000', 204],
  [LOOPBACK_HOSTS, 'app.localhost', 204],
  [LOOPBACK_HOSTS, 'localhost.evil.com', 421],
  [[], 'example.com', 421],
  [['example.com'], 'user@example.com', 421],
  [['example.com'], 'example.com:port', 421],
  [['example.com'], 'example.com/', 421],
  [['example.com'], 'example.com..', 421],
])('with %j the host %s is answered %i', (allowed, host, expected) => {
  expect(status(allowed, host)).toBe(expected)
})

test('an address literal passes by default: DNS rebinding needs a name', () => {
  expect(status([], '127.0.0.1:8080')).toBe(204)
  expect(status([], '[::1]:8080')).toBe(204)
  expect(status([], '[::1')).toBe(421)
  expect(status([], '[::g]')).toBe(421)
  expect(status([], '127.0.0.1.evil.com')).toBe(421)
})

test('with ipLiterals off an address must be listed, in whatever form it is written', () => {
  const options = { ipLiterals: false }
  expect(status([], '127.0.0.1', options)).toBe(421)
  expect(status(['127.0.0.1'], '127.0.0.1:80', options)).toBe(204)
  expect(status(['[::1]'], '[0:0:0:0:0:0:0:1]:80', options)).toBe(204)
  expect(status(['2001:DB8::1'], '[2001:db8:0::1]', options)).toBe(204)
  expect(status(['[2001:db8::1]:8080'], '[2001:db8::1]:80', options)).toBe(421)
})

test('the authority of an absolute target counts, not the Host field', () => {
  expect(status(['example.com'], 'example.com', {}, 'http://evil.com/')).toBe(421)
  expect(status(['example.com'], 'evil.com', {}, 'http://example.com/')).toBe(204)
})

test('a request without a host passes: no browser sends one', () => {
  expect(status(['example.com'], null)).toBe(204)
})

test('the refusal is a 421 with a stable code and the host in its message', () => {
  const handle = compose([hostGuard(['example.com'])], () => respond.empty())
  try {
    void handle(fakeRequest({ headers: { host: 'evil.com' } }))
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      status: 421,
      code: 'ERR_HOST_NOT_ALLOWED',
      message: expect.stringContaining('"evil.com"'),
    })
  }
})

test.each([
  '',
  'http://example.com',
  'exa mple.com',
  '*',
  '*.127.0.0.1',
  'a..b',
  '[::1',
  'example.com:999999',
])('the entry %j is refused with what is possible', (entry) => {
  expect(() => hostGuard([entry])).toThrow(TypeError)
  expect(() => hostGuard([entry])).toThrow(/is no host; write example.com/)
})
