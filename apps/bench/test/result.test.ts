import { expect, it } from 'vitest'
import { formatTable, sorted, tableOf } from '../src/report/table.ts'
import { failuresOf, figureOf, ratioOf } from '../src/result.ts'
import type { ScenarioResult } from '../src/result.ts'

const scenario: ScenarioResult = {
  name: 'hello',
  title: 'Hello',
  main: 'cpu',
  figures: ['rate', 'p50'],
  baseline: 'slow',
  rows: [
    { peer: 'slow', rounds: [10, 20, 10].map((cpu) => ({ cpu, rate: 1e6 / cpu, p50: 500 })) },
    { peer: 'fast', rounds: [5, 10, 6].map((cpu) => ({ cpu, rate: 1e6 / cpu })) },
  ],
  left: [],
}
const [slow, fast] = scenario.rows

it('takes the ratio within each round and then the median, not the ratio of two medians', () => {
  expect(ratioOf(scenario, fast!)).toEqual({ median: 0.5, min: 0.5, max: 0.6 })
  expect(ratioOf(scenario, slow!)).toEqual({ median: 1, min: 1, max: 1 })
})

it('has no ratio when the baseline did not take part', () => {
  expect(ratioOf({ ...scenario, baseline: 'gone' }, fast!)).toBeNull()
})

it('has no figure where none was measured', () => {
  expect(figureOf(fast!, 'p50')).toBeNull()
  expect(figureOf(fast!, 'cpu')).toEqual({ median: 6, min: 5, max: 10 })
})

it('lists the best first, whichever way better is', () => {
  expect(sorted(scenario).map(({ peer }) => peer)).toEqual(['fast', 'slow'])
  expect(sorted({ ...scenario, main: 'p50' }).map(({ peer }) => peer)).toEqual(['slow', 'fast'])
  expect(sorted({ ...scenario, main: 'rate' }).map(({ peer }) => peer)).toEqual(['fast', 'slow'])
})

it('shows a dash for what was not measured and lines the columns up', () => {
  const lines = formatTable(tableOf(scenario)).split('\n')
  expect(lines[1]).toMatch(/^fast +6\.00 +5\.00–10\.0 +0\.50 +0\.50–0\.60 +166 667 +–$/)
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})

it('finds every failure, and takes nobody for one who is only absent', () => {
  const left = [
    { peer: 'gone', reason: 'not installed', failed: false },
    { peer: 'wrong', reason: 'status 500', failed: true },
  ]
  expect(failuresOf([scenario, { ...scenario, left }])).toEqual([
    { name: 'hello', peer: 'wrong', reason: 'status 500' },
  ])
  expect(failuresOf([scenario])).toEqual([])
})
