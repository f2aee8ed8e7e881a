import { testCertificate } from '@tsws/testing'
import { describe, expect, test } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import { loadContexts } from '../src/contexts.ts'
import { pair, shownNames, start } from './start-tls.ts'

describe('a certificate by server name', () => {
  const names = ['example.com', '*.example.com', '*.localhost', 'a.b.example.com']
  const certificates = Object.fromEntries(names.map((name) => [name, testCertificate([name])]))
  const { choose } = loadContexts({ ...pair, sni: certificates }, {})
  const chosen = new Map(names.map((name) => [choose(name.replace('*', 'any')), name]))
  const nameOf = (serverName: string): string | null => {
    const context = choose(serverName)
    return context === null ? null : (chosen.get(context) ?? 'another')
  }

  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.com', 'example.com'],
    ['example.com.', 'example.com'],
    ['www.example.com', '*.example.com'],
    ['WWW.Example.COM', '*.example.com'],
    ['xn--bcher-kva.example.com', '*.example.com'],
    ['a.b.example.com', 'a.b.example.com'],
    ['app.localhost', '*.localhost'],
  ])('%s gets that of %s', (serverName, name) => {
    expect(nameOf(serverName)).toBe(name)
  })

  // RFC 9525 §6.3: a wildcard is one whole label, and there must be one.
  test.each([
    'localhost',
    '.localhost',
    '.example.com',
    'c.b.example.com',
    'b.example.com.evil',
    'com',
    '127.0.0.1',
    '',
    '.',
    '*.example.com..',
  ])('%j gets the first', (serverName) => {
    expect(nameOf(serverName)).toBeNull()
  })

  test('is shown to who asks for it, the first one to who asks for another or none', async () => {
    const { port } = await start({ sni: { 'shop.example': testCertificate(['shop.example']) } })
    expect(await shownNames(port, 'shop.example')).toBe('DNS:shop.example')
    expect(await shownNames(port, 'other.example')).toContain('DNS:localhost')
    expect(await shownNames(port, '')).toContain('DNS:localhost')
  })

  test('that is not for that name is a warning', () => {
    const sni = {
      'shop.example': testCertificate(['shop.test']),
      '*.good.example': testCertificate(['*.good.example']),
    }
    expect(createTlsListener({ ...pair, sni }).warnings).toEqual([
      'the certificate of sni["shop.example"] is not for that name (DNS:shop.test): browsers refuse it',
    ])
  })

  test('whose name is not ASCII is asked for as it is sent over the wire', () => {
    expect(() => createTlsListener({ ...pair, sni: { 'bücher.example': pair } })).toThrow(
      /write xn--bcher-kva\.example/,
    )
  })
})
