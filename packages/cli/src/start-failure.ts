import type { ServeArguments } from './arguments.ts'
import { StartError, UsageError } from './usage-error.ts'

/** What a failure of `startServer` means to the person at the command line; code at fault is passed on as it is. */
export function explainStartFailure(error: unknown, args: ServeArguments): unknown {
  const { host } = args
  if (!(error instanceof Error)) return error
  if (error.name === 'PoolError' && error.cause !== undefined) return explainStartFailure(error.cause, args)
  // What a thread threw comes back by name: it was made in another world.
  if (error.name === 'UsageError') return new UsageError(error.message)
  if (error.name === 'StartError') return new StartError(error.message, { cause: error.cause })
  if (error.name === 'CertificateError') {
    if (error.message.includes('clientCertificates.ca')) {
      const why = error.message.replace('clientCertificates.ca', 'it')
      return new UsageError(`--tls-client-ca cannot be used: ${why}`, { cause: error })
    }
    if (args.tls !== null && 'names' in args.tls)
      return new UsageError(`--tls: ${error.message}`, { cause: error })
    return new UsageError(`--tls-cert and --tls-key cannot be used: ${error.message}`, { cause: error })
  }
  const wrongReaders = /^metrics: from: (.*)$/s.exec(error.message)
  if (error.name === 'TypeError' && wrongReaders !== null)
    return new UsageError(`--metrics-from: ${wrongReaders[1]}`)
  // May come from the command line too.
  if (error.name === 'TypeError' && /^(?:cors|basicAuth): /.test(error.message))
    return new UsageError(error.message)
  const setting = args.config === null ? null : SETTING_REFUSED.exec(error.message)
  if (error.name === 'TypeError' && setting !== null) {
    const [, table, reason] = setting
    return new UsageError(`${args.config}: ${table === undefined ? '' : `${table}: `}${reason}`)
  }
  if (
    error instanceof TypeError &&
    error.message.includes(`strategy '${args.threadStrategy}' cannot be used`)
  ) {
    return new UsageError(`--thread-strategy: ${error.message.replace(/^ServerPool: /, '')}`)
  }
  const { code, port = args.port } = error as NodeJS.ErrnoException & { port?: number }
  const message = listenMessage(code, host, port, port === args.redirect?.port ? '--redirect-port' : '--port')
  return message === null ? error : new StartError(message)
}

/** How packages refuse an option; its name is that of the key in the file, but for those in a table of their own. */
const SETTING_REFUSED =
  /^(?:serveStatic|startServer|compress|hostGuard|clientAddress|(securityHeaders|rateLimit)): (.*)$/s

function listenMessage(code: string | undefined, host: string, port: number, flag: string): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken. Choose another with ${flag}, or ${flag} 0 for any free one.`
    case 'EACCES':
      // Windows keeps whole ranges for itself (`netsh interface ipv4 show excludedportrange tcp`), high ones too.
      return port > 1023
        ? `port ${port} on ${host} is kept by the system. Choose another with ${flag}, or ${flag} 0 for any free one.`
        : `port ${port} on ${host} may not be used without more rights. Choose one above 1023 with ${flag}.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `--host ${host} is no address of this machine.`
    default:
      return null
  }
}
