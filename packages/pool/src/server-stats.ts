import type { Seat, SeatEndReason } from './seat.ts'
import type { MemberStats } from './server-protocol.ts'
import type { Strategy } from './server-strategy.ts'

/** One thread's part of `ServerPool.stats()`. */
export interface ServerThreadStats extends Partial<MemberStats> {
  readonly id: number
  readonly state: 'starting' | 'serving' | 'draining'
  /** Open now, and so far. */
  readonly connections: number
  readonly accepted: number
}

export interface ServerPoolStats {
  readonly strategy: Strategy
  readonly threads: readonly ServerThreadStats[]
  /** Open on all threads. */
  readonly connections: number
  /** Accepted so far, by threads that have ended too. */
  readonly accepted: number
  /** Bytes of JavaScript heap in use on all threads that answered. */
  readonly heap: number
  /** Accepted and waiting for a thread; refused because too many waited. */
  readonly held: number
  readonly refused: number
  /** Threads that died or hung. */
  readonly crashed: number
}

export interface ServerPoolEvents {
  /** A thread serves. */
  threadReady: [{ id: number }]
  /**
   * A thread has ended. `'crashed'` and `'hung'` threads are replaced after `pause` ms; `connections` were lost with it
   * (after `'drained'`: had to be cut).
   */
  threadExit: [{ id: number; reason: SeatEndReason; connections: number; error?: Error; pause?: number }]
  /** What a thread has sent. */
  message: [{ id: number; value: unknown }]
}

/** Longest wait (ms) for a thread's figures: whoever asks has a deadline too. */
const STATS_TIMEOUT = 1000

/** Asks every thread for its figures; those that end meanwhile are left out. */
export async function askSeats(seats: Iterable<Seat>): Promise<ServerThreadStats[]> {
  const asked = await Promise.all(
    Array.from(seats, async (seat) => ({
      seat,
      own: seat.state === 'starting' ? undefined : await seat.ask(STATS_TIMEOUT),
    })),
  )
  return asked.flatMap(({ seat: { id, state, member }, own }) => {
    if (state === 'ended') return []
    const { connections, accepted } = member
    return [{ id, state, connections, accepted, ...own }]
  })
}

type OfPool = Pick<ServerPoolStats, 'strategy' | 'held' | 'refused' | 'crashed'>

/** @param acceptedBefore by threads that have ended */
export function summary(
  threads: readonly ServerThreadStats[],
  { acceptedBefore, ...ofPool }: OfPool & { acceptedBefore: number },
): ServerPoolStats {
  return {
    ...ofPool,
    threads,
    connections: threads.reduce((sum, { connections }) => sum + connections, 0),
    accepted: threads.reduce((sum, { accepted }) => sum + accepted, acceptedBefore),
    heap: threads.reduce((sum, { heap = 0 }) => sum + heap, 0),
  }
}
