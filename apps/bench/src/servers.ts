import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fixtures } from './fixtures.ts'
import type { App, Peer, TswsBuild } from './peers.ts'
import { freePort, startPinned } from './processes.ts'
import type { PinnedProcess } from './processes.ts'
import type { Settings } from './settings.ts'

/** The slowest peer is up in half a second; on a busy machine it may take ten times as long. */
const START_TIMEOUT_MS = 15_000

export interface ServerNeeds {
  readonly app: App
  readonly tls?: boolean
  readonly http2?: boolean
  readonly close?: boolean
  readonly workers?: number
}

export interface RunningServer extends PinnedProcess {
  readonly port: number
}

/** Everything a measurement needs besides the scenario itself. */
export interface Bench {
  readonly settings: Settings
  readonly fixtures: Fixtures
  readonly tsws: TswsBuild
}

/** Starts a peer, and gives it to `use` once it accepts connections. It is ended whatever happens. */
export async function withServer<T>(
  bench: Bench,
  peer: Peer,
  needs: ServerNeeds,
  use: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const server = await launch(bench, peer, needs)
  try {
    await accepting(server)
    return await use(server)
  } catch (error) {
    const output = server.output().trim()
    const notes = [
      ...(server.ended() ? ['the server had ended'] : []),
      ...(output === '' ? [] : [`the server printed: ${output.slice(0, 1500)}`]),
    ]
    throw new Error([(error as Error).message, ...notes].join('\n  '), { cause: error })
  } finally {
    await server.stop()
  }
}

/** Starts a peer without waiting for anything. Who calls this ends it. */
export async function launch(bench: Bench, peer: Peer, needs: ServerNeeds): Promise<RunningServer> {
  const { fixtures, settings, tsws } = bench
  const port = await freePort()
  const command = peer.command({
    app: needs.app,
    port,
    root: fixtures.root,
    scratch: fixtures.scratch,
    ...(needs.tls && fixtures.tls),
    http2: needs.http2 ?? false,
    close: needs.close ?? false,
    workers: needs.workers ?? 1,
    tsws,
  })
  const process = startPinned(command.file, command.args, {
    cpu: (needs.workers ?? 1) > 1 ? `0-${needs.workers! - 1}` : settings.serverCpu,
    env: command.env,
  })
  return { ...process, port }
}

async function accepting(server: RunningServer): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT_MS; !(await accepts(server.port)); await sleep(5)) {
    if (server.ended()) throw new Error('the server ended before it accepted a connection')
    if (Date.now() > end) throw new Error(`the server accepted no connection within ${START_TIMEOUT_MS} ms`)
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
