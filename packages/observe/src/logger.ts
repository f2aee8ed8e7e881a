import type { Level, Logger } from 'pino'
import { lazyLogger, loadPino } from './lazy-logger.ts'
import { LogDestination } from './log-destination.ts'
import type { LogDestinationOptions } from './log-destination.ts'
import type { LogTarget } from './log-sink.ts'

export interface LoggerOptions extends LogDestinationOptions {
  /** `json`: one object a line; `pretty`: for people, needs `prettify`; `off`: nothing. @default 'json' */
  format?: 'json' | 'pretty' | 'off'
  /** A file descriptor, a path, or a stream. @default 1 (standard output) */
  destination?: LogTarget
  /** The lowest level that is written. @default 'info' */
  level?: Level
  /** Turns a JSON line into what people read: `prettyFactory(options)` of pino-pretty is one. */
  prettify?: (line: string) => string
  /** Fields of every line. @default none: no pid, no host name */
  bindings?: Readonly<Record<string, unknown>>
}

export interface Log {
  /** pino's logger. */
  readonly logger: Logger
  /** Lines that the destination did not take. */
  readonly lostLines: number
  /** Resolves when everything written so far has gone out or is lost. */
  flush(): Promise<void>
  /** Writes what is left, for at most a second; later lines are dropped. */
  close(): Promise<void>
}

/**
 * A pino logger whose destination never blocks the process and never ends it: a full disk, a
 * closed pipe and a reader that has stopped cost lines, which are counted, and nothing else.
 *
 * @throws {TypeError} for an unknown format, or `pretty` without `prettify`
 * @throws {Error} when the path cannot be opened for writing
 */
export function createLogger(options: LoggerOptions = {}): Log {
  const { format = 'json', destination: target = 1, level = 'info', prettify, bindings = {} } = options
  if (format === 'off') return OFF
  if (format !== 'json' && format !== 'pretty') {
    throw new TypeError(
      `createLogger: format must be 'json', 'pretty' or 'off', got ${JSON.stringify(format)}`,
    )
  }
  if (format === 'pretty' && prettify === undefined) {
    throw new TypeError(
      "createLogger: format 'pretty' needs prettify, for example prettyFactory() of pino-pretty",
    )
  }
  const destination = new LogDestination(target, options)
  const write = (line: string): void => destination.write(line)
  const writer = prettify === undefined || format === 'json' ? write : prettyWriter(write, prettify)
  const logger = lazyLogger(level, () => loadPino()({ level, base: { ...bindings } }, { write: writer }))
  rawLogs.set(logger, { write: writer, bindings: JSON.stringify(bindings).slice(1, -1) })
  return {
    logger,
    get lostLines() {
      return destination.lostLines
    },
    flush: () => destination.flush(),
    close: () => destination.close(),
  }
}

function prettyWriter(
  write: (line: string) => void,
  prettify: (line: string) => string,
): (line: string) => void {
  return (line) => {
    let text: string
    try {
      text = prettify(line)
    } catch {
      text = line // better plain than lost
    }
    write(text)
  }
}

let offLogger: Logger | undefined
const OFF: Log = Object.freeze({
  get logger() {
    return (offLogger ??= loadPino()({ enabled: false }, { write: () => {} }))
  },
  lostLines: 0,
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
})

/** Where whole lines can be written that look as this logger would write them. */
export interface RawLog {
  write(line: string): void
  /** The bindings as JSON members, without braces. */
  readonly bindings: string
}

const rawLogs = new WeakMap<Logger, RawLog>()

/** For a logger made by `createLogger`; not for its children, nor for any other. */
export function rawLogOf(logger: Logger): RawLog | null {
  return rawLogs.get(logger) ?? null
}
