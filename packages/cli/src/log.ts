import { writeSync } from 'node:fs'
import { createLogger } from '@tsws/observe'
import type { Log } from '@tsws/observe'
import type { LogFormat } from './arguments.ts'

export interface CommandLog {
  /** null with `--log off`: then nothing is called per request. */
  readonly logger: Log['logger'] | null
  /** An error that belongs to no request. It is never silent: with `--log off` it goes to standard error. */
  report(error: unknown, origin: string): void
  warn(message: string): void
  /** Writes what is left. */
  close(): Promise<void>
}

/** The log on standard output. pino-pretty is loaded only where people read it. */
export async function openLog(format: LogFormat): Promise<CommandLog> {
  if (format === 'off') {
    return {
      logger: null,
      report: (error, origin) => void writeSync(2, `tsws: ${origin}: ${stackOf(error)}\n`),
      warn: (message) => void writeSync(2, `tsws: ${message}\n`),
      close: () => Promise.resolve(),
    }
  }
  const log = format === 'json' ? createLogger() : createLogger({ format, prettify: await makePrettify() })
  return {
    logger: log.logger,
    report: (error, origin) => log.logger.error({ err: error }, origin),
    warn: (message) => log.logger.warn(message),
    close: () => log.close(),
  }
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

const SHOWN_IN_MESSAGE = 'requestId,method,path,status,durationMs,bytes,remoteAddress,connection'

async function makePrettify(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY,
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

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
