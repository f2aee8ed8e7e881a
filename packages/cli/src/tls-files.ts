import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

export interface KeyPair {
  /** PEM */
  cert: Buffer
  /** PEM */
  key: Buffer
}

/**
 * Reads the files of `--tls-cert` and `--tls-key`.
 * @throws {UsageError} when one cannot be read, is not what it should be, or they do not belong together
 */
export async function readKeyPair(files: { cert: string; key: string }, folder: string): Promise<KeyPair> {
  const cert = await read('--tls-cert', files.cert, folder)
  const key = await read('--tls-key', files.key, folder)
  const certificate = attempt(
    () => new X509Certificate(cert),
    `--tls-cert ${files.cert} holds no certificate in PEM form`,
  )
  const privateKey = attempt(
    () => createPrivateKey(key),
    `--tls-key ${files.key} holds no private key in PEM form`,
  )
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new UsageError(`--tls-key ${files.key} is not the key of --tls-cert ${files.cert}`)
  }
  return { cert, key }
}

async function read(flag: string, file: string, folder: string): Promise<Buffer> {
  const path = resolve(folder, file)
  try {
    return await readFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read: ${code}`
    throw new UsageError(`${flag} ${file}: ${why} (${path})`)
  }
}

function attempt<T>(read: () => T, otherwise: string): T {
  try {
    return read()
  } catch (cause) {
    throw new UsageError(`${otherwise}: ${(cause as Error).message}`, { cause })
  }
}
