import { spawn } from 'node:child_process'
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasProgram } from './programs.ts'

/** A server gets this long to end after SIGTERM before it is killed. */
const TERM_GRACE_MS = 500

/** What a process may print before we stop keeping it: enough for any error, no leak over a long run. */
const OUTPUT_LIMIT = 256 * 1024

let niceness = 0

/** Of every process started from here on; below 0 needs to be root. */
export function setNiceness(value: number): void {
  niceness = value
}

/** Every child that still runs: whatever happens to us, none of them outlives us. */
const running = new Set<ChildProcess>()

export interface SpawnOptions {
  /** The cores that the process may use, as taskset lists them: `0`, `0,1`, `0-3`. */
  readonly cpu: string
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
}

export interface PinnedProcess {
  readonly pid: number
  /** What it has printed so far, both streams. */
  output(): string
  /** True once it has ended. */
  ended(): boolean
  /** Ends it and everything it started, and waits for that. */
  stop(): Promise<void>
}

/** Starts a program on the given cores, in a process group of its own. */
export function startPinned(command: string, args: readonly string[], options: SpawnOptions): PinnedProcess {
  const child = spawnPinned(command, args, options)
  let output = ''
  const keep = (chunk: Buffer): void => {
    if (output.length < OUTPUT_LIMIT) output += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(`${command}: ${error.message}\n`)))
  const exit = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })
  return {
    pid: child.pid ?? -1,
    output: () => output,
    ended: () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined,
    async stop() {
      signal(child, 'SIGTERM')
      await Promise.race([exit, sleep(TERM_GRACE_MS)])
      signal(child, 'SIGKILL')
      await exit
    },
  }
}

/**
 * Runs a program to its end.
 * @throws {Error} when it ends with another code than 0 or takes longer than `timeoutMs`
 */
export async function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly timeoutMs: number },
): Promise<{ stdout: string; stderr: string }> {
  const child = spawnPinned(command, args, options)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  let late = false
  const timer = setTimeout(() => {
    late = true
    signal(child, 'SIGKILL')
  }, options.timeoutMs)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (late) throw new Error(`${command} did not end within ${options.timeoutMs} ms`)
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${(stderr || stdout).slice(-2000)}`)
    return { stdout, stderr }
  } finally {
    clearTimeout(timer)
    running.delete(child)
  }
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

/** Ends every child at once. For the exit of this program: nothing asynchronous happens there any more. */
export function killAll(): void {
  for (const child of running) signal(child, 'SIGKILL')
}

/** Ctrl-C, SIGTERM and a crash end the children too. */
export function killAllAtExit(): void {
  process.once('exit', killAll)
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(name, () => process.exit(128 + number))
  }
}

/**
 * The program with its cores and its niceness. nice and taskset exec what follows them: the pid stays.
 * Where there is no taskset (no Linux) the program runs unpinned.
 */
function spawnPinned(
  command: string,
  args: readonly string[],
  { cpu, cwd, env }: SpawnOptions,
): ChildProcessByStdio<null, Readable, Readable> {
  const child = spawn(...pinned(command, args, cpu), {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  running.add(child)
  raisePriority(child)
  return child
}

function pinned(command: string, args: readonly string[], cpu: string): [string, string[]] {
  const words = [command, ...args]
  if (hasProgram('taskset')) words.unshift('taskset', '-c', cpu)
  if (niceness !== 0) words.unshift('nice', '-n', String(niceness))
  return [words[0]!, words.slice(1)]
}

/**
 * Each of our processes is a session of its own, and Linux shares the processor among sessions first (sched(7),
 * autogroup): niceness alone would count only among the threads of one server.
 */
function raisePriority({ pid }: ChildProcess): void {
  if (niceness === 0 || pid === undefined) return
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch {
    // No autogroups in this kernel (then niceness does it), or it has ended already.
  }
}

/** The whole group: nginx's workers and the threads' processes as well. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // It has ended already: that is what was wanted.
  }
}
