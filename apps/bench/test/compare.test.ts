import { describe, expect, it } from 'vitest'
import { compareRows, formatComparison, fromCheckout, judge } from '../src/compare.ts'
import { PEER_LIST } from '../src/peers.ts'
import type { ScenarioResult } from '../src/result.ts'

describe('judge', () => {
  const rounds = (cost: number): number[] =>
    [1, 1.004, 0.996, 1.002, 0.998, 1.001].map((factor) => cost * factor)

  it('calls a steady 10 % slower', () => {
    const { verdict, change } = judge(rounds(10), rounds(11))
    expect(verdict).toBe('slower')
    expect(change).toBeCloseTo(0.1, 2)
  })

  it('calls a steady 10 % less faster', () => {
    expect(judge(rounds(10), rounds(9)).verdict).toBe('faster')
  })

  it('sees no difference below the floor, however steady', () => {
    expect(judge(rounds(10), rounds(10.1)).verdict).toBe('no difference seen')
  })

  it('sees no difference when the rounds of one contradict each other more than the two differ', () => {
    expect(judge([10, 13, 9, 16, 11, 8], [11, 9, 14, 8.5, 17, 12]).verdict).toBe('no difference seen')
  })

  it('still sees 10 % when a third of the rounds of both were disturbed by something else', () => {
    const before = [...rounds(10), 14, 19, 12]
    const after = [...rounds(11), 13, 12, 20]
    expect(judge(before, after).verdict).toBe('slower')
  })

  it('says the same of the same rounds every time', () => {
    const [before, after] = [
      [10, 12, 11],
      [12, 10, 13],
    ]
    expect(judge(before!, after!)).toEqual(judge(before!, after!))
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
