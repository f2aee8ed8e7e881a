import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { CertificateError } from './certificate-error.ts'

/** A certificate and its key. */
export interface Pair {
  readonly certificate: X509Certificate
  readonly key: KeyObject
}

/** Writes a file that only this user may read, all of it or nothing. */
export async function writeOwn(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    await rename(draft, path)
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw error
  }
}

/** Bits of a file's mode by which others than its owner may use it. */
const OTHERS = 0o077

/**
 * A file with a key in it.
 * @param folder what is to be deleted if others have it
 * @throws {CertificateError} when it is not there, or others may read it
 */
export async function readSecret(path: string, folder: string): Promise<string> {
  const text = await readPublic(path)
  // Windows has no such bits: there, the folders of a user are nobody else's.
  if (process.platform === 'win32') return text
  const { mode } = await stat(path)
  if ((mode & OTHERS) === 0) return text
  const octal = (mode & 0o777).toString(8)
  throw refusal(
    `others may use ${path} (mode ${octal}): delete ${folder} if they should not have, or chmod 600 the file`,
  )
}

/** @throws {CertificateError} when it cannot be read */
export async function readPublic(path: string): Promise<string> {
  return readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    throw refusal(`${path} cannot be read: ${error.code}`, error)
  })
}

/** @throws {CertificateError} for what is damaged, or does not belong together */
export function readPair(key: string, certificate: string, folder: string): Pair {
  try {
    const pair = { key: createPrivateKey(key), certificate: new X509Certificate(certificate) }
    if (pair.certificate.checkPrivateKey(pair.key)) return pair
    throw new Error('its key belongs to another certificate')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw refusal(
      `the local authority in ${folder} is damaged (${why}): delete that folder, and trust the new one`,
      error,
    )
  }
}

function refusal(message: string, cause?: unknown): CertificateError {
  return new CertificateError('ERR_TLS_AUTHORITY', message, cause)
}
