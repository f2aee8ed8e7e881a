import { describe, expect, it } from 'vitest'
import { median, noiseThreshold, percentile, ratiosByRound, spread } from '../src/statistics.ts'

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

describe('noiseThreshold', () => {
  it('never goes below its floor, however still the rounds were', () => {
    expect(noiseThreshold([1, 1, 1, 1, 1])).toBe(0.02)
    expect(noiseThreshold([1, 1, 1], 0.05)).toBe(0.05)
  })

  it('grows with the spread of the rounds and shrinks with their number', () => {
    const few = noiseThreshold([0.8, 1, 1.2])
    const many = noiseThreshold([0.8, 1, 1.2, 0.8, 1, 1.2, 0.8, 1, 1.2, 0.8, 1, 1.2])
    expect(few).toBeGreaterThan(0.2)
    expect(many).toBeLessThan(few)
  })

  it('is not widened by one wild round among five', () => {
    expect(noiseThreshold([1, 1.001, 0.999, 1, 9])).toBe(0.02)
  })
})
