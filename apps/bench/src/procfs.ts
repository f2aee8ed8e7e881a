import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What `/proc/PID/stat` says that we need. CPU times in clock ticks. */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** utime + stime: all threads, also the ended ones. */
  readonly ownTicks: number
  /** cutime + cstime: children that ended and were waited for. */
  readonly reapedTicks: number
}

/** Memory of a process tree, bytes. */
export interface Memory {
  readonly rss: number
  readonly peak: number
}

/**
 * Reads one line of `/proc/PID/stat` (proc_pid_stat(5)).
 * The command stands in brackets and may itself hold spaces and brackets: fields are counted from the last `)`.
 */
export function parseStat(line: string): ProcessStat {
  const close = line.lastIndexOf(')')
  const pid = Number.parseInt(line, 10)
  const fields = line.slice(close + 2).split(' ') // fields[0] is field 3 of the manual, the state
  const [parent, utime, stime, cutime, cstime] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]))
  const sum = pid + parent! + utime! + stime! + cutime! + cstime!
  if (close < 0 || !Number.isFinite(sum)) throw new SyntaxError(`/proc/PID/stat: not as expected: ${line}`)
  return { pid, parent: parent!, ownTicks: utime! + stime!, reapedTicks: cutime! + cstime! }
}

/** Reads VmRSS and VmHWM (the high-water mark) out of `/proc/PID/status`, which gives kB of 1024 bytes. */
export function parseMemory(status: string): Memory {
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
  return { rss: kib('VmRSS') * 1024, peak: kib('VmHWM') * 1024 }
}

/** `root` and everything below it, out of any list of processes. */
export function treeOf(root: number, processes: readonly ProcessStat[]): ProcessStat[] {
  const wanted = new Set([root])
  for (let size = 0; size !== wanted.size;) {
    size = wanted.size
    for (const { pid, parent } of processes) if (wanted.has(parent)) wanted.add(pid)
  }
  return processes.filter(({ pid }) => wanted.has(pid))
}

/** Clock ticks of a tree: each living process's own, and what it collected from its dead children. */
export function ticksOf(tree: readonly ProcessStat[]): number {
  return tree.reduce((sum, { ownTicks, reapedTicks }) => sum + ownTicks + reapedTicks, 0)
}

/** Linux fixes USER_HZ, the unit of these fields, at 100 for user space on every architecture we run on. */
export const TICKS_PER_SECOND = 100

/** User + system time that the tree below `root` has used so far, microseconds. 10 ms is its grain. */
export function cpuMicroseconds(root: number): number {
  const tree = treeOf(root, everyProcess())
  if (tree.length === 0) throw new Error(`process ${root} is gone: its CPU time cannot be read`)
  return (ticksOf(tree) / TICKS_PER_SECOND) * 1e6
}

/** What share of its time a core has been idle since it was switched on: (idle + iowait) and all, ticks. */
export function parseCore(stat: string, core: number): { idle: number; all: number } {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(stat)?.[1]
  if (line === undefined) throw new SyntaxError(`/proc/stat: no line for core ${core}`)
  const ticks = line.trim().split(/\s+/).map(Number)
  return { idle: ticks[3]! + ticks[4]!, all: ticks.slice(0, 8).reduce((sum, value) => sum + value, 0) }
}

/** How busy a core is right now with whatever, 0–1, watched for `ms`. */
export async function busyShare(core: number, ms: number): Promise<number> {
  const read = (): { idle: number; all: number } => parseCore(readFileSync('/proc/stat', 'utf8'), core)
  const before = read()
  await sleep(ms)
  const after = read()
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all)
}

/** Memory of the tree below `root`: the sum over its processes (shared pages count in each of them). */
export function memoryOf(root: number): Memory {
  let rss = 0
  let peak = 0
  for (const { pid } of treeOf(root, everyProcess())) {
    const memory = parseMemory(readOrEmpty(`/proc/${pid}/status`))
    rss += memory.rss
    peak += memory.peak
  }
  return { rss, peak }
}

function everyProcess(): ProcessStat[] {
  const found: ProcessStat[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = readOrEmpty(`/proc/${name}/stat`)
    if (line !== '') found.push(parseStat(line))
  }
  return found
}

/** A process may end between the listing and the reading: then there is nothing to read. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
