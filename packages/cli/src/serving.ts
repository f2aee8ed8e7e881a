import type { CommandLog } from './log.ts'

/** A server as the command sees it, on one thread or several. */
export interface Serving {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly threads: { count: number; strategy: string } | null
  readonly warnings: readonly string[]
  readonly log: CommandLog
  /** Finishes what is in flight, then writes what is left of the log. */
  close(): Promise<void>
}
