import { describe, expect, it } from 'vitest'
import { compareRows, formatComparison, fromCheckout, judge } from '../src/compare.ts'
import { PEER_LIST } from '../src/peers.ts'
import type { ScenarioResult } from '../src/result.ts'

describe('judge', () => {
  it('calls a steady 10 % slower', () => {
    expect(judge([1.1, 1.11, 1.09, 1.1, 1.1])).toMatchObject({ verdict: 'slower' })
  })

  it('calls a steady 10 % less faster', () => {
    expect(judge([0.9, 0.91, 0.89, 0.9, 0.9]).verdict).toBe('faster')
  })

  it('sees no difference below the floor, however steady', () => {
    expect(judge([1.01, 1.01, 1.01, 1.01, 1.01]).verdict).toBe('no difference seen')
  })

  it('sees no difference when the rounds contradict each other more than they differ', () => {
    expect(judge([1.3, 0.8, 1.1, 0.9, 1.2]).verdict).toBe('no difference seen')
  })
})

describe('compareRows', () => {
  const scenario = (main: 'cpu' | 'rate', before: number, after: number): ScenarioResult => ({
    name: 'x',
    title: 'X',
    main,
    figures: [],
    baseline: 'old',
    rows: [
      { peer: 'old', rounds: [1, 1, 1].map(() => ({ [main]: before })) },
      { peer: 'new', rounds: [1, 1, 1].map(() => ({ [main]: after })) },
    ],
    left: [],
  })

  it('counts more CPU time as slower', () => {
    expect(compareRows(scenario('cpu', 10, 12), 'old', 'new').change).toBeCloseTo(0.2)
  })

  it('counts fewer requests a second as slower', () => {
    expect(compareRows(scenario('rate', 120, 100), 'old', 'new').change).toBeCloseTo(0.2)
  })

  it('does not judge what has no figures', () => {
    expect(() => compareRows(scenario('cpu', 1, 1), 'old', 'gone')).toThrow('gone has no figures')
  })
})

it('takes a peer from the checkout that it is told, whatever the run says', () => {
  const peer = fromCheckout(PEER_LIST[0]!, { root: '/old', source: true }, 'REV')
  const spec = {
    app: 'hello' as const,
    port: 1,
    root: '/',
    scratch: '/',
    http2: false,
    close: false,
    workers: 1,
    tsws: { root: '/new', source: true },
  }
  expect(peer.name).toBe('tsws REV')
  expect(peer.command(spec).env!['BENCH_SERVER']).toContain('"root":"/old"')
  expect(peer.command(spec).env!['BENCH_SERVER']).not.toContain('/new')
})

it('prints the change with its sign, the noise and the verdict', () => {
  expect(formatComparison({ change: 0.101, threshold: 0.02, verdict: 'slower' })).toBe(
    '+10.1 % ± 2.0 %  slower',
  )
  expect(formatComparison({ change: -0.05, threshold: 0.02, verdict: 'faster' })).toBe(
    '-5.0 % ± 2.0 %  faster',
  )
})
