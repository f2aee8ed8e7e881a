import { readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'

/**
 * Share of the open files that connections leave to everything else (files that are served, logs,
 * listeners, threads); beside it the number that Node itself needs. Without them a full house could
 * not even open the page it is asked for.
 */
const KEPT_SHARE = 0.1
const KEPT_LEAST = 32

/** Connections that a process with so many open files has room for, and the first file number that is kept. */
export function connectionsWithin(openFiles: number): number {
  if (openFiles === Infinity) return Infinity
  return Math.max(1, Math.floor(openFiles - Math.max(KEPT_LEAST, openFiles * KEPT_SHARE)))
}

/** Open files that this process may have (`ulimit -n`); `Infinity` where the system does not say. */
export function openFileLimit(limits = limitsOfProcess()): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? Infinity : Number(soft)
}

/**
 * The number of the open file that a socket is; -1 for other streams. The system gives the lowest that is free,
 * so it tells how many are open in the whole process, by its other servers and threads too.
 */
export function fileNumberOf(stream: Duplex): number {
  const fd = (stream as { _handle?: { fd?: unknown } | null })._handle?.fd
  return typeof fd === 'number' ? fd : -1
}

function limitsOfProcess(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return '' // no /proc: another system than Linux
  }
}
