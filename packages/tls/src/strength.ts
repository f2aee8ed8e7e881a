import type { X509Certificate } from 'node:crypto'
import { CertificateError } from './certificate-error.ts'

// OpenSSL refuses some of this too, but by its version and build, and in words that teach nobody.

/** Bits of an RSA key below which browsers refuse it (CA/Browser Forum BR §6.1.5). */
const MIN_RSA_BITS = 2048

/** @throws {CertificateError} `ERR_TLS_CERT_WEAK` for a chain that no client of today takes */
export function refuseWeak(chain: readonly X509Certificate[], label: string): void {
  for (const [index, certificate] of chain.entries()) {
    const weakness = keyWeakness(certificate) ?? signatureWeakness(certificate)
    if (weakness === null) continue
    const which = index === 0 ? 'the certificate' : `certificate ${index + 1}`
    throw new CertificateError('ERR_TLS_CERT_WEAK', `${which} in ${label} ${weakness}`)
  }
}

function keyWeakness({ publicKey }: X509Certificate): string | null {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey
  if (type === 'dsa') return 'has a DSA key, which no browser takes: make one of ECDSA P-256, or RSA 2048'
  const bits = details?.modulusLength
  if (bits === undefined || bits >= MIN_RSA_BITS) return null
  return `has an RSA key of ${bits} bits, which is too weak: make one of ${MIN_RSA_BITS}, or ECDSA P-256`
}

/** RFC 9155 §2, §3: neither MD5 nor SHA-1. What signs itself is trusted for itself. */
function signatureWeakness(certificate: X509Certificate): string | null {
  if (certificate.issuer === certificate.subject) return null
  // The algorithm stands right behind the serial number of 20 bytes at most (RFC 5280 §4.1).
  const head = certificate.raw.subarray(0, 64)
  const found = WEAK_SIGNATURES.find(([, id]) => head.includes(id))
  return found === undefined ? null : `is signed with ${found[0]}, which clients refuse: have it issued again`
}

/** Object identifiers in DER. */
const WEAK_SIGNATURES: readonly (readonly [name: string, id: Buffer])[] = [
  ['MD5', Buffer.from('06092a864886f70d010104', 'hex')], // md5WithRSAEncryption
  ['SHA-1', Buffer.from('06092a864886f70d010105', 'hex')], // sha1WithRSAEncryption
  ['SHA-1', Buffer.from('06072a8648ce3d0401', 'hex')], // ecdsa-with-SHA1
]

/** What browsers can verify besides RSA: the curves of RFC 8446 §9.1 and CNSA, and no others. */
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1'])

export function unusualKeyWarnings({ publicKey }: X509Certificate, label: string): string[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey
  if (type === 'rsa') return []
  const kind = type === 'ec' ? (details?.namedCurve ?? 'ec') : String(type)
  return CURVES.has(kind)
    ? []
    : [`the certificate in ${label} has a key of ${kind}: browsers know P-256, P-384 and RSA`]
}
