/** Longest wait for a message, ms: whoever sends one task after another has sent the next one long before. */
export const LONGEST_LINGER = 1
/** Longest time (ms) between two turns of the event loop, but for what a task takes. */
export const LONGEST_AWAY = 10
/** Never less than this (ms) is spun, or a thread would not notice that spinning pays again. */
const LEAST_SPIN = 0.002

/** Where a thread's messages come in. */
export interface Inbox {
  /** Messages sent to this thread so far. */
  readonly sentCount: number
  /** Reads the next message and does what it says. @returns whether to linger for another, or that there was none */
  next(): 'go on' | 'leave' | 'none'
  /** Blocks until more than `seen` have been sent. @returns false when that took too long, ms */
  waitForMore(seen: number, longest: number): boolean
  /** ms */
  now(): number
}

/**
 * Waits for the next message a moment longer than the event loop would: to be woken by the shared memory takes half
 * as long as to be woken by the event loop. Whatever the user's code has left running (timers, promises nobody waits
 * for) gets its turn after `LONGEST_AWAY` at the latest.
 */
export class Lingerer {
  readonly #inbox: Inbox
  readonly #spin: number
  #spinBudget: number

  /** @param spin longest time (ms) to look for a message without sleeping */
  constructor(inbox: Inbox, spin: number) {
    this.#inbox = inbox
    this.#spin = spin
    this.#spinBudget = spin
  }

  linger(): void {
    const inbox = this.#inbox
    const leaveAt = inbox.now() + LONGEST_AWAY
    for (;;) {
      const seen = inbox.sentCount
      const found = inbox.next()
      if (found === 'leave' || inbox.now() >= leaveAt) return
      if (found === 'none' && !this.#spinFor(seen) && !inbox.waitForMore(seen, LONGEST_LINGER)) return
    }
  }

  /**
   * Looks without sleeping, for as long as it paid off lately: a look at the shared memory takes some nanoseconds, but
   * the core is burnt meanwhile. @returns true when there is a message
   */
  #spinFor(seen: number): boolean {
    if (this.#spin === 0) return false
    const until = this.#inbox.now() + this.#spinBudget
    while (this.#inbox.now() < until) {
      if (this.#inbox.sentCount === seen) continue
      this.#spinBudget = this.#spin
      return true
    }
    this.#spinBudget = Math.max(this.#spinBudget / 2, LEAST_SPIN) // in vain: look for less long next time
    return false
  }
}
