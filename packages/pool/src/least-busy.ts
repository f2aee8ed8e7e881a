import { performance } from 'node:perf_hooks'
import type { Seat } from './seat.ts'

/**
 * The serving thread with the fewest connections, in turn among equals; one whose heartbeat is late only when all are.
 *
 * @param turn where to begin, one more each time
 * @param late time (ms) without a heartbeat after which a thread is passed over
 */
export function leastBusy(seats: Iterable<Seat>, turn: number, late: number): Seat | undefined {
  const serving = [...seats].filter((seat) => seat.state === 'serving' && !seat.member.ending)
  const now = performance.now()
  let best: Seat | undefined
  let bestLoad = Infinity
  for (let index = 0; index < serving.length; index++) {
    const seat = serving[(index + turn) % serving.length]!
    const load = seat.member.connections + (seat.silentFor(now) > late ? LATE_PENALTY : 0)
    if (load < bestLoad) {
      best = seat
      bestLoad = load
    }
  }
  return best
}

/** Added to the load of a thread whose heartbeat is late: more than any real number of connections. */
const LATE_PENALTY = 1e9
