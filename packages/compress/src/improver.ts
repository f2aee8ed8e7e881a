/** One piece of work that can wait. */
export type LaterTask = () => Promise<void>

/**
 * Does in the background what is better done once than never: one task at a time, and rather while nobody waits for a
 * compression. What fails is counted and forgotten: the answer at hand is good without it.
 */
export class Improver {
  readonly #isBusy: () => boolean
  readonly #queue: LaterTask[] = []
  #running: Promise<void> | null = null
  #closed = false
  failures = 0

  /** @param isBusy whether clients wait for a compression right now */
  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy
  }

  /** False when the queue is full: then the next request for it may ask again. */
  add(task: LaterTask): boolean {
    if (this.#closed || this.#queue.length >= MAX_QUEUED) return false
    this.#queue.push(task)
    this.#running ??= this.#run()
    return true
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  /** Drops what has not begun; resolves when what has is done. */
  async close(): Promise<void> {
    this.#closed = true
    this.#queue.length = 0
    await this.idle()
  }

  async #run(): Promise<void> {
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      for (
        let waited = 0;
        this.#isBusy() && waited < MAX_WAIT_MS && !this.#closed;
        waited += LOOK_INTERVAL_MS
      ) {
        await pause(LOOK_INTERVAL_MS)
      }
      if (this.#closed) break
      await task().catch(() => {
        this.failures++
      })
    }
    this.#running = null
  }
}

/** Tasks hold no content, only what they are about: a queue this long is a few kilobytes, and minutes of work. */
const MAX_QUEUED = 256

/** A server that is never idle gains most from smaller answers: after 5 s the work is done all the same. */
const MAX_WAIT_MS = 5000
const LOOK_INTERVAL_MS = 20

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref() // not a reason for a process to stay
  })
}
