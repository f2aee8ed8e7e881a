/** First pause (ms) after a second crash in a row: long enough to matter, short enough not to be noticed. */
const FIRST = 100
/** Longest pause, ms: a crash loop then costs one start in ten seconds. */
const LONGEST = 10_000
/** A thread that lived this long (ms) was healthy: the next crash is the first one again. */
const HEALTHY = 10_000

/** How long to wait before a crashed thread is replaced: at once after the first crash, then doubling. */
export class Backoff {
  #crashes = 0

  /** @param lived how long the thread lived, ms @returns the pause before its replacement starts, ms */
  afterCrash(lived: number): number {
    this.#crashes = lived >= HEALTHY ? 1 : this.#crashes + 1
    if (this.#crashes === 1) return 0
    return Math.min(FIRST * 2 ** (this.#crashes - 2), LONGEST)
  }

  reset(): void {
    this.#crashes = 0
  }
}
