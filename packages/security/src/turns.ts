/** Lets a few work at a time, and a few more wait for their turn. */
export class Turns {
  readonly #most: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #working = 0

  constructor(most: number, mostWaiting: number) {
    this.#most = most
    this.#mostWaiting = mostWaiting
  }

  /** Runs the work when its turn has come; null when too many wait already. */
  take<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#working < this.#most) return this.#run(work)
    if (this.#waiting.length >= this.#mostWaiting) return null
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => this.#run(work))
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.#working++
    try {
      return await work()
    } finally {
      this.#working--
      this.#waiting.shift()?.()
    }
  }
}
