import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { hasProgram } from './programs.ts'
import type { Machine } from './result.ts'
import { busyShare } from './procfs.ts'
import { REPOSITORY } from './settings.ts'
import type { Settings } from './settings.ts'

/** How long the cores are watched before a run, ms. */
const WATCH_MS = 500
/** Above this, something else runs on our cores, and says so in the result. */
const QUIET = 0.1

export function describeMachine(busyBefore: number): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryBytes: totalmem(),
    // The number: what follows it names somebody's build of it.
    kernel: `${type()} ${release().split('-')[0]}`,
    busyBefore,
    loadGenerator: hasProgram('wrk') ? 'wrk' : 'autocannon',
  }
}

/** How busy the two cores are before we begin, 0–1; says so where it is more than a little. */
export async function watchCores({ serverCpu, loadCpu }: Settings): Promise<number> {
  const cores = [serverCpu, loadCpu].map((list) => Number.parseInt(list, 10))
  const shares = await Promise.all(cores.map((core) => busyShare(core, WATCH_MS)))
  const busy = Math.max(...shares)
  if (busy > QUIET) {
    console.log(
      `Cores ${cores.join(' and ')} are up to ${Math.round(busy * 100)} % busy with something else: ` +
        'expect wide ranges, longer latencies and dearer requests. --nice -15 (as root) helps.',
    )
  }
  return busy
}

export function describeCommit(): { commit: string; dirty: boolean } {
  try {
    return {
      commit: git('rev-parse', 'HEAD'),
      dirty: git('status', '--porcelain', '--untracked-files=no') !== '',
    }
  } catch {
    return { commit: 'unknown', dirty: true } // a tarball of the sources has no history
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' }).trim()
}
