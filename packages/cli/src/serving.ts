import type { CommandLog } from './log.ts'
import type { ServeOrder } from './serve-order.ts'

/** A server as the command sees it, on one thread or several. */
export interface Serving {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly port: number
  /** The plain port that redirects to it; null for none. */
  readonly redirectPort: number | null
  readonly threads: { count: number; strategy: string } | null
  readonly warnings: readonly string[]
  readonly log: CommandLog
  /** Takes what has changed on disk, while connections go on, and says so in the log. */
  reload(order: ServeOrder): Promise<void>
  /** Finishes what is in flight, then writes what is left of the log. `atOnce`: idle connections get no time to ask again. */
  close(options: { atOnce: boolean }): Promise<void>
}
