import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The checkout that this harness stands in. */
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')

/** Where `pnpm bench:setup` installs the peers: no workspace member. */
export const PEERS = fileURLToPath(new URL('../peers', import.meta.url))

export const SERVERS = fileURLToPath(new URL('../servers', import.meta.url))

/** Load generators of our own, each run as a process. */
export const LOADS = fileURLToPath(new URL('../load', import.meta.url))

export const RESULTS = `${REPOSITORY}/bench/results`

export interface Settings {
  readonly rounds: number
  /** Load that is thrown away before each timing, milliseconds. */
  readonly warmUpMs: number
  /** One timing, milliseconds. wrk counts whole seconds. */
  readonly durationMs: number
  /** Core of the servers, and of the load generators, as taskset lists them. */
  readonly serverCpu: string
  readonly loadCpu: string
  /** Run tsws from its TypeScript sources instead of from dist. */
  readonly source: boolean
}

/** Five rounds: the least of which the median shrugs off two bad ones. */
export const FULL = { rounds: 5, warmUpMs: 1000, durationMs: 3000 }

/** For tuning at the desk: enough to see 5 %. */
export const QUICK = { rounds: 3, warmUpMs: 1000, durationMs: 2000 }

/** Two programs that hardly differ: more rounds, and short ones. */
export const COMPARE = { rounds: 12, warmUpMs: 1000, durationMs: 2000 }

/** The server has core 0 to itself and the generator core 1; on one core they have to share, and say so. */
export const CPUS = { serverCpu: '0', loadCpu: availableParallelism() > 1 ? '1' : '0' }
