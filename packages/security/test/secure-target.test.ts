import { HttpError } from '@tsws/http'
import type { ConnectionInfo } from '@tsws/http'
import { describe, expect, test } from 'vitest'
import { secureTargetCheck } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

function status(
  target: string,
  connection: Partial<ConnectionInfo> = {},
  trusted: readonly string[] = [],
): number {
  try {
    secureTargetCheck(trusted)(fakeRequest({ target, connection }))
    return 200
  } catch (error) {
    if (error instanceof HttpError) return error.status
    throw error
  }
}

describe('an https URL (RFC 9110 §7.4)', () => {
  test.each(['https://example.com/', 'HTTPS://example.com/', 'https://example.com?q'])(
    '%s over a connection without TLS is 421',
    (target) => {
      expect(status(target)).toBe(421)
    },
  )

  test('over TLS is served', () => {
    expect(status('https://example.com/', { encrypted: true })).toBe(200)
  })

  test('from a trusted proxy is served, from another address not', () => {
    const trusted = ['192.0.2.0/24', 'unix']
    expect(status('https://example.com/', { remoteAddress: '192.0.2.9' }, trusted)).toBe(200)
    expect(status('https://example.com/', { remoteAddress: '::ffff:192.0.2.9' }, trusted)).toBe(200)
    expect(status('https://example.com/', { remoteAddress: null }, trusted)).toBe(200)
    expect(status('https://example.com/', { remoteAddress: '198.51.100.7' }, trusted)).toBe(421)
  })
})

test.each(['/', '/https://example.com/', 'http://example.com/', 'http://example.com/?u=https://b'])(
  'the target %s has no need of TLS',
  (target) => {
    expect(status(target)).toBe(200)
  },
)

test('an entry that is no address is told at once', () => {
  expect(() => secureTargetCheck(['nowhere'])).toThrow(
    /secureTargetCheck: trustedProxies: "nowhere" is no address/,
  )
})
