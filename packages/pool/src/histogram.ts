/** A reading of a `Histogram`; times in milliseconds. */
export interface HistogramSummary {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Sub-buckets per power of two: 16 keep every value within 1/16 (6 %) of the truth, in 7 KiB a histogram. */
const STEPS = 16
/** Values are counted in whole microseconds up to 2^31 (36 minutes); a longer one counts in the last bucket. */
const LARGEST = 0x7fffffff
const BUCKETS = STEPS + (31 - 4) * STEPS

/**
 * Counts durations in log-linear buckets. Written in JavaScript because `perf_hooks.createHistogram().record()`
 * crosses into C++ each time, which is a tenth of what a small task may cost in all.
 */
export class Histogram {
  #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  /** @param milliseconds a duration; a negative one (clocks of two threads differ by microseconds) counts as 0. */
  record(milliseconds: number): void {
    const micros = milliseconds <= 0 ? 0 : Math.min(milliseconds * 1000, LARGEST) | 0
    const index = bucketOf(micros)
    this.#counts[index] = this.#counts[index]! + 1
    this.#count++
    this.#sum += milliseconds > 0 ? milliseconds : 0
    if (milliseconds > this.#max) this.#max = milliseconds
  }

  summary(): HistogramSummary {
    return {
      count: this.#count,
      mean: this.#count ? this.#sum / this.#count : 0,
      p50: this.#quantile(0.5),
      p90: this.#quantile(0.9),
      p99: this.#quantile(0.99),
      max: this.#max,
    }
  }

  #quantile(q: number): number {
    if (this.#count === 0) return 0
    const wanted = Math.ceil(this.#count * q)
    let seen = 0
    for (let index = 0; index < BUCKETS; index++) {
      seen += this.#counts[index]!
      if (seen >= wanted) return Math.min(upperEdge(index) / 1000, this.#max)
    }
    return this.#max
  }
}

function bucketOf(micros: number): number {
  if (micros < STEPS) return micros
  const exponent = 31 - Math.clz32(micros)
  return STEPS + (exponent - 4) * STEPS + ((micros >> (exponent - 4)) & (STEPS - 1))
}

/** The first value (µs) that no longer falls in the bucket. */
function upperEdge(index: number): number {
  if (index < STEPS) return index + 1
  const exponent = Math.floor((index - STEPS) / STEPS)
  return (STEPS + ((index - STEPS) % STEPS) + 1) * 2 ** exponent
}
