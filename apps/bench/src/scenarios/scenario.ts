import type { FigureName, Sample } from '../figures.ts'
import type { Ability, App, Peer } from '../peers.ts'
import type { Bench } from '../servers.ts'

export interface Scenario {
  readonly name: string
  readonly title: string
  /** What decides: the ratios are of this figure. */
  readonly main: FigureName
  /** What is shown beside it. */
  readonly figures: readonly FigureName[]
  readonly app: App
  readonly needs: readonly Ability[]
  /** Programs without which it can't run at all. */
  readonly tools?: readonly ('h2load' | 'openssl')[]
  /** One round of one server: start it, assert its answers, time it, end it. */
  measure(bench: Bench, peer: Peer, round: number): Promise<Sample>
}

/** Why a peer can't take part although it is installed, or null. */
export function unable(scenario: Scenario, peer: Peer): string | null {
  if (!peer.apps.includes(scenario.app)) return `does not do "${scenario.app}"`
  const lacking = scenario.needs.find((ability) => !peer.abilities.includes(ability))
  return lacking === undefined ? null : `no ${lacking}`
}
