import { counter } from './metric-model.ts'
import type { MetricModel, MetricSample } from './metric-model.ts'
import type { Observer, ResponseSummary } from './observer.ts'

/** Methods that are told apart. A client may send any word, and each would be a series for ever. */
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'other',
] as const
const OTHER = METHODS.length - 1
const METHOD_INDEX: ReadonlyMap<string, number> = new Map(METHODS.map((method, index) => [method, index]))
/** 1xx to 5xx, and one for what a handler may make up. */
const CLASSES = 6

/**
 * Upper bounds of the duration's buckets, in seconds: from an answer out of memory, which takes microseconds, to one
 * that somebody waits for.
 */
const BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
]
const BOUNDS_MS = BOUNDS.map((seconds) => seconds * 1000)

/**
 * Counts answers, for metrics. A request costs a few additions: numbers become metrics when they are asked for
 * (`bench/metrics.ts`).
 */
export class RequestCounters implements Observer {
  readonly #requests = new Float64Array(METHODS.length * CLASSES)
  /** The last is for what is above every bound. */
  readonly #buckets = new Float64Array(BOUNDS.length + 1)
  readonly #refused = new Map<number, number>()
  #durationMs = 0
  #bodyBytes = 0
  #aborted = 0

  onResponse({ request, status, bodyBytes, durationMs, outcome }: ResponseSummary): void {
    this.#bodyBytes += bodyBytes
    if (request === null) {
      this.#refused.set(status, (this.#refused.get(status) ?? 0) + 1)
      return
    }
    const method = METHOD_INDEX.get(request.method) ?? OTHER
    const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) - 1 : CLASSES - 1
    this.#requests[method * CLASSES + statusClass]!++
    if (outcome === 'aborted') this.#aborted++
    this.#durationMs += durationMs
    let bucket = 0
    while (bucket < BOUNDS_MS.length && durationMs > BOUNDS_MS[bucket]!) bucket++
    this.#buckets[bucket]!++
  }

  /** The counts so far. */
  read(): MetricModel[] {
    return [
      counter(
        'tsws_http_requests_total',
        'Requests answered, by method and class of status.',
        this.#requestSamples(),
      ),
      this.#durations(),
      counter(
        'tsws_http_requests_aborted_total',
        'Requests whose connection was cut before the whole answer was out.',
        this.#aborted,
      ),
      counter(
        'tsws_http_bad_requests_total',
        'Bytes that were no request and were answered as such, by status.',
        Array.from(this.#refused, ([status, value]) => ({ value, labels: { status } })),
      ),
      counter(
        'tsws_http_response_body_bytes_total',
        'Bytes of bodies handed to clients, without heads and framing.',
        this.#bodyBytes,
      ),
    ]
  }

  #requestSamples(): MetricSample[] {
    const samples: MetricSample[] = []
    for (const [index, value] of this.#requests.entries()) {
      if (value === 0) continue
      const statusClass = index % CLASSES
      const status = statusClass === CLASSES - 1 ? 'other' : `${statusClass + 1}xx`
      samples.push({ value, labels: { method: METHODS[Math.floor(index / CLASSES)]!, status } })
    }
    return samples
  }

  #durations(): MetricModel {
    const name = 'tsws_http_request_duration_seconds'
    let count = 0
    const buckets = Array.from(this.#buckets, (inBucket, index) => {
      count += inBucket
      const labels = { le: index === BOUNDS.length ? '+Inf' : BOUNDS[index]! }
      return { value: count, labels, metricName: `${name}_bucket` }
    })
    return {
      name,
      help: 'Time from the complete head of a request to the last byte of its answer handed over.',
      type: 'histogram',
      aggregator: 'sum',
      values: [
        ...buckets,
        { value: this.#durationMs / 1000, labels: {}, metricName: `${name}_sum` },
        { value: count, labels: {}, metricName: `${name}_count` },
      ],
    }
  }
}
