import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import { reachableUrls } from '../src/addresses.ts'

const address = (address: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo =>
  ({ address, family, internal, netmask: '', mac: '', cidr: null }) as NetworkInterfaceInfo

const interfaces = {
  lo: [address('127.0.0.1', 'IPv4', true), address('::1', 'IPv6', true)],
  eth0: [address('192.168.1.7', 'IPv4'), address('fe80::1', 'IPv6')],
}

describe('the URLs of a server', () => {
  test('on one address are that address alone', () => {
    expect(reachableUrls('http', '127.0.0.1', 8080, interfaces)).toEqual({
      local: 'http://127.0.0.1:8080/',
      network: [],
    })
  })

  test('on all addresses are a local one, and one for each that others can use', () => {
    expect(reachableUrls('https', '0.0.0.0', 8443, interfaces)).toEqual({
      local: 'https://127.0.0.1:8443/',
      network: ['https://192.168.1.7:8443/'],
    })
    expect(reachableUrls('http', '::', 80, interfaces).local).toBe('http://localhost:80/')
  })

  test('on an IPv6 address have brackets', () => {
    expect(reachableUrls('http', '::1', 8080, interfaces).local).toBe('http://[::1]:8080/')
  })
})
