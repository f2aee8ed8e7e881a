import { availableParallelism } from 'node:os'
import type { ServeArguments } from './arguments.ts'
import { MAX_THREADS } from './option-values.ts'

/**
 * Bytes of memory that have to be there for each thread of `auto`: 64 MiB of files and 64 MiB of what was
 * compressed may be kept by each, and the rest is its own. A container with many cores and little memory would
 * be ended by its kernel otherwise.
 */
const MEMORY_PER_THREAD = 192 * 1024 * 1024

/**
 * How many threads serve. Where the command line does not say: one on a terminal, where somebody looks at a site
 * alone; one with `--use`, whose modules may keep something in memory that each thread would have a copy of; and
 * otherwise as many as there are usable cores, as `auto` says.
 */
export async function threadCount(
  { threads, use }: Pick<ServeArguments, 'threads' | 'use'>,
  isTerminal: boolean,
  freeMemory: number = process.availableMemory(),
): Promise<number> {
  const wanted = threads ?? (isTerminal || use.length > 0 ? 1 : 'auto')
  if (wanted !== 'auto') return wanted
  const affordable = Math.floor(freeMemory / MEMORY_PER_THREAD)
  // Asked first, since it costs nothing: the pool, which also knows of quotas, takes time to load.
  if (affordable <= 1 || availableParallelism() === 1) return 1
  const { usableParallelism } = await import('@tsws/pool/surroundings')
  return Math.min(usableParallelism(), affordable, MAX_THREADS)
}
