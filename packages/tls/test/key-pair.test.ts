import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCertificate } from '@tsws/testing'
import { afterAll, expect, test } from 'vitest'
import { CertificateError } from '../src/index.ts'
import type { CertificateErrorCode } from '../src/index.ts'
import { loadKeyPair } from '../src/key-pair.ts'
import {
  certificateForKey,
  certificateFrom,
  certificateSignedWith,
  certificateWithoutExtensions,
  derOf,
  encryptedKey,
  weakCertificate,
} from './certificates.ts'

const folder = await mkdtemp(join(tmpdir(), 'tsws-tls-'))
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const { cert, key } = testCertificate()
const other = testCertificate(['other.example'])
const certFile = await file('cert.pem', cert)
const keyFile = await file('key.pem', key)

/** The refusal, after making sure that it is one line with a code. */
function refusal(pair: Parameters<typeof loadKeyPair>[0], code: CertificateErrorCode): string {
  try {
    loadKeyPair(pair)
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError)
    expect((error as CertificateError).code).toBe(code)
    expect((error as CertificateError).message).not.toContain('\n')
    return (error as CertificateError).message
  }
  return expect.unreachable('the pair was accepted')
}

test('paths, text and bytes are all taken', () => {
  expect(loadKeyPair({ cert: certFile, key: keyFile })).toMatchObject({
    cert,
    key,
    passphrase: undefined,
    warnings: [],
  })
  expect(loadKeyPair({ cert, key }).cert).toBe(cert)
  expect(loadKeyPair({ cert: Buffer.from(cert), key: Buffer.from(key) }).key).toBe(key)
})

test('text before and after the blocks does no harm', () => {
  expect(
    loadKeyPair({ cert: `subject=Grüße\n${cert}\n# end\n`, key: `Bag Attributes\n${key}` }).warnings,
  ).toEqual([])
})

test('a missing file is named', () => {
  const missing = join(folder, 'missing.pem')
  expect(refusal({ cert: missing, key }, 'ERR_TLS_FILE_NOT_FOUND')).toBe(
    `cert (${missing}): there is no such file`,
  )
  expect(refusal({ cert, key: join(certFile, 'x') }, 'ERR_TLS_FILE_NOT_FOUND')).toContain('key (')
})

test('a folder and a huge file are refused', async () => {
  expect(refusal({ cert: folder, key }, 'ERR_TLS_FILE_UNREADABLE')).toContain('is a folder')
  const huge = await file('huge.pem', new Uint8Array(1024 * 1024 + 1))
  expect(refusal({ cert: huge, key }, 'ERR_TLS_FILE_UNREADABLE')).toContain('1048577 bytes')
})

test('a file that is not PEM is refused with what is missing', async () => {
  const text = await file('note.txt', 'hello')
  expect(refusal({ cert: text, key }, 'ERR_TLS_CERT_INVALID')).toContain(
    'no line "-----BEGIN CERTIFICATE-----"',
  )
  expect(refusal({ cert, key: text }, 'ERR_TLS_KEY_INVALID')).toContain(
    'no line "-----BEGIN PRIVATE KEY-----"',
  )
  expect(refusal({ cert: await file('empty.pem', ''), key }, 'ERR_TLS_CERT_INVALID')).toContain('is not PEM')
})

test('DER is recognized, and the way to PEM told', async () => {
  const der = await file('cert.der', derOf(cert))
  expect(refusal({ cert: der, key }, 'ERR_TLS_CERT_INVALID')).toContain('"openssl x509 -inform der"')
})

test('swapped files are recognized', () => {
  expect(refusal({ cert: key, key: cert }, 'ERR_TLS_CERT_INVALID')).toContain('are cert and key swapped?')
  expect(refusal({ cert, key: cert }, 'ERR_TLS_KEY_INVALID')).toContain('are cert and key swapped?')
})

test('a certificate or key that is damaged is refused', () => {
  const damaged = cert.replace(/^M.{20}/m, 'AAAAAAAAAAAAAAAAAAAAA')
  expect(refusal({ cert: damaged, key }, 'ERR_TLS_CERT_INVALID')).toContain('cannot be read')
  expect(
    refusal({ cert, key: key.replace(/^M.{20}/m, 'AAAAAAAAAAAAAAAAAAAAA') }, 'ERR_TLS_KEY_INVALID'),
  ).toContain('cannot be read')
  expect(refusal({ cert: cert + damaged, key }, 'ERR_TLS_CERT_INVALID')).toContain('certificate 2')
})

