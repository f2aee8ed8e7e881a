/** What is said about one figure after all rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: expected at least one value, got none')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Median with the smallest and the largest: with five rounds a standard deviation would only pretend. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/**
 * Ratios of the same round: what shook the machine in round 3 shook both, so it cancels out here,
 * and it would not in a ratio of two medians.
 * @throws {RangeError} when the two did not run the same number of rounds
 */
export function ratiosByRound(values: readonly number[], baseline: readonly number[]): number[] {
  if (values.length !== baseline.length) {
    throw new RangeError(`ratiosByRound: ${values.length} rounds against ${baseline.length} of the baseline`)
  }
  return values.map((value, round) => value / baseline[round]!)
}

/** The value below which `share` (0–1) of a sorted list lies: nearest rank. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const rank = Math.ceil(share * sorted.length)
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1]!
}

/**
 * The value a `share` (0–1) of the way through the sorted values, between two of them in proportion.
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('quantile: expected at least one value, got none')
  const sorted = values.toSorted((a, b) => a - b)
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

/** Resamplings of a bootstrap: the 95 % interval moves by less than a tenth of itself from more. */
const RESAMPLINGS = 2000

/**
 * The 95 % interval of `statistic(a, b)` if the rounds had fallen differently: the rounds of both are drawn anew
 * with replacement, each on its own. The draws are the same every time, so that a result can be repeated.
 */
export function bootstrap(
  a: readonly number[],
  b: readonly number[],
  statistic: (a: readonly number[], b: readonly number[]) => number,
): { readonly low: number; readonly high: number } {
  let state = 0x2545f491
  const draw = (values: readonly number[]): number[] =>
    values.map(() => {
      state ^= state << 13 // xorshift32
      state ^= state >>> 17
      state ^= state << 5
      return values[(state >>> 0) % values.length]!
    })
  const results = Array.from({ length: RESAMPLINGS }, () => statistic(draw(a), draw(b)))
  return { low: quantile(results, 0.025), high: quantile(results, 0.975) }
}
