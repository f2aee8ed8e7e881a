import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  cpuMicroseconds,
  memoryOf,
  parseCore,
  parseMemory,
  parseStat,
  ticksOf,
  treeOf,
} from '../src/procfs.ts'

const LINE =
  '812 (node) S 800 812 800 34816 812 4194304 9000 20 3 0 250 130 7 5 20 0 11 0 99999 1000000 15000 18446744073709551615'

describe('parseStat', () => {
  it('adds user and system time, and keeps that of reaped children apart', () => {
    expect(parseStat(LINE)).toEqual({ pid: 812, parent: 800, ownTicks: 380, reapedTicks: 12 })
  })

  it('counts fields from the last bracket, as a command may hold spaces and brackets', () => {
    expect(parseStat(LINE.replace('(node)', '(a) S 1 (b c)'))).toEqual(parseStat(LINE))
  })

  it('says what it got when the line is cut off', () => {
    expect(() => parseStat('812 (node) S 800')).toThrow('812 (node) S 800')
    expect(() => parseStat('nothing of the kind')).toThrow(SyntaxError)
  })
})

describe('parseMemory', () => {
  it('reads kB of 1024 bytes', () => {
    const status = 'Name:\tnode\nVmHWM:\t   51200 kB\nVmRSS:\t   40960 kB\n'
    expect(parseMemory(status)).toEqual({ rss: 40960 * 1024, peak: 51200 * 1024 })
  })

  it('is nothing for a process that is gone', () => {
    expect(parseMemory('')).toEqual({ rss: 0, peak: 0 })
  })
})

describe('parseCore', () => {
  const STAT =
    'cpu  2 2 2 2 2 2 2 2 0 0\ncpu0 1 2 3 40 5 6 7 8 100 100\ncpu1 9 9 9 9 9 9 9 9 0 0\ncpu10 0 0 0 1 0 0 0 0 0 0\n'

  it('counts waiting for a disk as idle, and guest time (in user time already) not twice', () => {
    expect(parseCore(STAT, 0)).toEqual({ idle: 45, all: 72 })
  })

  it('does not take core 10 for core 1, and says when there is no such core', () => {
    expect(parseCore(STAT, 1).all).toBe(72)
    expect(parseCore(STAT, 10).all).toBe(1)
    expect(() => parseCore(STAT, 2)).toThrow('core 2')
  })
})

describe('treeOf', () => {
  const process = (pid: number, parent: number): ReturnType<typeof parseStat> => ({
    pid,
    parent,
    ownTicks: pid,
    reapedTicks: 1000,
  })

  it('takes children and grandchildren in any order, and nobody else', () => {
    const tree = treeOf(10, [process(12, 11), process(11, 10), process(10, 1), process(13, 2)])
    expect(tree.map(({ pid }) => pid)).toEqual([12, 11, 10])
    expect(ticksOf(tree)).toBe(12 + 11 + 10 + 3 * 1000)
  })

  it('is empty for a process that is gone', () => {
    expect(treeOf(99, [process(1, 0)])).toEqual([])
  })
})

describe.runIf(process.platform === 'linux')('the live /proc, which only Linux has', () => {
  it('counts the time of a child that still runs and of one that has ended', async () => {
    const burn = 'const end = Date.now() + 300; while (Date.now() < end);'
    const program = `
      const { spawnSync } = require('node:child_process')
      spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}])
      process.stdout.write('done')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(child.stdout, 'data')
      // The burner had 300 ms of wall time; on a busy machine it got only some of that as CPU time.
      expect(cpuMicroseconds(child.pid!)).toBeGreaterThan(60_000)
      expect(memoryOf(child.pid!).rss).toBeGreaterThan(10 * 1024 * 1024)
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('refuses to call a vanished process free of cost', () => {
    expect(() => cpuMicroseconds(2 ** 30)).toThrow(/is gone/)
  })
})
