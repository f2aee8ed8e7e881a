import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Arguments } from './arguments.ts'
import { buildPackages } from './build.ts'
import { describeCommit, describeMachine, watchCores } from './machine.ts'
import { formatMicro, groupMicro } from './micro.ts'
import type { MicroRow } from './micro.ts'
import { run } from './processes.ts'
import { clearProgress, progress } from './progress.ts'
import { QUICK_PREFIX, stampOf } from './result.ts'
import type { MicroResult } from './result.ts'
import { PEERS, REPOSITORY, RESULTS } from './settings.ts'

const TOPICS = ['parser', 'compose', 'headers', 'pool']
/** The slowest topic has ten contenders; each is timed for at most a few seconds. */
const TIMEOUT_MS = 120_000

/**
 * `pnpm bench micro [topic…]`: the packages against their peers inside one process. Each round is a new process,
 * as compilers decide differently from one to the next.
 */
export async function microCommand(args: Arguments): Promise<number> {
  const topics = args.names.length === 0 ? TOPICS : args.names
  const unknown = topics.find((topic) => !TOPICS.includes(topic))
  if (unknown !== undefined)
    throw new TypeError(`micro: no topic "${unknown}"; there are ${TOPICS.join(', ')}`)
  if (!existsSync(join(PEERS, 'node_modules/mitata')))
    throw new Error('mitata is not installed: pnpm bench:setup')
  const { source, rounds, loadCpu } = args.settings
  buildPackages({ root: REPOSITORY, source })
  const busyBefore = await watchCores(args.settings)
  const rows: (MicroRow & { topic: string })[] = []
  for (let round = 0; round < rounds; round++) {
    for (const topic of topics) {
      progress(`${topic}: round ${round + 1} of ${rounds}`)
      const { stdout } = await run(
        process.execPath,
        [...(source ? ['--conditions=@tsws/source'] : []), join(PEERS, 'micro/run.mjs')],
        {
          // Worker threads need the second core.
          cpu: topic === 'pool' ? `${args.settings.serverCpu},${loadCpu}` : args.settings.serverCpu,
          env: {
            BENCH_MICRO: JSON.stringify({ topic, root: REPOSITORY, source, seconds: args.quick ? 0.2 : 0.6 }),
          },
          timeoutMs: TIMEOUT_MS,
        },
      )
      rows.push(...(JSON.parse(stdout) as MicroRow[]).map((row) => ({ ...row, topic })))
    }
  }
  clearProgress()
  const groups = groupMicro(rows)
  for (const group of groups) console.log(`\n${formatMicro(group)}`)
  const takenAt = new Date().toISOString()
  const result: MicroResult = {
    format: 1,
    takenAt,
    ...describeCommit(),
    rounds,
    machine: describeMachine(busyBefore),
    groups,
  }
  mkdirSync(RESULTS, { recursive: true })
  const file = join(RESULTS, `${args.quick ? QUICK_PREFIX : ''}micro-${stampOf(result)}.json`)
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  console.log(`\n${relative(process.cwd(), file)}`)
  return 0
}
