import { Socket } from 'node:net'
import { MessageChannel } from 'node:worker_threads'

/**
 * How connections reach the threads:
 * - `transfer`: this thread accepts and moves each socket to the least busy thread (Node ≥ 26.6)
 * - `reusePort`: each thread listens for itself, the kernel spreads the connections (Node ≥ 22.12; Linux, BSD)
 * - `cluster`: this process accepts and hands each socket to the least busy process of `node:cluster`
 */
export type Strategy = 'transfer' | 'reusePort' | 'cluster'

/** What the choice depends on; given in tests, found out otherwise. */
export interface Surroundings {
  readonly node: string
  readonly platform: NodeJS.Platform
  readonly transfers: boolean
  /** All listeners are TCP ports: a Unix socket can be neither moved to a thread nor shared by threads. */
  readonly onlyTcp: boolean
  /** One of them listens already, in this thread. */
  readonly listens?: boolean
}

/**
 * The strategy on this machine and this Node, for TCP ports.
 * @throws TypeError as `chooseStrategy`
 */
export function strategyHere(
  wanted: Strategy | 'auto' = 'auto',
  listeners: { onlyTcp: boolean; listens?: boolean } = { onlyTcp: true },
): Strategy {
  const { versions, platform } = process
  return chooseStrategy(wanted, {
    node: versions.node,
    platform,
    transfers: transfersSockets(),
    ...listeners,
  })
}

/**
 * @param wanted a strategy to use whatever else could be used, or `'auto'`
 * @throws TypeError when the wanted one cannot work here, saying why
 */
export function chooseStrategy(wanted: Strategy | 'auto', here: Surroundings): Strategy {
  if (wanted === 'auto') return ORDER.find((strategy) => obstacle(strategy, here) === undefined)!
  if (!ORDER.includes(wanted)) {
    throw new TypeError(
      `ServerPool: option 'strategy' must be 'auto', ${ORDER.map((s) => `'${s}'`).join(', ')}, got '${String(wanted)}'`,
    )
  }
  const reason = obstacle(wanted, here)
  if (reason) throw new TypeError(`ServerPool: strategy '${wanted}' cannot be used here: ${reason}`)
  return wanted
}

/** Best first: see the figures in the README. */
const ORDER: readonly Strategy[] = ['transfer', 'reusePort', 'cluster']

function obstacle(strategy: Strategy, here: Surroundings): string | undefined {
  if (strategy === 'cluster') return undefined
  if (!here.onlyTcp) return 'a Unix socket or pipe is served by processes only'
  if (strategy === 'transfer') {
    return here.transfers
      ? undefined
      : `moving a socket to a thread needs Node 26.6 or later, this is ${here.node}`
  }
  if (here.listens) return 'the server listens in this thread already'
  if (!atLeast(here.node, 22, 12) || here.node.startsWith('23.0.')) {
    return `'reusePort' needs Node 22.12 or later, this is ${here.node}`
  }
  return REUSE_PORT_PLATFORMS.has(here.platform)
    ? undefined
    : `${here.platform} does not spread connections over SO_REUSEPORT`
}

/** Where libuv lets several sockets share a port and the kernel spreads connections over them. */
const REUSE_PORT_PLATFORMS: ReadonlySet<NodeJS.Platform> = new Set(['linux', 'freebsd', 'sunos', 'aix'])

/** Asks Node itself, since the feature may come to older lines: a socket without handle fails with a telling code. */
export function transfersSockets(): boolean {
  const { port1 } = new MessageChannel()
  const socket = new Socket()
  try {
    port1.postMessage(socket, [socket as unknown as ArrayBuffer])
    return false
  } catch (error) {
    return (error as { code?: unknown }).code === 'ERR_WORKER_HANDLE_NOT_TRANSFERABLE'
  } finally {
    port1.close()
    socket.destroy()
  }
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
