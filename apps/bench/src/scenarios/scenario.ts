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
  const has = (ability: Ability): boolean => {
    if (ability === 'npm') return peer.packages !== undefined
    return ability === 'command' ? peer.installed !== undefined : peer.abilities.includes(ability)
  }
  const lacking = scenario.needs.find((ability) => !has(ability))
  return lacking === undefined ? null : `no ${ABSENCE[lacking]}`
}

const ABSENCE: Readonly<Record<Ability, string>> = {
  tls: 'TLS',
  h2c: 'HTTP/2',
  precompressed: 'precompressed files',
  pipelining: 'pipelining',
  close: 'way to close after each answer',
  validators: 'entity tags: a client has nothing to ask by whether its copy is current',
  workers: 'second thread or process',
  npm: 'npm package to install',
  command: 'command to install from npm',
}
