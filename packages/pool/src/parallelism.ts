import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Reads a file as text, or answers undefined when there is none. Given to the function so that it can be tested. */
export type ReadText = (path: string) => string | undefined

/**
 * How many threads can really run at once: what the scheduler allows this process (CPU affinity), and not
 * more than the CPU quota of its cgroup, as containers set it (`docker run --cpus 2`).
 * @returns a whole number, at least 1
 */
export function usableParallelism(
  readText: ReadText = readTextFile,
  scheduled = availableParallelism(),
): number {
  return Math.max(1, Math.floor(Math.min(scheduled, cgroupQuota(readText))))
}

/**
 * The tightest CPU quota, in CPUs, of this process's cgroup and the groups above it; Infinity without one.
 * cgroup v2: `cpu.max` holds "quota period" or "max period"; v1: two files (kernel docs: cgroup-v2.rst,
 * sched-bwc.rst).
 */
export function cgroupQuota(readText: ReadText): number {
  let tightest = Infinity
  for (const line of (readText('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    const version2 = controllers === ''
    if (!version2 && !controllers.split(',').includes('cpu')) continue
    const root = version2 ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${controllers}`
    const read = version2 ? quotaVersion2 : quotaVersion1
    for (const folder of withAncestors(path)) tightest = Math.min(tightest, read(root + folder, readText))
  }
  return tightest
}

function quotaVersion2(folder: string, readText: ReadText): number {
  const [quota, period] = (readText(`${folder}/cpu.max`) ?? '').trim().split(' ').map(Number)
  return ratio(quota, period)
}

function quotaVersion1(folder: string, readText: ReadText): number {
  const number = (name: string): number => Number(readText(`${folder}/${name}`) ?? Number.NaN)
  return ratio(number('cpu.cfs_quota_us'), number('cpu.cfs_period_us'))
}

/** "max" reads as NaN and "no quota" in v1 as -1: both mean no limit. */
function ratio(quota: number | undefined, period: number | undefined): number {
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : Infinity
}

function withAncestors(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return Array.from({ length: parts.length + 1 }, (_, up) =>
    parts
      .slice(0, parts.length - up)
      .map((part) => `/${part}`)
      .join(''),
  )
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not Linux, or no such controller: no quota to heed
  }
}
