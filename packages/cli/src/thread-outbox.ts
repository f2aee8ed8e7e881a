import type { MetricModel } from '@tsws/observe'

/** What a thread tells the main thread. */
export type ThreadMessage =
  /** Lines for the log, which one destination writes, so that none is torn. */
  | { kind: 'log'; lines: string }
  | { kind: 'warning'; text: string }
  /** It was asked for the metrics of all. */
  | { kind: 'scrape'; question: number }
  /** What it has counted, before it ends. */
  | { kind: 'reading'; reading: Reading }

/** What the main thread tells a thread. */
export type ToThread =
  /** It hears what threads tell. */
  | { kind: 'listening' }
  /** When it drains, idle connections get no time to ask again. */
  | { kind: 'at once' }
  /** The metrics of all; null where they could not be had. */
  | { kind: 'metrics'; question: number; text: string | null }

/** The metrics of one thread, numbered: what is later is higher. */
export interface Reading {
  readonly number: number
  readonly models: readonly MetricModel[]
}

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
    this.#heldLength += lengthOf(message)
    if (this.#heldLength <= MAX_HELD) this.#held.push(message)
  }

  /** The main thread listens. */
  open(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const message of held) this.#send(message)
  }
}

function lengthOf(message: ThreadMessage): number {
  if (message.kind === 'log') return message.lines.length
  return message.kind === 'warning' ? message.text.length : 0
}
