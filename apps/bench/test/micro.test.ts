import { expect, it } from 'vitest'
import { formatMicro, groupMicro, microTable } from '../src/micro.ts'

const rows = [
  { group: 'g', name: 'tsws', ns: 30 },
  { group: 'g', name: 'peer', ns: 100 },
  { group: 'h', name: 'peer', ns: 5 },
  { group: 'g', name: 'tsws', ns: 10 },
  { group: 'g', name: 'tsws', ns: 20 },
  { group: 'g', name: 'peer', ns: 5 },
  { group: 'g', name: 'peer', ns: 15 },
]

it('puts the rounds of a contender together and the faster one first, whoever it is', () => {
  const [g, h] = groupMicro(rows)
  expect(g!.rows).toEqual([
    { name: 'peer', median: 15, min: 5, max: 100 },
    { name: 'tsws', median: 20, min: 10, max: 30 },
  ])
  expect(h!.rows.map(({ name }) => name)).toEqual(['peer'])
})

it('relates everybody to the best entry of ours', () => {
  const [g, h] = groupMicro(rows)
  expect(microTable(g!).rows.map((row) => row.at(-1))).toEqual(['0.75', '1.00'])
  expect(microTable(h!).rows.map((row) => row.at(-1))).toEqual(['–'])
})

it('marks the figures of C as not of this run', () => {
  const [group] = groupMicro([{ group: 'a browser’s request, 703 bytes', name: 'tsws', ns: 250 }])
  expect(formatMicro(group!)).toContain('not of this run: picohttpparser')
})
