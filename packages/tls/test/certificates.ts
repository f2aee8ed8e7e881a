import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { testCertificate } from '@tsws/testing'
import type { TestCertificate } from '@tsws/testing'
import { vi } from 'vitest'

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
 * A certificate for an RSA key of 1024 bits, which OpenSSL finds too small. Its signature is that
 * of another certificate: nobody looks at it before a client does.
 */
export function weakCertificate(): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const [toBeSigned = NOTHING, ...signature] = elements(derOf(testCertificate().cert))
  const fields = elements(toBeSigned)
  fields[6] = publicKey.export({ type: 'spki', format: 'der' }) // subjectPublicKeyInfo (RFC 5280 §4.1)
  const der = sequence([sequence(fields), ...signature])
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
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
