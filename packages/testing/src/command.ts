import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'

/** Milliseconds a command has to say the line that is waited for. */
const LINE_TIMEOUT = 15_000

export interface CommandOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  /** A file descriptor that takes the place of a stream's pipe: `/dev/full`, say. */
  stdout?: number
  stderr?: number
}

export interface CommandEnd {
  /** null when a signal ended it. */
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Starts a command; `arguments[0]` is the program. What it writes is kept. */
export function startCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Command {
  const [program, ...rest] = command
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.stdout ?? 'pipe', options.stderr ?? 'pipe'],
  })
  return new Command(child)
}

/** Runs a command to its end. */
export function runCommand(
  command: readonly [string, ...string[]],
  options?: CommandOptions,
): Promise<CommandEnd> {
  return startCommand(command, options).end
}

/** A running command and what it has written so far. */
export class Command implements AsyncDisposable {
  readonly process: ChildProcess
  /** Resolves when it has ended and all its output is here; rejects when it could not be started. */
  readonly end: Promise<CommandEnd>
  stdout = ''
  stderr = ''
  readonly #waiting = new Set<() => void>()
  #ended = false

  constructor(child: ChildProcess) {
    this.process = child
    this.#collect(child.stdout, (text) => (this.stdout += text))
    this.#collect(child.stderr, (text) => (this.stderr += text))
    this.end = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        this.#ended = true
        this.#wake()
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
      })
    })
    this.end.catch(() => {}) // who starts it may look at `end` later
  }

  /** The first line of that stream that matches. @throws when the command ends or 15 s pass without it */
  async line(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    const find = (): string | undefined =>
      this[stream]
        .split('\n')
        .slice(0, -1)
        .find((line) => pattern.test(line))
    const deadline = Date.now() + LINE_TIMEOUT
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (this.#ended || Date.now() >= deadline) {
        throw new Error(
          `no line ${String(pattern)} in ${stream}\n--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`,
        )
      }
      await this.#changed(deadline - Date.now())
    }
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name)
  }

  /** Ends it at once, if it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.process.kill('SIGKILL')
    await this.end.catch(() => {})
  }

  #collect(stream: Readable | null, add: (text: string) => void): void {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      add(text)
      this.#wake()
    })
  }

  #wake(): void {
    for (const check of this.#waiting) check()
  }

  #changed(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, timeout)
      this.#waiting.add(done)
    })
  }
}
