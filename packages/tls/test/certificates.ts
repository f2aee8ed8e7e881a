import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { testCertificate } from '@tsws/testing'
import type { TestCertificate } from '@tsws/testing'
import { vi } from 'vitest'

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** A certificate that was made at another time: it is valid from the day before to 30 days after. */
export function certificateFrom(made: string): TestCertificate {
  vi.useFakeTimers({ now: Date.parse(made), toFake: ['Date'] })
  try {
    return testCertificate()
  } finally {
    vi.useRealTimers()
  }
}

export function encryptedKey(key: string, passphrase: string): string {
  return createPrivateKey(key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString()
}

/** The bytes between the lines of a PEM text. */
export function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64')
}

/**
 * A certificate for another kind of key. Its signature is that of another certificate: nobody looks at it before a client
 * does.
 */
export function certificateForKey({ publicKey, privateKey }: KeyPair): TestCertificate {
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const cert = withFields((fields) => (fields[6] = spki)) // subjectPublicKeyInfo (RFC 5280 §4.1)
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** An RSA key of 1024 bits. */
export function weakCertificate(): TestCertificate {
  return certificateForKey(generateKeyPairSync('rsa', { modulusLength: 1024 }))
}

/** Says that somebody else signed it, with the algorithm of that object identifier (DER in hexadecimal). */
export function certificateSignedWith(algorithm: string): string {
  return withFields((fields) => {
    fields[2] = sequence([Buffer.from(algorithm, 'hex')])
    fields[5] = Buffer.from('3000', 'hex') // subject
  })
}

/** One without extensions, and so without a name. */
export function certificateWithoutExtensions({ publicKey, privateKey }: KeyPair): TestCertificate {
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const cert = withFields((fields) => {
    fields[6] = spki
    fields.splice(7)
  })
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function withFields(change: (fields: Buffer[]) => void): string {
  const [toBeSigned = NOTHING, ...signature] = elements(derOf(testCertificate().cert))
  const fields = elements(toBeSigned)
  change(fields)
  if (fields[2] !== undefined) signature[0] = fields[2]
  const der = sequence([sequence(fields), ...signature])
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
}

const NOTHING = Buffer.alloc(0)

/** The elements of a DER sequence (X.690 §8.9), each with its head. */
function elements(der: Buffer): Buffer[] {
  const list: Buffer[] = []
  for (let at = headLength(der, 0); at < der.length;) {
    const end = at + headLength(der, at) + contentLength(der, at)
    list.push(der.subarray(at, end))
    at = end
  }
  return list
}

function headLength(der: Buffer, at: number): number {
  const first = der[at + 1] ?? 0
  return first < 0x80 ? 2 : 2 + (first & 0x7f)
}

function contentLength(der: Buffer, at: number): number {
  const first = der[at + 1] ?? 0
  return first < 0x80 ? first : der.readUIntBE(at + 2, first & 0x7f)
}

function sequence(items: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(items)
  return Buffer.concat([Buffer.of(0x30, 0x82, content.length >> 8, content.length & 0xff), content])
}
