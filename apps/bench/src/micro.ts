import { spread } from './statistics.ts'
import type { Spread } from './statistics.ts'

/** One contender in one round: nanoseconds for one operation, the median of many samples. */
export interface MicroRow {
  readonly group: string
  readonly name: string
  readonly ns: number
}

export interface MicroGroup {
  readonly group: string
  /** The fastest first. */
  readonly rows: readonly ({ readonly name: string } & Spread)[]
  readonly note?: string
}

/**
 * What C does with the same request. Of another program and an earlier day on this kind of machine: a yardstick,
 * not a contender.
 */
const NOTES: Readonly<Record<string, string>> = {
  'a browser’s request, 703 bytes':
    'not of this run: picohttpparser, in C, 137 ns with SIMD and 261 ns without on this kind of machine',
}

/** All rounds of each contender together, by group. */
export function groupMicro(rows: readonly MicroRow[]): MicroGroup[] {
  return [...Map.groupBy(rows, ({ group }) => group)].map(([group, ofGroup]) => {
    const contenders = [...Map.groupBy(ofGroup, ({ name }) => name)]
      .map(([name, rounds]) => ({ name, ...spread(rounds.map(({ ns }) => ns)) }))
      .toSorted((a, b) => a.median - b.median)
    const note = NOTES[group]
    return { group, rows: contenders, ...(note !== undefined && { note }) }
  })
}

/** Columns: who, nanoseconds, their range, how many times our first entry's. */
export function microTable({ rows }: MicroGroup): { columns: string[]; rows: string[][] } {
  const ours = rows.filter(({ name }) => name.startsWith('tsws')).map((row) => row.median)
  const base = ours.length === 0 ? null : Math.min(...ours)
  return {
    columns: ['', 'ns', 'min–max', '× tsws'],
    rows: rows.map(({ name, median, min, max }) => [
      name,
      formatNs(median),
      `${formatNs(min)}–${formatNs(max)}`,
      base === null ? '–' : (median / base).toFixed(2),
    ]),
  }
}

export function formatMicro(group: MicroGroup): string {
  const { columns, rows } = microTable(group)
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]!.length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ')
  return [
    group.group,
    line(columns),
    ...rows.map(line),
    ...(group.note === undefined ? [] : [`(${group.note})`]),
  ].join('\n')
}

function formatNs(ns: number): string {
  return ns >= 100 ? Math.round(ns).toLocaleString('en').replaceAll(',', ' ') : ns.toPrecision(3)
}
