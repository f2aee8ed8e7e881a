import { describe, expect, it } from 'vitest'
import { bootstrap, median, percentile, quantile, ratiosByRound, spread } from '../src/statistics.ts'

describe('median', () => {
  it('is the middle value whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it('is the mean of the two in the middle when the count is even', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('sorts numbers as numbers', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  it('has no value for no rounds and says so', () => {
    expect(() => median([])).toThrow(/at least one value/)
  })

  it('leaves its input as it was', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

it('spread gives the median with the extremes', () => {
  expect(spread([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 })
})

describe('ratiosByRound', () => {
  it('divides each round by the same round of the baseline', () => {
    expect(ratiosByRound([2, 9], [4, 3])).toEqual([0.5, 3])
  })

  it('does not see a drift that hits both', () => {
    expect(ratiosByRound([10, 20, 40], [5, 10, 20])).toEqual([2, 2, 2])
  })

  it('refuses to compare different numbers of rounds', () => {
    expect(() => ratiosByRound([1, 2], [1])).toThrow('2 rounds against 1')
  })
})

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)

  it('is the nearest rank', () => {
    expect(percentile(hundred, 0.5)).toBe(50)
    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile(hundred, 0.999)).toBe(100)
  })

  it('is the only value of a list of one, and NaN of none', () => {
    expect(percentile([7], 0.001)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })
})

describe('quantile', () => {
  it('lies between two values in proportion', () => {
    expect(quantile([30, 10, 20, 40, 50], 0.25)).toBe(20)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
    expect(quantile([7], 0.9)).toBe(7)
  })

  it('has no value for no rounds and says so', () => {
    expect(() => quantile([], 0.5)).toThrow(/at least one value/)
  })
})

describe('bootstrap', () => {
  const ratio = (a: readonly number[], b: readonly number[]): number => median(b) / median(a)

  it('has no width for rounds that were all the same', () => {
    expect(bootstrap([2, 2, 2], [3, 3, 3], ratio)).toEqual({ low: 1.5, high: 1.5 })
  })

  it('holds the true ratio of noisy rounds, and narrows with their number', () => {
    const a = [9, 10, 11, 10.5, 9.5]
    const b = a.map((value) => value * 2)
    const few = bootstrap(a, b, ratio)
    const more = bootstrap([...a, ...a, ...a, ...a], [...b, ...b, ...b, ...b], ratio)
    expect(few.low).toBeLessThanOrEqual(2)
    expect(few.high).toBeGreaterThanOrEqual(2)
    expect(more.high - more.low).toBeLessThan(few.high - few.low)
  })
})
