import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { aMoment } from './start.ts'

/** Measurements in a row that must agree. */
const SETTLED = 4

/** How a server process is, its garbage collected. */
export interface Health {
  heapUsed: number
  rss: number
  external: number
  files: number
  connections: number
}

export interface SoakServer extends AsyncDisposable {
  port: number
  /** When all its clients have gone. */
  measure(): Promise<Health>
  /** Now. */
  look(): Promise<Health>
}

/** Starts `soak-server.ts` as a process of its own. */
export async function startSoakServer(): Promise<SoakServer> {
  const child: ChildProcess = fork(fileURLToPath(new URL('soak-server.ts', import.meta.url)), {
    execArgv: ['--conditions=@tsws/source', '--expose-gc'],
    stdio: 'inherit',
  })
  const [address] = (await once(child, 'message')) as [{ port: number }]
  const look = async (): Promise<Health> => {
    child.send('measure')
    const [health] = (await once(child, 'message')) as [Health]
    return health
  }
  return {
    port: address.port,
    look,
    // A file of a client that left is closed a moment after its connection: measured is what has settled.
    async measure() {
      let last: Health | null = null
      for (let alike = 0; ; await aMoment(50)) {
        const health = await look()
        alike = health.connections === 0 && health.files === last?.files ? alike + 1 : 0
        if (alike === SETTLED) return health
        last = health
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
