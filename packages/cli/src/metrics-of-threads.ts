import { counter, Exposition, gauge, sumCounters } from '@tsws/observe'
import type { MetricModel } from '@tsws/observe'
import type { ServerPool, ServerPoolStats } from '@tsws/pool'
import type { Reading, ThreadMessage, ToThread } from './thread-outbox.ts'

/** Milliseconds: the other threads start first. */
const LOAD_AFTER = 1000

/**
 * The metrics of all threads as one. Whichever thread is asked for them asks here; each thread is read then, what only
 * grows is summed, and what threads that have ended had counted stays in the sum.
 */
export class MetricsOfThreads {
  #pool: ServerPool | null = null
  /** The last reading of each thread that lives. */
  readonly #readings = new Map<number, Reading>()
  #ofEnded: MetricModel[] = []
  /** What this thread counts while it answers itself. */
  readHere: () => readonly MetricModel[] = () => []
  #exposition: Exposition | null = null
  #collecting: Promise<string> | null = null

  /** There are threads, or will be. */
  attach(pool: ServerPool): void {
    this.#pool = pool
    pool.on('threadExit', ({ id }) => this.#ended(id))
  }

  /** This thread answers no more: what it counted stays. */
  endHere(): void {
    this.#ofEnded = sumCounters([this.#ofEnded, this.readHere()])
    this.readHere = () => []
  }

  /** Loads what shows them before they are asked for, and after the first answers. */
  loadSoon(): void {
    setTimeout(() => this.#load(), LOAD_AFTER).unref()
  }

  /** A thread was asked for metrics, or sends its last reading. */
  received(id: number, message: Extract<ThreadMessage, { kind: 'scrape' | 'reading' }>): void {
    if (message.kind === 'reading') this.#keep(id, message.reading)
    else void this.#answer(id, message.question)
  }

  async #answer(id: number, question: number): Promise<void> {
    const text = await this.text().catch(() => null)
    this.#pool?.send(id, { kind: 'metrics', question, text } satisfies ToThread)
  }

  /** One collection at a time, however many ask. A thread that does not answer within a second counts as it was. */
  text(): Promise<string> {
    return (this.#collecting ??= this.#collect().finally(() => (this.#collecting = null)))
  }

  async #collect(): Promise<string> {
    const stats = (await this.#pool?.stats()) ?? NO_THREADS
    for (const { id, own } of stats.threads) if (isReading(own)) this.#keep(id, own)
    const readings = [...this.#readings.values()].map(({ models }) => models)
    return this.#load().text([ofPool(stats), this.#ofEnded, this.readHere(), ...readings])
  }

  #load(): Exposition {
    return (this.#exposition ??= new Exposition('main'))
  }

  /** One that was on its way may come after a later one. */
  #keep(id: number, reading: Reading): void {
    const known = this.#readings.get(id)
    if (known === undefined || known.number < reading.number) this.#readings.set(id, reading)
  }

  #ended(id: number): void {
    const last = this.#readings.get(id)
    this.#readings.delete(id)
    if (last !== undefined) this.#ofEnded = sumCounters([this.#ofEnded, last.models])
  }
}

function isReading(own: unknown): own is Reading {
  return typeof own === 'object' && own !== null && 'number' in own && 'models' in own
}

const NO_THREADS: PoolCounts = { threads: [], held: 0, refused: 0, crashed: 0 }

type PoolCounts = Pick<ServerPoolStats, 'threads' | 'held' | 'refused' | 'crashed'>

function ofPool({ threads, held, refused, crashed }: PoolCounts): MetricModel[] {
  const serving = threads.filter(({ state }) => state === 'serving').length
  return [
    gauge('tsws_threads_serving', 'Threads that take connections.', serving),
    counter('tsws_threads_crashed_total', 'Threads that died or hung, and were replaced.', crashed),
    gauge('tsws_connections_held', 'Connections that wait for a thread.', held),
    counter('tsws_connections_refused_total', 'Connections turned away for a limit.', refused),
  ]
}
