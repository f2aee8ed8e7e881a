import { StartError } from './usage-error.ts'

/** What a system error of `listen` means to the person who chose host and port. */
export function explainListenError(error: unknown, host: string, port: number): unknown {
  const message = messageOf((error as NodeJS.ErrnoException | null)?.code, host, port)
  return message === null ? error : new StartError(message)
}

function messageOf(code: string | undefined, host: string, port: number): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken. Choose another with --port, or --port 0 for any free one.`
    case 'EACCES':
      return `port ${port} on ${host} may not be used without more rights. Choose one above 1023 with --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `--host ${host} is no address of this machine.`
    default:
      return null
  }
}
