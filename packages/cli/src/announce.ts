import { styleText } from 'node:util'
import type { ReachableUrls } from './addresses.ts'

export interface Announcement {
  urls: ReachableUrls
  /** The folder that is served, absolute. */
  root: string
  port: number
  /** The plain port that redirects to it; null for none. */
  redirectPort: number | null
  version: string
  /** Threads that serve, and how connections reach them; null with one thread. */
  threads: { count: number; strategy: string } | null
  /** Path of the certificate of the local authority that the server's own is by; null for any other. */
  authority: string | null
}

/**
 * For programs: the first line of standard output, one JSON object. What starts tsws waits for
 * this line and reads the port from it.
 */
export function readyLine({
  urls,
  root,
  port,
  redirectPort,
  version,
  threads,
  authority,
}: Announcement): string {
  const ready = {
    event: 'ready',
    url: urls.local,
    network: urls.network,
    port,
    ...(redirectPort === null ? {} : { redirectPort }),
    root,
    pid: process.pid,
    version,
    threads: threads?.count ?? 1,
    ...(threads === null ? {} : { strategy: threads.strategy }),
    ...(authority === null ? {} : { authority }),
  }
  return `${JSON.stringify(ready)}\n`
}

/** For people: where to click, what is served, how to stop. */
export function banner({ urls, root, redirectPort, version, threads, authority }: Announcement): string {
  const network = urls.network.map((url) => row('Network', styleText('cyan', url))).join('')
  const onThreads = threads === null ? '' : row('Threads', `${threads.count} (${threads.strategy})`)
  const onRedirect = redirectPort === null ? '' : row('Redirect', `port ${redirectPort}, from plain HTTP`)
  const onTrust = authority === null ? '' : row('Trust', '"tsws --tls-trust" says how browsers learn to')
  return `
  ${styleText(['bold', 'green'], 'tsws')} ${styleText('dim', version)}

${row('Local', styleText('cyan', urls.local))}${network}${row('Serving', root)}${onThreads}${onRedirect}${onTrust}
  ${styleText('dim', 'Ctrl+C stops it')}

`
}

function row(name: string, value: string): string {
  return `  ${styleText('dim', name.padEnd(9))}${value}\n`
}
