import { FIGURES } from './figures.ts'
import type { Peer, TswsBuild } from './peers.ts'
import { rowValues } from './result.ts'
import type { ScenarioResult } from './result.ts'
import { bootstrap, quantile } from './statistics.ts'

/** What two revisions of one program come to. */
export interface Comparison {
  /** How much worse the new one is, as a share: 0.1 is 10 % slower, -0.1 is 10 % faster. */
  readonly change: number
  /** Changes up to this are noise. */
  readonly threshold: number
  readonly verdict: 'slower' | 'faster' | 'no difference seen'
}

/** Clock ticks and the layout of compiled code alone move a figure by about this much. */
const NOISE_FLOOR = 0.02

/** The quieter quarter of the rounds: see `judge`. */
const QUIET_SHARE = 0.25

/**
 * Judges the new row against the old one.
 * @throws {RangeError} when one of them has no figures
 */
export function compareRows(scenario: ScenarioResult, oldName: string, newName: string): Comparison {
  const cost = (name: string): number[] => {
    const row = scenario.rows.find(({ peer }) => peer === name)
    if (row === undefined) throw new RangeError(`${scenario.name}: ${name} has no figures`)
    const values = rowValues(row, scenario.main)
    return FIGURES[scenario.main].better === 'higher' ? values.map((value) => 1 / value) : values
  }
  return judge(cost(oldName), cost(newName))
}

/**
 * Two lists of costs, one value a round. Whatever else runs on the machine can only make a round dearer, never
 * cheaper, so the lower quartiles are compared: they move less than the medians do. The threshold is half of the
 * bootstrap's 95 % interval.
 */
export function judge(before: readonly number[], after: readonly number[]): Comparison {
  const change = changeOf(before, after)
  const { low, high } = bootstrap(before, after, changeOf)
  const threshold = Math.max(NOISE_FLOOR, (high - low) / 2)
  const verdict = change > threshold ? 'slower' : change < -threshold ? 'faster' : 'no difference seen'
  return { change, threshold, verdict }
}

function changeOf(before: readonly number[], after: readonly number[]): number {
  return quantile(after, QUIET_SHARE) / quantile(before, QUIET_SHARE) - 1
}

/** The same peer, but always from one checkout, under a name that says which. */
export function fromCheckout(peer: Peer, build: TswsBuild, label: string): Peer {
  return {
    ...peer,
    name: `${peer.name} ${label}`,
    absent: () => peer.absent(build),
    command: (spec) => peer.command({ ...spec, tsws: build }),
  }
}

/** `+3.1 % ± 2.0 %  slower` */
export function formatComparison({ change, threshold, verdict }: Comparison): string {
  return `${change >= 0 ? '+' : ''}${percent(change)} ± ${percent(threshold)}  ${verdict}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
