import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startCommand } from '@tsws/testing'
import type { Command, CommandOptions } from '@tsws/testing'

/** The top of the workspace. */
export const WORKSPACE: string = join(import.meta.dirname, '../../..')

const BIN = join(WORKSPACE, 'packages/cli/dist/bin.js')

/** The command line of the built command: these tests see what users run, not the sources. */
export function commandLine(...args: string[]): [string, ...string[]] {
  if (!existsSync(BIN)) throw new Error('the command is not built: run `pnpm build` first')
  return [process.execPath, BIN, ...args]
}

export interface Ready {
  event: 'ready'
  url: string
  port: number
  pid: number
  root: string
  version: string
}

/** A running `tsws`. */
export interface Tsws extends AsyncDisposable {
  readonly command: Command
  readonly ready: Ready
  readonly port: number
  /** The access log so far, as JSON, without the ready line. */
  log(): Record<string, unknown>[]
}

/** Starts `tsws` on a free port and waits until it is ready. */
export async function startTsws(args: readonly string[], options?: CommandOptions): Promise<Tsws> {
  const command = startCommand(commandLine('--port', '0', ...args), options)
  try {
    const ready = JSON.parse(await command.line(/"event":"ready"/)) as Ready
    return {
      command,
      ready,
      port: ready.port,
      log: () =>
        command.stdout
          .split('\n')
          .filter((line) => line.startsWith('{') && !line.includes('"event":"ready"'))
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
    }
  } catch (error) {
    await command[Symbol.asyncDispose]()
    throw error
  }
}

/** Waits until it holds, and fails with its last error when it never does. */
export async function eventually(assertion: () => void | Promise<void>, within = 5_000): Promise<void> {
  const deadline = Date.now() + within
  for (;;) {
    try {
      await assertion()
      return
    } catch (error) {
      if (Date.now() >= deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
