import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { hasProgram } from './programs.ts'
import type { Machine } from './result.ts'
import { REPOSITORY } from './settings.ts'

export function describeMachine(): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    loadGenerator: hasProgram('wrk') ? 'wrk' : 'autocannon',
  }
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
