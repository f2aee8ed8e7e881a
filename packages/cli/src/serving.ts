import type { LogFormat, ServeArguments } from './arguments.ts'
import type { CommandLog } from './log.ts'

/** What to serve, with everything decided that the command line left open. */
export interface ServeOrder {
  readonly args: ServeArguments
  /** The folder that is served, absolute. */
  readonly root: string
  /** Where paths of the command line begin. */
  readonly folder: string
  readonly log: LogFormat
  /** Whether lines for people may be coloured. */
  readonly colour: boolean
  readonly threads: number
  /** Milliseconds that answers in flight have at the end. */
  readonly grace: number
}

/** A server as the command sees it, on one thread or several. */
export interface Serving {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly threads: { count: number; strategy: string } | null
  readonly warnings: readonly string[]
  readonly log: CommandLog
  /** Takes what has changed on disk, while connections go on, and says so in the log. */
  reload(): Promise<void>
  /** Finishes what is in flight, then writes what is left of the log. */
  close(): Promise<void>
}
