import { STREAM_WINDOW } from './protocol.ts'
import type { TaskStream } from './types.ts'

/** The caller's end of a streamed result: hands out items in order and tells the thread how many were taken. */
export class StreamReader {
  readonly #items: unknown[] = []
  readonly #waiting: {
    resolve: (result: IteratorResult<unknown, void>) => void
    reject: (reason: unknown) => void
  }[] = []
  #ended = false
  #failure: { reason: unknown } | undefined
  readonly #grant: (items: number) => void
  #ungranted = 0
  readonly #left: () => void

  /** @param grant so many items were taken: as many more may come @param left the reader wants no more */
  constructor(grant: (items: number) => void, left: () => void) {
    this.#grant = grant
    this.#left = left
  }

  push(item: unknown): void {
    if (this.#ended) return
    const waiting = this.#waiting.shift()
    if (!waiting) return void this.#items.push(item)
    this.#taken()
    waiting.resolve({ done: false, value: item })
  }

  end(): void {
    this.#ended = true
    for (const waiting of this.#waiting.splice(0)) waiting.resolve({ done: true, value: undefined })
  }

  /** What came before the failure is still handed out. */
  fail(reason: unknown): void {
    if (this.#ended) return
    this.#ended = true
    const first = this.#waiting.shift()
    if (first) first.reject(reason)
    else this.#failure = { reason }
    for (const waiting of this.#waiting.splice(0)) waiting.resolve({ done: true, value: undefined })
  }

  iterator(): TaskStream<unknown> {
    const iterator: TaskStream<unknown> = {
      next: () => this.#next(),
      return: async () => {
        this.#items.length = 0
        this.#failure = undefined
        if (!this.#ended) {
          this.end()
          this.#left()
        }
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }

  /** Told in halves of the window: a message for each item would cost more than the item. */
  #taken(): void {
    if (++this.#ungranted < STREAM_WINDOW / 2) return
    this.#grant(this.#ungranted)
    this.#ungranted = 0
  }

  #next(): Promise<IteratorResult<unknown, void>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift()
      if (!this.#ended) this.#taken()
      return Promise.resolve({ done: false, value })
    }
    if (this.#failure) {
      const { reason } = this.#failure
      this.#failure = undefined
      return Promise.reject(reason)
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }
}
