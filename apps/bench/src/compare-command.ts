import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Arguments } from './arguments.ts'
import { buildPackages } from './build.ts'
import { compareRows, formatComparison, fromCheckout } from './compare.ts'
import { makeFixtures } from './fixtures.ts'
import { watchCores } from './machine.ts'
import { peersNamed } from './peers.ts'
import { clearProgress, progress } from './progress.ts'
import { formatTable, tableOf } from './report/table.ts'
import { runScenario } from './run.ts'
import { scenariosNamed } from './scenarios/all.ts'
import { REPOSITORY } from './settings.ts'
import { temporaryFolder } from './temporary.ts'

/** What a change to the hot path shows in first. */
const DEFAULT_SCENARIOS = ['hello', 'pipelined', 'file-1k']

/**
 * `pnpm bench compare REV [scenario…]`: REV against the files as they are here, interleaved in one run;
 * `OLD..NEW` compares two revisions.
 * @returns 1 when something got slower beyond the noise, or failed
 */
export async function compareCommand(args: Arguments): Promise<number> {
  const [revision, ...names] = args.names
  if (revision === undefined)
    throw new TypeError('compare: expected a revision, as in: pnpm bench compare main')
  const scenarios = scenariosNamed(names.length === 0 ? DEFAULT_SCENARIOS : names)
  const peers = peersNamed(args.peers ?? ['tsws'])
  const { source } = args.settings
  const [oldName, newName = ''] = revision.split('..') as [string, string?]
  const old = { root: checkOut(oldName, source), source }
  const recent = { root: newName === '' ? REPOSITORY : checkOut(newName, source), source }
  buildPackages(old)
  buildPackages(recent)
  await watchCores(args.settings)
  const fixtures = makeFixtures()
  let worst = 0
  for (const scenario of scenarios) {
    for (const peer of peers) {
      const [before, after] = [
        fromCheckout(peer, old, oldName),
        fromCheckout(peer, recent, newName || 'here'),
      ]
      const bench = { settings: args.settings, fixtures, tsws: recent }
      const result = await runScenario(bench, scenario, [before, after], {
        baseline: before.name,
        log: progress,
      })
      clearProgress()
      console.log(`\n${scenario.name}: ${scenario.title}`)
      for (const { peer, reason, failed } of result.left) {
        console.log(`  ${failed ? 'FAILED' : 'absent'}  ${peer}: ${reason}`)
        if (failed) worst = 1
      }
      if (result.rows.length < 2) continue
      console.log(formatTable(tableOf(result)))
      const comparison = compareRows(result, before.name, after.name)
      console.log(`${after.name} against ${oldName}: ${formatComparison(comparison)}`)
      if (comparison.verdict === 'slower') worst = 1
    }
  }
  return worst
}

/** A worktree of the revision in a temporary folder, with its dependencies. Removed when this program ends. */
function checkOut(revision: string, source: boolean): string {
  const folder = temporaryFolder()
  const tree = join(folder, 'tsws')
  // First of all exit handlers: git has to find the folder that another one removes.
  process.prependOnceListener('exit', () => {
    try {
      git('worktree', 'remove', '--force', tree)
    } catch {
      // It was never added, or is gone: the folder goes anyway, and `git worktree prune` forgets the rest.
    }
  })
  try {
    git('worktree', 'add', '--detach', tree, revision)
  } catch (error) {
    throw new TypeError(`compare: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`, {
      cause: error,
    })
  }
  const flags = ['--frozen-lockfile', '--prefer-offline', ...(source ? ['--ignore-scripts'] : [])]
  execFileSync('pnpm', ['install', ...flags], { cwd: tree, stdio: ['ignore', 'ignore', 'inherit'] })
  return tree
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: REPOSITORY, stdio: ['ignore', 'ignore', 'pipe'] })
}
