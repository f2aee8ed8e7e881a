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
 * How far the ratios of two equal programs stray from 1 by chance alone, estimated from the rounds themselves:
 * the median distance from the median (MAD), scaled to a standard deviation (× 1.4826 for a normal
 * distribution), over √rounds for the error of a median (× 1.2533), times two for 95 %.
 * Never below `floor`: clock ticks and code layout alone move a figure by about that much.
 */
export function noiseThreshold(ratios: readonly number[], floor = 0.02): number {
  const middle = median(ratios)
  const deviation = median(ratios.map((ratio) => Math.abs(ratio - middle))) * 1.4826
  return Math.max(floor, (2 * 1.2533 * deviation) / Math.sqrt(ratios.length))
}
