import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Arguments } from './arguments.ts'
import { buildPackages } from './build.ts'
import { makeFixtures } from './fixtures.ts'
import { describeCommit, describeMachine, watchCores } from './machine.ts'
import { PEER_LIST, peersNamed } from './peers.ts'
import { clearProgress, progress } from './progress.ts'
import { formatTable, tableOf } from './report/table.ts'
import { failuresOf, QUICK_PREFIX, stampOf } from './result.ts'
import type { Result, ScenarioResult } from './result.ts'
import { runScenario } from './run.ts'
import { scenariosNamed } from './scenarios/all.ts'
import { REPOSITORY, RESULTS } from './settings.ts'

/** `pnpm bench [scenario…]`: measures, prints, and writes what it measured to `bench/results`. */
export async function runCommand(args: Arguments): Promise<number> {
  const scenarios = scenariosNamed(args.names)
  const peers = args.peers === null ? PEER_LIST : peersNamed(args.peers)
  const tsws = { root: REPOSITORY, source: args.settings.source }
  if (peers.some(({ name }) => name.startsWith('tsws'))) buildPackages(tsws)
  const busyBefore = await watchCores(args.settings)
  const fixtures = makeFixtures()
  const bench = { settings: args.settings, fixtures, tsws }
  const results: ScenarioResult[] = []
  const about = {
    format: 1,
    takenAt: new Date().toISOString(),
    ...describeCommit(),
    settings: args.settings,
    machine: describeMachine(busyBefore),
    versions: Object.fromEntries(
      peers.filter((peer) => peer.absent(tsws) === null).map((peer) => [peer.name, peer.version()]),
    ),
  } as const
  const file = join(RESULTS, `${args.quick ? QUICK_PREFIX : ''}${stampOf(about)}.json`)
  mkdirSync(RESULTS, { recursive: true })
  for (const scenario of scenarios) {
    const result = await runScenario(bench, scenario, peers, { baseline: args.baseline, log: progress })
    clearProgress()
    print(result)
    results.push(result)
    // After each scenario: a run of an hour that is ended early has not been for nothing.
    writeFileSync(file, `${JSON.stringify({ ...about, scenarios: results } satisfies Result, null, 1)}\n`)
  }
  console.log(`\n${relative(process.cwd(), file)}`)
  const failures = failuresOf(results)
  for (const { name, peer, reason } of failures) console.error(`FAILED ${name}, ${peer}: ${reason}`)
  return failures.length === 0 ? 0 : 1
}

function print(result: ScenarioResult): void {
  console.log(`\n${result.name}: ${result.title}`)
  if (result.rows.length > 0) console.log(formatTable(tableOf(result)))
  for (const { peer, reason, failed } of result.left) {
    console.log(`  ${failed ? 'FAILED' : 'absent'}  ${peer}: ${reason.split('\n')[0]}`)
  }
}
