import { ThreadMetrics } from '@tsws/observe'
import type { MetricModel } from '@tsws/observe'
import { isMainThread } from 'node:worker_threads'
import type { Reading, ThreadOutbox, ToThread } from './thread-outbox.ts'

/** Milliseconds a thread waits for the metrics of all: Prometheus gives up after ten seconds. */
const LONGEST_WAIT = 5_000

/** One thread's part in the metrics of all: it is read by the main thread, and asks there when it is asked itself. */
export class MetricsOfThread {
  readonly #outbox: ThreadOutbox
  readonly #own: ThreadMetrics
  readonly #questions = new Map<number, (text: string | null) => void>()
  #question = 0
  #readings = 0
  /** What the server in this thread has counted; to be set when it is made. */
  ofServer: () => readonly MetricModel[] = () => []

  constructor(thread: number, outbox: ThreadOutbox) {
    this.#outbox = outbox
    this.#own = new ThreadMetrics(thread)
    // The last message of a thread that ends by itself arrives; that of a process may not.
    if (!isMainThread) process.once('exit', () => this.sendLast())
  }

  read(): Reading {
    return { number: ++this.#readings, models: [...this.ofServer(), ...this.#own.read()] }
  }

  sendLast(): void {
    this.#outbox.tell({ kind: 'reading', reading: this.read() })
  }

  /** The metrics of all threads, from the main thread. @throws when it does not answer in time */
  collect(): Promise<string> {
    const question = ++this.#question
    const answer = Promise.withResolvers<string>()
    const settle = (text: string | null): void => {
      clearTimeout(timer)
      this.#questions.delete(question)
      if (text === null) answer.reject(new Error('the main thread did not answer'))
      else answer.resolve(text)
    }
    const timer = setTimeout(settle, LONGEST_WAIT, null)
    this.#questions.set(question, settle)
    this.#outbox.tell({ kind: 'scrape', question })
    return answer.promise
  }

  answered({ question, text }: Extract<ToThread, { kind: 'metrics' }>): void {
    this.#questions.get(question)?.(text)
  }
}
