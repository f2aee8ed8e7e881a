import type { Sample } from './figures.ts'
import { hasProgram } from './programs.ts'
import type { Peer } from './peers.ts'
import type { ScenarioResult } from './result.ts'
import { unable } from './scenarios/scenario.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { Bench } from './servers.ts'

/** Whom the others are compared with: the named one, or the first of these that takes part. */
const BASELINES = ['node-http', 'nginx', 'sirv']

export interface RunOptions {
  readonly baseline?: string | undefined
  /** Told what happens, as it happens. */
  readonly log: (line: string) => void
}

/**
 * One scenario with all its servers, interleaved: round 1 of each, then round 2 of each, so that a machine that
 * drifts drifts for all of them. Each round starts at the next server, so that nobody always runs after the same one.
 * A server that fails is out of the scenario, with its reason; a failed server has no figures.
 */
export async function runScenario(
  bench: Bench,
  scenario: Scenario,
  peers: readonly Peer[],
  options: RunOptions,
): Promise<ScenarioResult> {
  const left: { peer: string; reason: string; failed: boolean }[] = []
  const samples = new Map<Peer, Sample[]>()
  const lackingTool = (scenario.tools ?? []).find((tool) => !hasProgram(tool))
  for (const peer of peers) {
    const reason = lackingTool
      ? `${lackingTool} is not installed`
      : (unable(scenario, peer) ?? peer.absent(bench.tsws))
    if (reason === null) samples.set(peer, [])
    else left.push({ peer: peer.name, reason, failed: false })
  }
  for (let round = 0; round < bench.settings.rounds; round++) {
    for (const peer of rotate([...samples.keys()], round)) {
      options.log(`${scenario.name}: round ${round + 1} of ${bench.settings.rounds}, ${peer.name}`)
      try {
        samples.get(peer)!.push(await scenario.measure(bench, peer, round))
      } catch (error) {
        samples.delete(peer)
        left.push({ peer: peer.name, reason: (error as Error).message, failed: true })
      }
    }
  }
  const rows = [...samples].map(([peer, rounds]) => ({ peer: peer.name, rounds }))
  const baseline =
    [options.baseline, ...BASELINES].find((name) => rows.some(({ peer }) => peer === name)) ?? null
  const { name, title, main, figures } = scenario
  return { name, title, main, figures, baseline: baseline ?? rows[0]?.peer ?? null, rows, left }
}

function rotate<T>(list: readonly T[], by: number): T[] {
  if (list.length === 0) return []
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
