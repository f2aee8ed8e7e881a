import type { FigureName, Sample } from './figures.ts'
import type { MicroGroup } from './micro.ts'
import { ratiosByRound, spread } from './statistics.ts'
import type { Spread } from './statistics.ts'

/** One file in `bench/results`: every round as it was measured, and on what. */
export interface Result {
  readonly format: 1
  readonly takenAt: string
  readonly commit: string
  /** Whether files of the checkout differed from that commit. */
  readonly dirty: boolean
  readonly settings: { readonly rounds: number; readonly warmUpMs: number; readonly durationMs: number }
  readonly machine: Machine
  readonly versions: Readonly<Record<string, string>>
  readonly scenarios: readonly ScenarioResult[]
}

/** One file `micro-*.json` in `bench/results`. */
export interface MicroResult {
  readonly format: 1
  readonly takenAt: string
  readonly commit: string
  readonly dirty: boolean
  readonly rounds: number
  readonly machine: Machine
  readonly groups: readonly MicroGroup[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly loadGenerator: string
  /** How busy the cores were with something else before the run, 0–1. */
  readonly busyBefore: number
}

export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly main: FigureName
  readonly figures: readonly FigureName[]
  readonly baseline: string | null
  readonly rows: readonly Row[]
  /** Who isn't in the rows, and why. Nobody is dropped in silence. */
  readonly left: readonly { readonly peer: string; readonly reason: string; readonly failed: boolean }[]
}

export interface Row {
  readonly peer: string
  readonly rounds: readonly Sample[]
}

/** One figure of a row over its rounds; null where it wasn't measured. */
export function figureOf(row: Row, name: FigureName): Spread | null {
  const values = rowValues(row, name)
  return values.length === 0 ? null : spread(values)
}

/** The row's main figure over the baseline's, round by round. */
export function ratioOf(scenario: ScenarioResult, row: Row): Spread | null {
  const baseline = scenario.rows.find(({ peer }) => peer === scenario.baseline)
  if (baseline === undefined) return null
  return spread(ratiosByRound(rowValues(row, scenario.main), rowValues(baseline, scenario.main)))
}

/** One figure of a row, round by round. */
export function rowValues(row: Row, name: FigureName): number[] {
  return row.rounds.flatMap((sample) => sample[name] ?? [])
}

/**
 * One result out of several files: a later one replaces the scenarios it has.
 * @throws {TypeError} when they are of two machines, whose figures do not stand beside each other
 */
export function mergeResults(results: readonly Result[]): Result {
  const last = results.at(-1)
  if (last === undefined) throw new TypeError('mergeResults: expected at least one result')
  const machines = new Set(
    results.map(({ machine: { cpu, cores, kernel } }) => `${cpu}, ${cores} cores, ${kernel}`),
  )
  if (machines.size > 1)
    throw new TypeError(`report: results of two machines: ${[...machines].join(' and ')}`)
  const scenarios = new Map(
    results.flatMap((result) => result.scenarios).map((scenario) => [scenario.name, scenario]),
  )
  return {
    ...last,
    dirty: results.some(({ dirty }) => dirty),
    versions: Object.assign({}, ...results.map(({ versions }) => versions)) as Record<string, string>,
    scenarios: [...scenarios.values()],
  }
}

/** The name of a result's file: its time, so that names sort by it, and its commit. */
export function stampOf({ takenAt, commit }: { readonly takenAt: string; readonly commit: string }): string {
  return `${takenAt.replaceAll(/[-:]/g, '').slice(0, 15)}Z-${commit.slice(0, 8)}`
}

/** Files of quick runs begin with this: git and `report` leave them alone. */
export const QUICK_PREFIX = 'quick-'

/** Everybody who took part and failed: as long as there is one, the run has failed. */
export function failuresOf(
  scenarios: readonly ScenarioResult[],
): { readonly name: string; readonly peer: string; readonly reason: string }[] {
  return scenarios.flatMap(({ name, left }) =>
    left.flatMap(({ peer, reason, failed }) => (failed ? [{ name, peer, reason }] : [])),
  )
}
