import { FIGURES } from './figures.ts'
import type { Peer, TswsBuild } from './peers.ts'
import { rowValues } from './result.ts'
import type { ScenarioResult } from './result.ts'
import { median, noiseThreshold, ratiosByRound } from './statistics.ts'

/** What two revisions of one program come to. */
export interface Comparison {
  /** How much worse the new one is, as a share: 0.1 is 10 % slower, -0.1 is 10 % faster. */
  readonly change: number
  /** Changes up to this are noise. */
  readonly threshold: number
  readonly verdict: 'slower' | 'faster' | 'no difference seen'
}

/**
 * Judges the new row against the old one, round by round.
 * @throws {RangeError} when they did not run the same rounds
 */
export function compareRows(scenario: ScenarioResult, oldName: string, newName: string): Comparison {
  const values = (name: string): number[] => {
    const row = scenario.rows.find(({ peer }) => peer === name)
    if (row === undefined) throw new RangeError(`${scenario.name}: ${name} has no figures`)
    return rowValues(row, scenario.main)
  }
  const higherIsBetter = FIGURES[scenario.main].better === 'higher'
  const [worse, than] = higherIsBetter ? [oldName, newName] : [newName, oldName]
  return judge(ratiosByRound(values(worse), values(than)))
}

/** `ratios` above 1: the new one is worse in that round. */
export function judge(ratios: readonly number[]): Comparison {
  const change = median(ratios) - 1
  const threshold = noiseThreshold(ratios)
  const verdict = change > threshold ? 'slower' : change < -threshold ? 'faster' : 'no difference seen'
  return { change, threshold, verdict }
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
