import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clientNetwork } from '../src/client-network.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
])('%s is counted as %s', (address, network) => {
  expect(clientNetwork(address, 64)).toBe(network)
})

test('the length of the network can be chosen', () => {
  expect(clientNetwork('2001:db8:1:2:3:4:5:6', 48)).toBe('2001:db8:1')
  expect(clientNetwork('2001:db8:1:2:3:4:192.0.2.1', 128)).toBe('2001:db8:1:2:3:4:c000:201')
})

test('every spelling of an IPv6 address is in the same network as the canonical one', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
      expect(clientNetwork(address, 128)).toBe(clientNetwork(canonical, 128))
      expect(clientNetwork(address.toUpperCase(), 64)).toBe(clientNetwork(canonical, 64))
    }),
    { numRuns: 1000 },
  )
})
