import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/asn1-x509'
import { AUTHORITY_DAYS, BACKDATED, DAY, LEAF_DAYS } from './lifetimes.ts'
import { PERMITTED_ADDRESSES, PERMITTED_DOMAINS } from './local-names.ts'

// The only file that loads the X.509 library, which takes longer than the rest of a start: it is imported where a certificate
// has to be made.

export interface Issued {
  /** PEM */
  readonly cert: string
  /** PEM, PKCS #8 */
  readonly key: string
}

export interface Issuer {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

/** A new authority, which can only certify what is near: see `local-names.ts`. */
export function issueAuthority(now: number): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const id = keyIdentifier(publicKey)
  const name = distinguishedName(`tsws local authority ${Buffer.from(id).toString('hex', 0, 4)}`)
  const der = signed(privateKey, {
    issuer: name,
    subject: name,
    publicKey,
    validity: validFor(now, AUTHORITY_DAYS),
    extensions: [
      critical(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: true, pathLenConstraint: 0 })),
      critical(x509.id_ce_keyUsage, new x509.KeyUsage(x509.KeyUsageFlags.keyCertSign)),
      extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
      // RFC 5280 §4.2.1.10: who steals the key can be a server of this network, but not a bank.
      critical(x509.id_ce_nameConstraints, nameConstraints()),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(id)),
    ],
  })
  return pem(der, privateKey)
}

/** A certificate of a server for these names and addresses. */
export function issueLeaf(names: readonly string[], issuer: Issuer, now: number): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const { subject } = AsnConvert.parse(issuer.certificate.raw, x509.Certificate).tbsCertificate
  const issuerId = new x509.KeyIdentifier(keyIdentifier(issuer.certificate.publicKey))
  const der = signed(issuer.key, {
    issuer: subject,
    subject: distinguishedName('tsws local certificate'),
    publicKey,
    validity: validFor(now, LEAF_DAYS),
    extensions: [
      critical(x509.id_ce_basicConstraints, new x509.BasicConstraints()),
      critical(x509.id_ce_keyUsage, new x509.KeyUsage(x509.KeyUsageFlags.digitalSignature)),
      extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
      extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName(names.map(generalName))),
      extension(
        x509.id_ce_authorityKeyIdentifier,
        new x509.AuthorityKeyIdentifier({ keyIdentifier: issuerId }),
      ),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdentifier(publicKey))),
    ],
  })
  return pem(der, privateKey)
}

interface Contents {
  readonly issuer: x509.Name
  readonly subject: x509.Name
  readonly publicKey: KeyObject
  readonly validity: x509.Validity
  readonly extensions: x509.Extension[]
}

function signed(key: KeyObject, { issuer, subject, publicKey, validity, extensions }: Contents): Uint8Array {
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 })
  const toBeSigned = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer,
    subject,
    validity,
    subjectPublicKeyInfo: AsnConvert.parse(spki(publicKey), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions(extensions),
  })
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(toBeSigned)), key)
  const certificate = new x509.Certificate({
    tbsCertificate: toBeSigned,
    signatureAlgorithm: algorithm,
    signatureValue: arrayBuffer(signature),
  })
  return new Uint8Array(AsnConvert.serialize(certificate))
}

/** RFC 5758 §3.2 */
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'

/** Positive, unique, and 20 bytes at most (RFC 5280 §4.1.2.2); 64 random bits at least (CA/Browser Forum BR §7.1). */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40
  return arrayBuffer(bytes)
}

function validFor(now: number, days: number): x509.Validity {
  const from = now - BACKDATED * DAY
  return new x509.Validity({ notBefore: new Date(from), notAfter: new Date(from + days * DAY) })
}

function distinguishedName(text: string): x509.Name {
  const value = new x509.AttributeValue({ utf8String: text })
  const attribute = new x509.AttributeTypeAndValue({ type: COMMON_NAME, value })
  return new x509.Name([new x509.RelativeDistinguishedName([attribute])])
}

const COMMON_NAME = '2.5.4.3'

function nameConstraints(): x509.NameConstraints {
  const names = [...PERMITTED_DOMAINS, ...PERMITTED_ADDRESSES].map(generalName)
  const subtrees = names.map((base) => new x509.GeneralSubtree({ base }))
  return new x509.NameConstraints({ permittedSubtrees: new x509.GeneralSubtrees(subtrees) })
}

function generalName(name: string): x509.GeneralName {
  const isAddress = isIP(name.replace(/\/\d+$/, '')) !== 0
  return new x509.GeneralName(isAddress ? { iPAddress: name } : { dNSName: name })
}

/** RFC 5280 §4.2.1.2, method 1 by the shortened SHA-256 of RFC 7093 §2. */
function keyIdentifier(key: KeyObject): ArrayBuffer {
  const { subjectPublicKey } = AsnConvert.parse(spki(key), x509.SubjectPublicKeyInfo)
  return arrayBuffer(createHash('sha256').update(Buffer.from(subjectPublicKey)).digest().subarray(0, 20))
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function critical(id: string, value: unknown): x509.Extension {
  return extension(id, value, true)
}

function extension(extnID: string, value: unknown, isCritical = false): x509.Extension {
  const extnValue = new OctetString(AsnConvert.serialize(value))
  return new x509.Extension({ extnID, extnValue, critical: isCritical })
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}

function pem(der: Uint8Array, key: KeyObject): Issued {
  return {
    cert: new X509Certificate(der).toString(),
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