test('a key of another certificate is refused', () => {
  expect(refusal({ cert, key: other.key }, 'ERR_TLS_KEY_MISMATCH')).toMatch(
    /^the key is not the private key of the cert \(DNS:localhost/,
  )
})

test('a chain in which the own certificate does not stand first is recognized', () => {
  expect(refusal({ cert: other.cert + cert, key }, 'ERR_TLS_KEY_MISMATCH')).toContain(
    "it belongs to certificate 2 of the file: the server's own must stand first",
  )
})

test('a chain longer than 16 certificates is refused', () => {
  expect(refusal({ cert: cert.repeat(17), key }, 'ERR_TLS_CERT_INVALID')).toContain('17 certificates')
})

test('an encrypted key needs the right passphrase', () => {
  const locked = encryptedKey(key, 'sesame')
  expect(refusal({ cert, key: locked }, 'ERR_TLS_PASSPHRASE_MISSING')).toBe(
    'the key is encrypted: it needs a passphrase',
  )
  expect(refusal({ cert, key: locked, passphrase: 'wrong' }, 'ERR_TLS_PASSPHRASE_WRONG')).toContain(
    'does not open',
  )
  expect(loadKeyPair({ cert, key: locked, passphrase: 'sesame' }).passphrase).toBe('sesame')
})

test('a passphrase never shows in a message', () => {
  const message = refusal(
    { cert, key: encryptedKey(key, 'sesame'), passphrase: 'hunter2' },
    'ERR_TLS_PASSPHRASE_WRONG',
  )
  expect(message).not.toContain('hunter2')
})

test('an expired certificate is a warning', () => {
  const expired = certificateFrom('2020-01-02T00:00:00Z')
  expect(loadKeyPair(expired).warnings).toEqual([
    'the certificate in the cert expired on 2020-02-01: browsers refuse it',
  ])
})

test('a certificate that is not valid yet is a warning', () => {
  const early = certificateFrom('2048-06-10T00:00:00Z')
  expect(loadKeyPair(early).warnings).toEqual(['the certificate in the cert is not valid before 2048-06-09'])
})

test('a certificate that expires within two weeks is a warning', () => {
  const made = certificateFrom('2026-01-02T00:00:00Z')
  expect(loadKeyPair(made, Date.parse('2026-01-10T00:00:00Z')).warnings).toEqual([])
  expect(loadKeyPair(made, Date.parse('2026-01-20T00:00:00Z')).warnings).toEqual([
    'the certificate in the cert expires on 2026-02-01, in 12 days',
  ])
})

test('a chain whose certificates did not issue each other is a warning', () => {
  expect(loadKeyPair({ cert: cert + other.cert, key }).warnings).toEqual([
    'certificate 2 in the cert did not issue the one before it: check the order of the chain',
  ])
})

test('what is neither a path nor PEM is a TypeError', () => {
  expect(() => loadKeyPair({ cert: 5 as unknown as string, key })).toThrow(
    /cert must be a path or PEM, got number/,
  )
  expect(() => loadKeyPair({ cert, key: null as unknown as string })).toThrow(
    /key must be a path or PEM, got null/,
  )
})

test('a key that is too weak is refused with what to make instead', () => {
  expect(refusal(weakCertificate(), 'ERR_TLS_CERT_WEAK')).toBe(
    'the certificate in the cert has an RSA key of 1024 bits, which is too weak: make one of 2048, or ECDSA P-256',
  )
  const rsa = certificateForKey(generateKeyPairSync('rsa', { modulusLength: 2048 }))
  expect(loadKeyPair(rsa).warnings).toEqual([])
})

test('a weak certificate further up the chain is refused too', () => {
  expect(refusal({ cert: cert + weakCertificate().cert, key }, 'ERR_TLS_CERT_WEAK')).toMatch(
    /^certificate 2 in the cert/,
  )
})

test.each([
  ['MD5', '06092a864886f70d010104'],
  ['SHA-1', '06092a864886f70d010105'],
  ['SHA-1', '06072a8648ce3d0401'],
])('a signature with %s (%s) is refused', (name, algorithm) => {
  expect(refusal({ cert: certificateSignedWith(algorithm), key }, 'ERR_TLS_CERT_WEAK')).toBe(
    `the certificate in the cert is signed with ${name}, which clients refuse: have it issued again`,
  )
})

test('a certificate for no host, and one for a key that not every browser knows, are warnings', () => {
  const nameless = certificateWithoutExtensions(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }))
  expect(loadKeyPair(nameless).warnings).toEqual([
    'the certificate in the cert has no subjectAltName, and so is for no host: browsers refuse it',
  ])
  expect(loadKeyPair(certificateForKey(generateKeyPairSync('ed25519'))).warnings).toEqual([
    'the certificate in the cert has a key of ed25519: browsers know P-256, P-384 and RSA',
  ])
})
