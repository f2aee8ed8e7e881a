/**
 * An error as plain data. Structured clone keeps only the standard names, message, stack and cause of an
 * error; `code`, the class name and own properties get lost. This keeps them.
 */
export interface ErrorRecord {
  readonly name: string
  readonly className: string
  readonly message: string
  readonly stack: string | undefined
  readonly own: Readonly<Record<string, unknown>>
  readonly cause?: ThrownRecord
  readonly errors?: readonly ThrownRecord[]
}

/** Anything can be thrown: an error travels as a record, all else as it is. */
export type ThrownRecord = { readonly error: ErrorRecord } | { readonly value: unknown }

/** Causes are followed this deep: enough for any real chain, and an end to one that leads to itself. */
const DEEPEST = 8

export function encodeThrown(thrown: unknown, depth = 0): ThrownRecord {
  try {
    return encode(thrown, depth)
  } catch {
    return { error: UNREADABLE } // a getter or a proxy that throws
  }
}

const UNREADABLE: ErrorRecord = {
  name: 'Error',
  className: 'Error',
  message: 'What was thrown cannot be read',
  stack: undefined,
  own: {},
}

function encode(thrown: unknown, depth: number): ThrownRecord {
  if (!(thrown instanceof Error)) return { value: cloneable(thrown) ? thrown : describe(thrown) }
  const own: Record<string, unknown> = {}
  for (const key of Object.keys(thrown)) {
    const value = (thrown as unknown as Record<string, unknown>)[key]
    if (key !== 'cause' && key !== 'errors' && cloneable(value)) own[key] = value
  }
  // `code` may be a getter or not enumerable (DOMException, Node's own errors).
  const code = (thrown as { code?: unknown }).code
  if (typeof code === 'string' || typeof code === 'number') own['code'] = code
  const follow = depth < DEEPEST
  return {
    error: {
      name: String(thrown.name),
      className: thrown.constructor?.name ?? 'Error',
      message: String(thrown.message),
      stack: typeof thrown.stack === 'string' ? thrown.stack : undefined,
      own,
      ...(follow && 'cause' in thrown && { cause: encodeThrown(thrown.cause, depth + 1) }),
      ...(follow &&
        thrown instanceof AggregateError && {
          errors: thrown.errors.map((inner) => encodeThrown(inner, depth + 1)),
        }),
    },
  }
}

export function decodeThrown(thrown: ThrownRecord): unknown {
  if ('value' in thrown) return thrown.value
  const { name, className, message, stack, own, cause, errors } = thrown.error
  const error = bareError(classNamed(className))
  hide(error, 'message', message)
  hide(error, 'stack', stack ?? `${name}: ${message}`)
  if (error.name !== name) hide(error, 'name', name)
  for (const [key, value] of Object.entries(own)) {
    Object.defineProperty(error, key, { value, enumerable: true, writable: true, configurable: true })
  }
  if (cause) hide(error, 'cause', decodeThrown(cause))
  if (errors) hide(error, 'errors', errors.map(decodeThrown))
  return error
}

const STANDARD: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** Classes made up for names this side does not have, so that `error.constructor.name` is kept. Bounded. */
const madeUp = new Map<string, ErrorConstructor>()
const MOST_MADE_UP = 256

function classNamed(name: string): ErrorConstructor {
  const known = STANDARD[name] ?? madeUp.get(name)
  if (known) return known
  if (name === 'AggregateError') return AggregateError as unknown as ErrorConstructor
  const made = { [name]: class extends Error {} }[name] as unknown as ErrorConstructor
  if (madeUp.size < MOST_MADE_UP) madeUp.set(name, made)
  return made
}

/** A real error (`Error.isError`) of the class, without running its constructor or taking a stack. */
function bareError(type: ErrorConstructor): Error {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0 // the thread's own stack is what counts
  const error = new Error()
  Error.stackTraceLimit = limit
  return Object.setPrototypeOf(error, type.prototype) as Error
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, writable: true, configurable: true })
}

function cloneable(value: unknown): boolean {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function'))
    return typeof value !== 'symbol'
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

function describe(value: unknown): string {
  return typeof value === 'symbol' ? value.toString() : Object.prototype.toString.call(value)
}
