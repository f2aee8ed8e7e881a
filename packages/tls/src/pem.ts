import { readFileSync, statSync } from 'node:fs'
import { CertificateError } from './certificate-error.ts'

export interface Pem {
  readonly text: string
  /** How messages call it: `cert (/etc/tls/a.pem)`. */
  readonly label: string
}

/** Bytes. A chain of certificates is some kilobytes; what is larger was not meant. */
const MAX_SIZE = 1024 * 1024

/**
 * The text of a PEM file, or of PEM that was given itself.
 * @throws {CertificateError} when the file cannot be read, or is not text
 */
export function readPem(source: string | Uint8Array, option: 'cert' | 'key', name: string = option): Pem {
  if (typeof source === 'string') {
    if (source.includes('-----BEGIN ')) return { text: source, label: `the ${name}` }
    const label = `${name} (${source})`
    return { text: decode(readFile(source, label), label, option), label }
  }
  if (source instanceof Uint8Array) {
    const label = `the ${name}`
    return { text: decode(source, label, option), label }
  }
  throw new TypeError(
    `createTlsListener: ${name} must be a path or PEM, got ${source === null ? 'null' : typeof source}`,
  )
}

function readFile(path: string, label: string): Uint8Array {
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) throw unreadable(`${label} is a folder, not a file`)
    if (stat.size > MAX_SIZE)
      throw unreadable(`${label} has ${stat.size} bytes; PEM files have ${MAX_SIZE} at most`)
    return readFileSync(path)
  } catch (cause) {
    if (cause instanceof CertificateError) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new CertificateError('ERR_TLS_FILE_NOT_FOUND', `${label}: there is no such file`, cause)
    }
    if (code === 'EACCES' || code === 'EPERM') {
      throw unreadable(`${label}: this user may not read the file`, cause)
    }
    throw unreadable(`${label}: the file cannot be read: ${message}`, cause)
  }
}

function unreadable(message: string, cause?: unknown): CertificateError {
  return new CertificateError('ERR_TLS_FILE_UNREADABLE', message, cause)
}

const KINDS = {
  cert: { code: 'ERR_TLS_CERT_INVALID', title: 'CERTIFICATE', convert: 'openssl x509 -inform der' },
  key: { code: 'ERR_TLS_KEY_INVALID', title: 'PRIVATE KEY', convert: 'openssl pkey -inform der' },
} as const

function decode(bytes: Uint8Array, label: string, option: 'cert' | 'key'): string {
  // PEM is ASCII (RFC 7468 §2); whatever stands around it is no business of ours.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (text.includes('-----BEGIN ')) return text
  const { code, title, convert } = KINDS[option]
  // A SEQUENCE of more than 255 bytes: how certificates and PKCS #8 keys begin in DER (X.690 §8.1.3).
  const hint = text.startsWith('0\x82')
    ? `it looks like DER, which "${convert}" converts`
    : `it has no line "-----BEGIN ${title}-----"`
  throw new CertificateError(code, `${label} is not PEM: ${hint}`)
}
