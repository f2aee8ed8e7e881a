import { runCommand, startCommand } from '@tsws/testing'
import type { Command } from '@tsws/testing'
import { existsSync } from 'node:fs'
import { commandLine } from './tsws.ts'

/** util-linux's `script` runs a command on a terminal of its own, and ends as the command does. */
export const hasTerminals: boolean = process.platform === 'linux' && existsSync('/usr/bin/script')

/** Starts `tsws` on a free port, on a terminal. */
export function startOnTerminal(...args: string[]): Command {
  const line = commandLine(...args, '--port', '0').join(' ')
  return startCommand(['script', '-qefc', `exec ${line}`, '/dev/null'])
}

/** To `tsws` itself, and not to what holds its terminal. */
export async function signalOnTerminal(command: Command, signal: NodeJS.Signals): Promise<void> {
  const child = await runCommand(['pgrep', '-P', String(command.process.pid)])
  process.kill(Number(child.stdout), signal)
}
