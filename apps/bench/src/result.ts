import type { FigureName, Sample } from './figures.ts'
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

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly loadGenerator: string
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
  const values = valuesOf(row, name)
  return values.length === 0 ? null : spread(values)
}

/** The row's main figure over the baseline's, round by round. */
export function ratioOf(scenario: ScenarioResult, row: Row): Spread | null {
  const baseline = scenario.rows.find(({ peer }) => peer === scenario.baseline)
  if (baseline === undefined) return null
  return spread(ratiosByRound(valuesOf(row, scenario.main), valuesOf(baseline, scenario.main)))
}

function valuesOf(row: Row, name: FigureName): number[] {
  return row.rounds.flatMap((sample) => sample[name] ?? [])
}
