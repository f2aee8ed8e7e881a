import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'
import { cgroupQuota, usableParallelism } from '../src/parallelism.ts'

const files = (content: Record<string, string>) => (path: string) => content[path]

describe('usable parallelism', () => {
  it('is what the scheduler allows when there is no quota', () => {
    expect(usableParallelism(files({}), 6)).toBe(6)
    expect(
      usableParallelism(
        files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }),
        6,
      ),
    ).toBe(6)
  })

  it('is no more than the cgroup v2 quota, rounded down but never 0', () => {
    const quota = (max: string) =>
      files({ '/proc/self/cgroup': '0::/app\n', '/sys/fs/cgroup/app/cpu.max': max })
    expect(usableParallelism(quota('250000 100000\n'), 8)).toBe(2)
    expect(usableParallelism(quota('50000 100000\n'), 8)).toBe(1)
  })

  it('heeds the tightest quota of the groups above', () => {
    const tree = files({
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/cpu.max': '800000 100000',
      '/sys/fs/cgroup/a/cpu.max': '300000 100000',
    })
    expect(cgroupQuota(tree)).toBe(3)
  })

  it('reads cgroup v1, where -1 is no quota', () => {
    const v1 = (quota: string) =>
      files({
        '/proc/self/cgroup': '5:memory:/x\n4:cpu,cpuacct:/x\n',
        '/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us': quota,
        '/sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us': '100000',
      })
    expect(cgroupQuota(v1('200000'))).toBe(2)
    expect(cgroupQuota(v1('-1'))).toBe(Infinity)
  })

  it('on this machine is a whole number from 1 to what the scheduler allows', () => {
    const here = usableParallelism()
    expect(Number.isInteger(here) && here >= 1 && here <= availableParallelism()).toBe(true)
  })
})
