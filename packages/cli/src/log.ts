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

interface AccessLine {
  method?: string
  path?: string
  status?: number
  durationMs?: number
  bytes?: number
}

async function makePrettify(): Promise<(line: string) => string> {
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY,
    ignore: 'method,path,status,durationMs,bytes',
    messageFormat: (log, key) => {
      const { method, path, status, durationMs, bytes } = log as AccessLine
      const message = String(log[key])
      return status === undefined
        ? message
        : `${method ?? '-'} ${path ?? message} ${status} ${bytes} B ${durationMs} ms`
    },
    translateTime: 'HH:MM:ss',
    singleLine: true,
  })
  return (line) => pretty(line)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
