/** What a thread tells: lines for the log, which one destination writes, so that none is torn. */
export type ThreadMessage = { kind: 'log'; lines: string } | { kind: 'warning'; text: string }

/** Characters kept while the main thread is not yet listening: a start has little to tell. */
const MAX_HELD = 1024 * 1024

/** Keeps what a thread tells until the main thread, which waits for all threads to start, can hear it. */
export class ThreadOutbox {
  readonly #send: (message: ThreadMessage) => void
  #held: ThreadMessage[] | null = []
  #heldLength = 0

  constructor(send: (message: ThreadMessage) => void) {
    this.#send = send
  }

  tell(message: ThreadMessage): void {
    if (this.#held === null) return this.#send(message)
    this.#heldLength += message.kind === 'log' ? message.lines.length : message.text.length
    if (this.#heldLength <= MAX_HELD) this.#held.push(message)
  }

  /** The main thread listens. */
  open(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const message of held) this.#send(message)
  }
}
