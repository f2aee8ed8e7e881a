import { createHash } from 'node:crypto'
import type { X509Certificate } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { authorityFolder } from './authority-folder.ts'
import { readPair, readPublic, readSecret, writeOwn } from './authority-files.ts'
import type { Pair } from './authority-files.ts'
import { CertificateError } from './certificate-error.ts'
import { DAY, LEAF_DAYS, RENEWED_WITH } from './lifetimes.ts'
import { certifiedNames } from './local-names.ts'

export interface LocalOptions {
  /** Where the authority is kept. @default `authorityFolder()` */
  folder?: string
}

/** A certificate authority of this user's own, whom nobody trusts but who was told to. */
export interface LocalAuthority {
  /** Path of its certificate in PEM: what browsers and programs are to trust. */
  readonly certificate: string
  /** It has been made just now, as the first or because the last one comes to its end. */
  readonly isNew: boolean
}

/** A certificate and its key as paths, for `createTlsListener`. */
export interface LocalCertificate {
  readonly cert: string
  readonly key: string
  readonly authority: LocalAuthority
}

/**
 * A certificate for HTTPS during development, by the local authority: that of an earlier call, or a new one where there is
 * none, it comes to its end, or the names are others. Several processes may ask at once.
 *
 * @param names beyond `localhost`, `*.localhost`, `127.0.0.1` and `::1`: addresses of private networks, and names below
 * `localhost`, `test`, `local`, `home.arpa`, `internal` and `lan`
 * @throws {TypeError} for any other name
 * @throws {CertificateError} `ERR_TLS_AUTHORITY` when the folder cannot be used
 */
export async function localCertificate(
  names: readonly string[] = [],
  options: LocalOptions = {},
): Promise<LocalCertificate> {
  const certified = certifiedNames(names)
  const authority = await openAuthority(options)
  const path = join(authority.folder, leafName(certified))
  const { certificate, isNew } = authority
  const answer = { cert: path, key: path, authority: { certificate, isNew } }
  if (await isGoodLeaf(path, certified, authority.pair)) return answer
  const { issueLeaf } = await import('./issue.ts')
  const { cert, key } = issueLeaf(certified, authority.pair, Date.now())
  // Both in one file, so that nobody ever finds one of them beside another's.
  await writeOwn(path, key + cert).catch(async (error: unknown) => {
    // Windows replaces no file that somebody reads; whoever reads it has made a good one.
    if (!(await isGoodLeaf(path, certified, authority.pair))) throw unusable(authority.folder, error)
  })
  await removeOldLeaves(authority.folder)
  return answer
}

/** The authority, made where there is none yet. @throws {CertificateError} as `localCertificate` */
export async function localAuthority(options: LocalOptions = {}): Promise<LocalAuthority> {
  const { certificate, isNew } = await openAuthority(options)
  return { certificate, isNew }
}

interface OpenAuthority extends LocalAuthority {
  readonly folder: string
  readonly pair: Pair
}

/**
 * Authorities are folders named by numbers, of which the highest counts: a new one never takes the place of one that somebody
 * uses. It is made elsewhere and renamed in one step, which fails for all but the first.
 */
async function openAuthority({ folder = authorityFolder() }: LocalOptions): Promise<OpenAuthority> {
  let number = await lastNumber(folder)
  if (number > 0) {
    const last = await readAuthority(join(folder, String(number)), false)
    if (millisecondsLeft(last.pair.certificate) > LEAF_DAYS * DAY) return last
  }
  number++
  const path = join(folder, String(number))
  const isNew = await makeAuthority(folder, path)
  return readAuthority(path, isNew)
}

async function lastNumber(folder: string): Promise<number> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw unusable(folder, error)
  })
  return Math.max(0, ...entries.filter((name) => /^[1-9]\d{0,5}$/.test(name)).map(Number))
}

async function readAuthority(folder: string, isNew: boolean): Promise<OpenAuthority> {
  const certificate = join(folder, 'ca.crt')
  const pair = readPair(
    await readSecret(join(folder, 'ca.key'), folder),
    await readPublic(certificate),
    folder,
  )
  return { folder, certificate, isNew, pair }
}

/** Whether it was this call that made it. */
async function makeAuthority(folder: string, path: string): Promise<boolean> {
  const { issueAuthority } = await import('./issue.ts')
  const { cert, key } = issueAuthority(Date.now())
  const draft = join(folder, `new-${process.pid}-${Date.now().toString(36)}`)
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 })
    await writeOwn(join(draft, 'ca.key'), key)
    await writeOwn(join(draft, 'ca.crt'), cert)
    await rename(draft, path)
    return true
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Somebody was faster: ENOTEMPTY or EEXIST here, EPERM on Windows.
    if (await isFolder(path)) return false
    throw unusable(folder, error)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function leafName(names: readonly string[]): string {
  return `leaf-${createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16)}.pem`
}

/** Whether a leaf is there, whole, by this authority, for these names, and for long enough. */
async function isGoodLeaf(path: string, names: readonly string[], authority: Pair): Promise<boolean> {
  try {
    const text = await readSecret(path, path)
    const { certificate } = readPair(text, text, path)
    return (
      certificate.checkIssued(authority.certificate) &&
      certificate.verify(authority.certificate.publicKey) &&
      millisecondsLeft(certificate) > RENEWED_WITH * DAY &&
      Date.parse(certificate.validFrom) <= Date.now() &&
      namesOf(certificate).join() === names.join()
    )
  } catch {
    return false // another is made in its place
  }
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName.split(', ').map((entry) => canonical(entry.slice(entry.indexOf(':') + 1)))
}

/** Node writes the addresses of a certificate in a form of its own: `0:0:0:0:0:0:0:1`, in upper case. */
function canonical(name: string): string {
  return name.includes(':') ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name
}

function millisecondsLeft(certificate: X509Certificate): number {
  return Date.parse(certificate.validTo) - Date.now()
}

/** Leaves that are kept: a machine that moves between networks has other addresses in each. */
const MAX_LEAVES = 50

async function removeOldLeaves(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('leaf-'))
  if (names.length <= MAX_LEAVES) return
  const leaves = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return {
        path,
        time: await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      }
    }),
  )
  const old = leaves.toSorted((one, other) => other.time - one.time).slice(MAX_LEAVES)
  await Promise.all(old.map(({ path }) => unlink(path).catch(() => {})))
}

function unusable(folder: string, cause: unknown): CertificateError {
  if (cause instanceof CertificateError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  return new CertificateError(
    'ERR_TLS_AUTHORITY',
    `the local authority cannot be kept in ${folder}: ${code ?? message}`,
    cause,
  )
}
