import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CertificateError } from './certificate-error.ts'
import type { KeyPair } from './options.ts'
import { readPem } from './pem.ts'
import { refuseWeak, unusualKeyWarnings } from './strength.ts'
import type { Pem } from './pem.ts'

/** A certificate chain and its key, read and found to belong together. */
export interface LoadedKeyPair {
  readonly cert: string
  readonly key: string
  readonly passphrase: string | undefined
  /** The server's own certificate. */
  readonly leaf: X509Certificate
  /** What is no reason to refuse, but should be known. One line each. */
  readonly warnings: readonly string[]
}

/**
 * Reads a pair and checks all that would otherwise show as an OpenSSL error, or only to a visitor.
 * @throws {CertificateError}
 */
export function loadKeyPair({ cert, key, passphrase }: KeyPair, now = Date.now()): LoadedKeyPair {
  const chainPem = readPem(cert, 'cert')
  const keyPem = readPem(key, 'key')
  const chain = parseChain(chainPem)
  const leaf = chain[0] as X509Certificate
  refuseWeak(chain, chainPem.label)
  const privateKey = parseKey(keyPem, passphrase)
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      'ERR_TLS_KEY_MISMATCH',
      `${keyPem.label} is not the private key of ${chainPem.label} (${nameOf(leaf)}); ` +
        mismatchHint(chain, privateKey),
    )
  }
  return {
    cert: chainPem.text,
    key: keyPem.text,
    passphrase,
    leaf,
    warnings: [
      ...dateWarnings(leaf, chainPem.label, now),
      ...nameWarnings(leaf, chainPem.label),
      ...unusualKeyWarnings(leaf, chainPem.label),
      ...chainWarnings(chain, chainPem.label),
    ],
  }
}

/** The certificates of those who may issue a client's, as one text. @throws {CertificateError} */
export function loadAuthorities(source: string | Uint8Array): string {
  const pem = readPem(source, 'cert', 'clientCertificates.ca')
  parseChain(pem, MAX_AUTHORITIES)
  return pem.text
}

const CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g
/** Certificates in a chain; three or four are usual. */
const MAX_CHAIN = 16
/** Certificates in a file of authorities; all that browsers trust are about 150. */
const MAX_AUTHORITIES = 1000

function parseChain({ text, label }: Pem, most = MAX_CHAIN): X509Certificate[] {
  const blocks = text.match(CERTIFICATE)
  if (blocks === null) {
    const hint = text.includes('PRIVATE KEY-----')
      ? '; it holds a private key: are cert and key swapped?'
      : ''
    throw new CertificateError('ERR_TLS_CERT_INVALID', `${label} holds no certificate in PEM form${hint}`)
  }
  if (blocks.length > most) {
    throw new CertificateError(
      'ERR_TLS_CERT_INVALID',
      `${label} holds ${blocks.length} certificates; there may be ${most}`,
    )
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block)
    } catch (cause) {
      const which = blocks.length === 1 ? 'the certificate' : `certificate ${index + 1}`
      throw new CertificateError(
        'ERR_TLS_CERT_INVALID',
        `${which} in ${label} cannot be read: ${reason(cause)}`,
        cause,
      )
    }
  })
}

function parseKey({ text, label }: Pem, passphrase: string | undefined): KeyObject {
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(text)) {
    const hint = text.includes('CERTIFICATE-----')
      ? '; it holds a certificate: are cert and key swapped?'
      : ''
    throw new CertificateError('ERR_TLS_KEY_INVALID', `${label} holds no private key in PEM form${hint}`)
  }
  const encrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)
  if (encrypted && passphrase === undefined) {
    throw new CertificateError('ERR_TLS_PASSPHRASE_MISSING', `${label} is encrypted: it needs a passphrase`)
  }
  try {
    return createPrivateKey(passphrase === undefined ? text : { key: text, passphrase })
  } catch (cause) {
    if (encrypted) {
      throw new CertificateError('ERR_TLS_PASSPHRASE_WRONG', `the passphrase does not open ${label}`, cause)
    }
    throw new CertificateError('ERR_TLS_KEY_INVALID', `${label} cannot be read: ${reason(cause)}`, cause)
  }
}

function mismatchHint(chain: readonly X509Certificate[], key: KeyObject): string {
  const at = chain.findIndex((certificate) => certificate.checkPrivateKey(key))
  return at > 0
    ? `it belongs to certificate ${at + 1} of the file: the server's own must stand first`
    : 'the two files are not from the same request'
}

const DAY = 86_400_000
/** Days before the end at which it is told. */
const SOON = 14

function dateWarnings(leaf: X509Certificate, label: string, now: number): string[] {
  const from = Date.parse(leaf.validFrom)
  const to = Date.parse(leaf.validTo)
  if (now > to) return [`the certificate in ${label} expired on ${day(to)}: browsers refuse it`]
  if (now < from) return [`the certificate in ${label} is not valid before ${day(from)}`]
  const left = Math.floor((to - now) / DAY)
  return left < SOON ? [`the certificate in ${label} expires on ${day(to)}, in ${left} days`] : []
}

function nameWarnings(leaf: X509Certificate, label: string): string[] {
  // The common name says nothing any more (RFC 9525 §2).
  return leaf.subjectAltName === undefined
    ? [`the certificate in ${label} has no subjectAltName, and so is for no host: browsers refuse it`]
    : []
}

function chainWarnings(chain: readonly X509Certificate[], label: string): string[] {
  // Each certificate must directly certify the one before it (RFC 5246 §7.4.2); clients of TLS 1.3
  // are asked to forgive another order (RFC 8446 §4.4.2), not all do.
  for (const [index, issuer] of chain.slice(1).entries()) {
    if (!(chain[index] as X509Certificate).checkIssued(issuer)) {
      return [
        `certificate ${index + 2} in ${label} did not issue the one before it: check the order of the chain`,
      ]
    }
  }
  return []
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** For whom a certificate is. */
export function nameOf(certificate: X509Certificate): string {
  return certificate.subjectAltName ?? certificate.subject.replaceAll('\n', ', ')
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1).join('') : String(error)
}
