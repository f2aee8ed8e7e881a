import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

export interface TestCertificate {
  /** PEM */
  readonly cert: string
  /** PEM, PKCS #8 */
  readonly key: string
}

/** Days a test certificate is valid, from yesterday on. */
const VALID_DAYS = 30
const DAY = 86_400_000

/**
 * A self-signed P-256 certificate (RFC 5280) for these DNS names and IPv4 addresses.
 * Made here, so that tests need neither the openssl command nor a private key in the repository.
 */
export function testCertificate(names: readonly string[] = ['localhost', '127.0.0.1']): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2')) // ecdsa-with-SHA256 (RFC 5758 §3.2)
  const commonName = sequence(objectId('2.5.4.3'), node(0x0c, Buffer.from(names[0] ?? 'localhost')))
  const name = sequence(node(0x31, commonName))
  const now = Date.now()
  const toBeSigned = sequence(
    node(0xa0, integer(Buffer.of(2))), // version 3
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    name,
    sequence(utcTime(now - DAY), utcTime(now + VALID_DAYS * DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    node(0xa3, sequence(subjectAltName(names))),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const certificate = sequence(toBeSigned, algorithm, node(0x03, Buffer.concat([Buffer.of(0), signature])))
  return {
    cert: pem(certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function subjectAltName(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) ? node(0x87, Buffer.from(name.split('.').map(Number))) : node(0x82, Buffer.from(name)),
  )
  return sequence(objectId('2.5.29.17'), node(0x04, sequence(...entries)))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

// The few forms of DER (X.690 §8) that a certificate needs.

function node(tag: number, content: Buffer): Buffer {
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content])
}

function sequence(...items: Buffer[]): Buffer {
  return node(0x30, Buffer.concat(items))
}

function integer(bytes: Buffer): Buffer {
  return node(0x02, bytes)
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return node(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\D/g, '').slice(2, 14)
  return node(0x17, Buffer.from(`${digits}Z`))
}
