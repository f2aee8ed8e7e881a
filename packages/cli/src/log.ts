import { inspect } from 'node:util'
import { isHttpError } from '@tsws/http'
import { createLogger } from '@tsws/observe'
import type { Log, LogTarget, Observer } from '@tsws/observe'
import type { LogFormat } from './arguments.ts'
import { writeNow } from './write-now.ts'

export interface CommandLog {
  /** The access log and failures; null with `--log off`. */
  readonly logger: Log['logger'] | null
  /** With `--log off`, what tells failures all the same; otherwise null. */
  readonly observer: Observer | null
  /** An error that belongs to no request. */
  report(error: unknown, origin: string): void
  warn(message: string): void
  info(message: string): void
  /** Writes what is left. */
  close(): Promise<void>
}

export interface LogOptions {
  /** @default 1, standard output */
  destination?: LogTarget
  /** Whether lines for people are coloured. @default false */
  colour?: boolean
  /** The thread that writes: a field of its lines. @default none */
  thread?: number
}

/** pino-pretty is loaded only where people read the log. */
export async function openLog(format: LogFormat, options: LogOptions = {}): Promise<CommandLog> {
  if (format === 'off') return failuresOnly
  const { destination = 1, colour = false, thread } = options
  const bindings = thread === undefined ? {} : { thread }
  const log =
    format === 'json'
      ? createLogger({ destination, bindings })
      : createLogger({ format, destination, bindings, prettify: await makePrettify(colour) })
  return {
    logger: log.logger,
    observer: null,
    report(error, origin) {
      try {
        log.logger.error({ err: error }, origin)
      } catch {
        // Whatever was thrown has a getter or a toString that throws in turn.
        log.logger.error(`${origin}: an error that cannot be shown`)
      }
    },
    warn: (message) => log.logger.warn(message),
    info: (message) => log.logger.info(message),
    close: () => log.close(),
  }
}

/** No line for a request, but an error in somebody's code is never silent: it goes to standard error. */
const failuresOnly: CommandLog = {
  logger: null,
  observer: {
    onError(error, request) {
      if (isHttpError(error) && error.status < 500) return // the client's
      const about = request === null ? '' : `${request.method} ${request.pathname} (request ${request.id}): `
      writeNow(2, `tsws: ${about}${inspect(error)}\n`)
    },
  },
  report: (error, origin) => writeNow(2, `tsws: ${origin}: ${inspect(error)}\n`),
  warn: (message) => writeNow(2, `tsws: ${message}\n`),
  info: () => {},
  close: () => Promise.resolve(),
}

/** The fields that a line of the access log or of a failed request may have; `peopleRead` shows them. */
interface LogFields {
  requestId?: string
  method?: string | null
  path?: string | null
  status?: number
  durationMs?: number
  bytes?: number
  remoteAddress?: string
}

const SHOWN_IN_MESSAGE = 'requestId,method,path,status,durationMs,bytes,remoteAddress,connection,thread'

async function makePrettify(colour: boolean): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: colour,
    ignore: SHOWN_IN_MESSAGE,
    messageFormat: (log, key) => peopleRead(log as LogFields, String(log[key])),
    translateTime: 'SYS:HH:MM:ss',
    singleLine: true,
  })
  return (line) => pretty(line)
}

/** One request in the order in which people look for things: what, how it went, how much, how long, who. */
export function peopleRead(log: LogFields, message: string): string {
  const what = log.path === undefined || log.path === null ? message : `${log.method} ${log.path}`
  if (log.status !== undefined) {
    return `${what} ${log.status} ${log.bytes} B ${log.durationMs} ms ${log.remoteAddress ?? ''}`.trimEnd()
  }
  return log.requestId === undefined ? message : `${what} (request ${log.requestId}): ${message}`
}
