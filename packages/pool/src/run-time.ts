/** A run up to this long (ms) is quick: twice what waking a thread costs, so that batching still gains. */
export const QUICK = 0.2
/** Runs in a row that must have been quick before a function is trusted to be; doubled after each relapse. */
const FIRST_TRUST = 16
/** Trust never needs more than this many quick runs: about a second's worth. */
const LAST_TRUST = 1 << 20
/** Weight of the newest run in the mean: 1/8 follows a change within about twenty runs. */
const WEIGHT = 1 / 8

/** What was measured of one task function: decides how many of its tasks may share a message. */
export class RunTime {
  /** Moving mean of the run time, ms; negative until the first run. */
  mean = -1
  #quickInARow = 0
  #needed = FIRST_TRUST

  record(milliseconds: number): void {
    this.mean = this.mean < 0 ? milliseconds : this.mean + (milliseconds - this.mean) * WEIGHT
    if (milliseconds <= QUICK) this.#quickInARow++
    else {
      if (this.quick) this.#needed = Math.min(this.#needed * 2, LAST_TRUST)
      this.#quickInARow = 0
    }
  }

  /** True when the function is known to return within `QUICK`. */
  get quick(): boolean {
    return this.#quickInARow >= this.#needed
  }

  /** What to reckon for the next run, ms: infinite while nothing is known. */
  get cost(): number {
    if (this.mean < 0) return Infinity
    return this.quick ? Math.max(this.mean, SMALLEST) : Math.max(this.mean, QUICK)
  }
}

/** Reckoned for even the shortest run, ms: what reading the task and writing the answer takes. */
const SMALLEST = 0.001
