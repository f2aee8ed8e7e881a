import { LogDestination } from '@tsws/observe'
import { openLog } from './log.ts'
import type { CommandLog } from './log.ts'
import type { ServeOrder } from './serve-order.ts'

export interface LogOfThreads {
  /** Of the main thread. */
  readonly log: CommandLog
  /** Takes whole lines of a thread. */
  write(lines: string): void
  /** Writes what is left. */
  close(): Promise<void>
}

/** One destination for all threads: whoever writes, a line stays whole. */
export async function openLogOfThreads({ log: format, colour }: ServeOrder): Promise<LogOfThreads> {
  const output = new LogDestination(1)
  const write = (lines: string): void => output.write(lines)
  const log = await openLog(format, { destination: { write }, colour })
  return {
    log,
    write,
    async close() {
      await log.close()
      await output.close()
    },
  }
}
