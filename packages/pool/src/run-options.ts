import type { RunOptions } from './types.ts'

/**
 * Options of one call are looked at before the task is taken: a slip must not be told after it has run.
 * @throws TypeError that names the option, what was expected and what was given
 */
export function checkRunOptions(options: RunOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`Pool: the options must be an object, got ${show(options)}`)
  const { signal, timeout, transfer, overflow } = options as Record<keyof RunOptions, unknown>
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.addEventListener !== 'function')
    throw wrong('signal', 'an AbortSignal', signal)
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0))
    throw wrong('timeout', 'a number of 0 or more', timeout)
  if (transfer !== undefined && !Array.isArray(transfer)) throw wrong('transfer', 'an array', transfer)
  if (overflow !== undefined && !OVERFLOWS.has(overflow))
    throw wrong('overflow', "'wait', 'reject' or 'skip'", overflow)
}

const OVERFLOWS: ReadonlySet<unknown> = new Set(['wait', 'reject', 'skip'])

function wrong(name: string, expected: string, got: unknown): TypeError {
  return new TypeError(`Pool: option '${name}' must be ${expected}, got ${show(got)}`)
}

/** For messages: texts in quotes, everything else as it is written. */
export function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
