import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate } from '@tsws/testing'
import { afterAll, expect, test } from 'vitest'
import { createTlsListener } from '../src/index.ts'
import { certificateForKey } from './certificates.ts'
import { connect, pair, readAll, REQUEST, shownNames, start } from './start-tls.ts'

const folder = await mkdtemp(join(tmpdir(), 'tsws-tls-'))
afterAll(() => rm(folder, { recursive: true }))

test('the certificate is chosen by server name', async () => {
  const shop = testCertificate(['shop.example'])
  const wild = testCertificate(['*.example.org'])
  const { port } = await start({ sni: { 'Shop.example': shop, '*.example.org': wild } })
  expect(await shownNames(port, 'shop.example')).toBe('DNS:shop.example')
  expect(await shownNames(port, 'SHOP.EXAMPLE')).toBe('DNS:shop.example')
  expect(await shownNames(port, 'a.example.org')).toBe('DNS:*.example.org')
  expect(await shownNames(port, 'a.b.example.org')).toContain('DNS:localhost')
  expect(await shownNames(port, 'example.org')).toContain('DNS:localhost')
  expect(await shownNames(port, 'unknown.example')).toContain('DNS:localhost')
})

test('reload shows the new certificate to new connections and keeps the open ones', async () => {
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  await writeFile(cert, pair.cert)
  await writeFile(key, pair.key)
  const { port, listener } = await start({ cert, key })
  const open = await connect(port)
  const fresh = testCertificate(['fresh.example'])
  await writeFile(cert, fresh.cert)
  await writeFile(key, fresh.key)
  listener.reload()
  expect(await shownNames(port, 'localhost')).toBe('DNS:fresh.example')
  open.write(REQUEST)
  expect(await readAll(open)).toContain('200 OK')
  const weak = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' } as const
  await expect(connect(port, weak), 'the cipher list holds after a reload').rejects.toThrow()
})

test('a reload with bad files throws and changes nothing', async () => {
  const cert = join(folder, 'cert2.pem')
  const sniCert = join(folder, 'sni.pem')
  const shop = testCertificate(['shop.example'])
  await writeFile(cert, pair.cert)
  await writeFile(sniCert, shop.cert)
  const { port, listener } = await start({ cert, sni: { 'shop.example': { cert: sniCert, key: shop.key } } })
  await writeFile(sniCert, 'broken')
  expect(() => listener.reload()).toThrow(/sni\.pem\) is not PEM/)
  await writeFile(cert, testCertificate().cert)
  expect(() => listener.reload()).toThrow(/is not the private key of/)
  expect(await shownNames(port, 'localhost')).toContain('DNS:localhost')
  expect(await shownNames(port, 'shop.example')).toBe('DNS:shop.example')
})

test('warnings are at hand, and those of a reload replace them', async () => {
  const cert = join(folder, 'chain.pem')
  await writeFile(cert, pair.cert + testCertificate(['other.example']).cert)
  const listener = createTlsListener({ cert, key: pair.key })
  expect(listener.warnings).toEqual([expect.stringContaining('did not issue the one before it')])
  await writeFile(cert, pair.cert)
  listener.reload()
  expect(listener.warnings).toEqual([])
})

test('what OpenSSL itself refuses is told with the place', () => {
  const weak = certificateForKey(generateKeyPairSync('ec', { namedCurve: 'prime192v1' }))
  const make = () => createTlsListener({ ...pair, sni: { 'weak.example': weak } })
  expect(make).toThrow(expect.objectContaining({ name: 'CertificateError', code: 'ERR_TLS_REFUSED' }))
  expect(make).toThrow(/OpenSSL refuses sni\["weak\.example"\]: .*key too small/)
})
