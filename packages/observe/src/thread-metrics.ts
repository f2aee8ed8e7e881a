import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { EventLoopUtilization } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { isMainThread } from 'node:worker_threads'
import { counter, gauge } from './metric-model.ts'
import type { MetricModel } from './metric-model.ts'

/** How often the loop's delay is looked at, in milliseconds: prom-client's default. */
const RESOLUTION = 10

/**
 * How the loop and the heap of one thread are, by the names that prom-client has for them and with the label `thread`:
 * their sum would mean nothing. A thread need not load prom-client for it.
 */
export class ThreadMetrics {
  readonly #thread: string
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  #lastUtilisation: EventLoopUtilization = performance.eventLoopUtilization()

  constructor(thread: string | number) {
    this.#thread = String(thread)
    this.#delay.enable()
  }

  /** Since the last reading, where it is not of this moment. */
  read(): MetricModel[] {
    const delay = this.#delay
    const utilisation = performance.eventLoopUtilization()
    const busy = performance.eventLoopUtilization(utilisation, this.#lastUtilisation).utilization
    this.#lastUtilisation = utilisation
    const heap = getHeapStatistics()
    const models = [
      this.#own('nodejs_eventloop_lag_mean_seconds', LAG('mean'), seconds(delay.mean)),
      this.#own('nodejs_eventloop_lag_max_seconds', LAG('maximum'), seconds(delay.max)),
      this.#own('nodejs_eventloop_lag_p50_seconds', LAG('median'), seconds(delay.percentile(50))),
      this.#own('nodejs_eventloop_lag_p99_seconds', LAG('99th percentile'), seconds(delay.percentile(99))),
      this.#own(
        'nodejs_eventloop_utilization',
        'Share of the time in which the loop was busy, 0 to 1.',
        busy,
      ),
      this.#own('nodejs_heap_size_used_bytes', 'Bytes of JavaScript heap in use.', heap.used_heap_size),
      this.#own('nodejs_heap_size_total_bytes', 'Bytes of JavaScript heap reserved.', heap.total_heap_size),
    ]
    delay.reset()
    return isMainThread ? [...models, ...ofProcess()] : models
  }

  /** To be called when the thread is done: the loop's delay is looked at no more. */
  close(): void {
    this.#delay.disable()
  }

  #own(name: string, help: string, value: number): MetricModel {
    return gauge(name, help, [{ value, labels: { thread: this.#thread } }])
  }
}

const LAG = (what: string): string => `Delay of the event loop since the last reading, ${what}, in seconds.`

/** Nanoseconds to seconds; NaN, which is no reading, to 0. */
function seconds(nanoseconds: number): number {
  return (nanoseconds || 0) / 1e9
}

/** Where a thread is a process of its own (`node:cluster`): added to what the main process takes. */
function ofProcess(): MetricModel[] {
  const { user, system } = process.cpuUsage()
  return [
    counter('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', system / 1e6),
    counter(
      'process_cpu_seconds_total',
      'Total user and system CPU time spent in seconds.',
      (user + system) / 1e6,
    ),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
  ]
}
