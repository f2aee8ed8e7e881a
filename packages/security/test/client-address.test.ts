import { compose, respond } from '@tsws/http'
import { expect, test } from 'vitest'
import { clientAddress } from '../src/index.ts'
import type { ClientAddressOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const forwarded = { field: 'Forwarded' } as const

function seen(
  trusted: string[],
  peer: string | null,
  headers: Record<string, string>,
  options?: ClientAddressOptions,
): string | null {
  const request = fakeRequest({ headers, connection: { remoteAddress: peer } })
  const handle = compose([clientAddress(trusted, options)], () => respond.empty())
  expect(handle(request)).toMatchObject({ status: 204 })
  return request.remoteAddress
}

const xff = (value: string) => ({ 'x-forwarded-for': value })

test('nobody is believed by default: the peer is the client', () => {
  expect(seen([], '127.0.0.1', xff('203.0.113.9'))).toBe('127.0.0.1')
})

test('a peer that is no trusted proxy cannot choose its address', () => {
  expect(seen(['10.0.0.0/8'], '198.51.100.7', xff('203.0.113.9'))).toBe('198.51.100.7')
})

test('behind one trusted proxy the last entry is the client, whatever stands left of it', () => {
  expect(seen(['10.0.0.0/8'], '10.1.2.3', xff('1.1.1.1, 127.0.0.1, 203.0.113.9'))).toBe('203.0.113.9')
})

test('a row of trusted proxies is walked from the right to the first that is not trusted', () => {
  expect(seen(['private'], '10.0.0.1', xff('1.1.1.1, 203.0.113.9, 192.168.7.7, 10.9.9.9'))).toBe(
    '203.0.113.9',
  )
})

test('when every entry is trusted the leftmost is the client', () => {
  expect(seen(['private'], '10.0.0.1', xff('10.0.0.3, 10.0.0.2'))).toBe('10.0.0.3')
})

test.each([
  ['203.0.113.9:4711', '203.0.113.9'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['unknown', '10.0.0.1'],
  ['1.1.1.1, unknown', '10.0.0.1'],
  ['_hidden', '10.0.0.1'],
  ['', '10.0.0.1'],
  ['203.0.113.9,', '10.0.0.1'],
  ['<script>', '10.0.0.1'],
  ['203.0.113.999', '10.0.0.1'],
  ['[203.0.113.9', '10.0.0.1'],
])('X-Forwarded-For %j gives %s', (value, expected) => {
  expect(seen(['private'], '10.0.0.1', xff(value))).toBe(expected)
})

test.each([
  ['for=203.0.113.9', '203.0.113.9'],
  ['For="203.0.113.9:80";proto=https;by=10.0.0.1', '203.0.113.9'],
  ['for="[2001:db8::1]:4711"', '2001:db8::1'],
  ['for=1.1.1.1, proto=http;for=203.0.113.9', '203.0.113.9'],
  ['for=1.1.1.1 , for=203.0.113.9 ; proto=https', '203.0.113.9'],
  ['for=203.0.113.9, for=10.0.0.2', '203.0.113.9'],
  ['for="20\\3.0.113.9"', '203.0.113.9'],
  ['for=unknown', '10.0.0.1'],
  ['proto=https', '10.0.0.1'],
  ['for="_a, b", for=203.0.113.9', '203.0.113.9'],
  // A quotation mark left open by the client must not swallow what the proxy appended.
  ['for=", for=203.0.113.9', '10.0.0.1'],
  ['for="1.1.1.1, for="[2001:db8::1]"', '10.0.0.1'],
  ['for', '10.0.0.1'],
  ['for=', '10.0.0.1'],
  ['for=[2001:db8::1]', '10.0.0.1'],
])('Forwarded %j gives %s', (value, expected) => {
  expect(seen(['private'], '10.0.0.1', { forwarded: value }, forwarded)).toBe(expected)
})

test('only the chosen field is read', () => {
  const both = { 'x-forwarded-for': '203.0.113.1', forwarded: 'for=203.0.113.2' }
  expect(seen(['private'], '10.0.0.1', both)).toBe('203.0.113.1')
  expect(seen(['private'], '10.0.0.1', both, forwarded)).toBe('203.0.113.2')
})

test('an IPv4 peer of a dual-stack socket is known by its IPv4 address', () => {
  expect(seen(['127.0.0.0/8'], '::ffff:127.0.0.1', xff('203.0.113.9'))).toBe('203.0.113.9')
  expect(seen([], '::ffff:192.0.2.55', {})).toBe('192.0.2.55')
})

test('IPv6 networks are trusted by prefix', () => {
  expect(seen(['fd00::/8'], 'fd12::1', xff('2001:db8::9'))).toBe('2001:db8::9')
  expect(seen(['fd00::/8'], 'fe80::1', xff('2001:db8::9'))).toBe('fe80::1')
  expect(seen(['fd12::1'], 'fd12::1', xff('2001:db8::9'))).toBe('2001:db8::9')
})

test('a link-local peer is known without its zone', () => {
  expect(seen(['linklocal'], 'fe80::1%eth0', xff('203.0.113.9'))).toBe('203.0.113.9')
})

test('a peer on a Unix socket is trusted only by name', () => {
  expect(seen(['unix'], null, xff('203.0.113.9'))).toBe('203.0.113.9')
  expect(seen(['loopback'], null, xff('203.0.113.9'))).toBeNull()
})

test('the answer for an address stays the same however often it is asked', () => {
  const handle = compose([clientAddress(['10.0.0.0/8'])], () => respond.empty())
  for (let round = 0; round < 3; round++) {
    for (const [peer, expected] of [
      ['10.0.0.1', '203.0.113.9'],
      ['11.0.0.1', '11.0.0.1'],
    ] as const) {
      const request = fakeRequest({ headers: xff('203.0.113.9'), connection: { remoteAddress: peer } })
      void handle(request)
      expect(request.remoteAddress).toBe(expected)
    }
  }
})

test('the walk ends after 32 entries, so a long field costs no more', () => {
  const row = Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`).join(', ')
  expect(seen(['private'], '10.9.9.9', xff(row))).toBe('10.0.0.68')
})

test.each([
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0',
  'proxy.example',
  'fd00::/129',
  '10.0.0.0/-1',
  'toString',
])('the entry %j is refused with what is possible', (entry) => {
  expect(() => clientAddress([entry])).toThrow(TypeError)
  expect(() => clientAddress([entry])).toThrow(/trustedProxies: .* is no address, no network/)
})

test('an unknown field is refused', () => {
  expect(() => clientAddress([], { field: 'X-Real-IP' as 'Forwarded' })).toThrow(
    /'X-Forwarded-For' or 'Forwarded'/,
  )
})
