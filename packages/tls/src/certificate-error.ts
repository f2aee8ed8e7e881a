export type CertificateErrorCode =
  | 'ERR_TLS_FILE_NOT_FOUND'
  | 'ERR_TLS_FILE_UNREADABLE'
  | 'ERR_TLS_CERT_INVALID'
  | 'ERR_TLS_CERT_WEAK'
  | 'ERR_TLS_KEY_INVALID'
  | 'ERR_TLS_KEY_MISMATCH'
  | 'ERR_TLS_PASSPHRASE_MISSING'
  | 'ERR_TLS_PASSPHRASE_WRONG'
  | 'ERR_TLS_REFUSED'
  | 'ERR_TLS_AUTHORITY'

/** Why a certificate cannot be used: one line that says what was wrong, where, and what was expected. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
