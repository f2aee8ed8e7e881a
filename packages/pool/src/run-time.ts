/** A mean up to this long (ms) is quick: twice what waking a thread costs, so that batching still gains. */
export const QUICK = 0.2
/** Weight of the newest run in the mean: one slow run ends the batching for some twenty runs, not for good. */
const WEIGHT = 1 / 8
/** Reckoned for even the shortest run, ms: what reading the task and writing the answer takes. */
const SMALLEST = 0.001

/**
 * What was measured of one task function: decides how many of its tasks may share a message. It may be wrong (a
 * function that is slow now and then): what is stuck behind a slow run is then taken back by the scheduler.
 */
export class RunTime {
  /** Moving mean of the run time, ms; negative until the first run. */
  mean = -1

  record(milliseconds: number): void {
    this.mean = this.mean < 0 ? milliseconds : this.mean + (milliseconds - this.mean) * WEIGHT
  }

  /** True when the function is expected to return within `QUICK`. */
  get quick(): boolean {
    return this.mean >= 0 && this.mean <= QUICK
  }

  /** What to reckon for the next run, ms: infinite while nothing is known. */
  get cost(): number {
    return this.mean < 0 ? Infinity : Math.max(this.mean, SMALLEST)
  }
}
