import { createRequire } from 'node:module'
import type * as PromClient from 'prom-client'
import { withLabel } from './metric-model.ts'
import type { MetricModel } from './metric-model.ts'

const require = createRequire(import.meta.url)

/** Media type of `Exposition.text` (Prometheus text format 0.0.4). */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Writes metrics in the text format of Prometheus, by prom-client, together with those that prom-client has for every
 * process. Loading it takes some 50 ms: only who shows metrics makes one of these, and after the start.
 */
export class Exposition {
  readonly #client = require('prom-client') as typeof PromClient
  readonly #registry = new this.#client.Registry()
  readonly #thread: string | null

  /** @param thread what the main thread is called in `thread`; null where it is the only one, without a label */
  constructor(thread: string | null = null) {
    this.#thread = thread
    this.#client.collectDefaultMetrics({ register: this.#registry })
  }

  /** The sum of several readings, and this process. */
  async text(parts: readonly (readonly MetricModel[])[]): Promise<string> {
    const models = [await this.#ofProcess(), ...parts]
    return this.#client.AggregatorRegistry.aggregate(models as object[]).metrics()
  }

  async #ofProcess(): Promise<MetricModel[]> {
    const models = (await this.#registry.getMetricsAsJSON()) as unknown as MetricModel[]
    return models.map((model) => {
      // By default it has no place in a sum; but here only this process has one.
      if (model.name === 'process_start_time_seconds') return { ...model, aggregator: 'min' as const }
      const isOfThread = model.name.startsWith('nodejs_') && model.name !== 'nodejs_version_info'
      return isOfThread && this.#thread !== null ? withLabel(model, 'thread', this.#thread) : model
    })
  }

  /** Ends what watches the process. */
  close(): void {
    this.#registry.clear()
  }
}
