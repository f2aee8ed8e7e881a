import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { lanAddresses } from './addresses.ts'
import type { ServeArguments } from './arguments.ts'
import { isServed } from './cache-folder.ts'
import { UsageError } from './usage-error.ts'

/** What HTTPS is served with; paths are absolute. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Of a local certificate, the certificate of the authority to trust; null for files of one's own. */
  readonly authority: string | null
  /** That authority has been made just now: nobody trusts it yet. */
  readonly isNewAuthority: boolean
}

/**
 * The files that the command line names, or those of a local certificate, which are made where they are not there.
 * @throws {UsageError}
 */
export async function tlsFiles(args: ServeArguments, root: string, folder: string): Promise<TlsFiles | null> {
  const { tls, host } = args
  if (tls === null) return null
  if (!('names' in tls)) {
    const [cert, key] = [resolve(folder, tls.cert), resolve(folder, tls.key)]
    return { cert, key, authority: null, isNewAuthority: false }
  }
  // Loaded only here: what makes certificates would lengthen every start.
  const local = await import('@tsws/tls/local')
  const names = [...tls.names, ...namesOf(host, local.isPermitted)]
  const { cert, key, authority } = await local.localCertificate(names).catch((error: unknown) => {
    if (!(error instanceof TypeError || error instanceof local.CertificateError)) throw error
    throw new UsageError(`--tls: ${error.message}. A certificate of your own: --tls-cert and --tls-key`, {
      cause: error,
    })
  })
  const kept = dirname(cert)
  if (isServed(await realpath(kept), await realpath(root), args.more.static?.dotfiles === 'serve'))
    throw new UsageError(
      `--tls: the key of the local authority, in ${kept}, would be served with ${root}; serve another folder`,
    )
  return { cert, key, authority: authority.certificate, isNewAuthority: authority.isNew }
}

/** How browsers and programs learn to trust the local authority, which is made if there is none. @throws {UsageError} */
export async function explainTrust(): Promise<string> {
  const { localAuthority, trustHelp } = await import('@tsws/tls/local')
  const { certificate } = await localAuthority().catch((error: unknown) => {
    throw new UsageError(`--tls-trust: ${(error as Error).message}`, { cause: error })
  })
  return trustHelp(certificate)
}

/**
 * What a server that listens there is called. An address or a name that was asked for must be one that can be certified; of a
 * machine's own, those are taken that can.
 */
function namesOf(host: string, isPermitted: (name: string) => boolean): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host]
  const [machine = ''] = hostname().toLowerCase().split('.')
  return [...lanAddresses(), `${machine}.local`].filter((name) => isPermitted(name) && !/[^\w.:-]/.test(name))
}
