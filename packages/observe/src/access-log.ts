import { isHttpError } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import type { Logger } from 'pino'
import { accessEntry, accessLine } from './access-line.ts'
import { rawLogOf } from './logger.ts'
import type { Observer, ResponseSummary } from './observer.ts'

export interface AccessLogOptions {
  /** Log the query too. It often carries tokens and search terms. @default false */
  query?: boolean
  /** Answers that are not logged, such as those of a health check. @default none */
  skip?: (summary: ResponseSummary) => boolean
}

/**
 * One line for every answer, also for bytes that were no request, and one for every failure.
 * Answers with 500 and above are logged at level `error`, the others at `info`; what a client
 * caused by going away or by a bad request is a failure at level `debug`.
 *
 * With a logger that is off, the observer has no methods and the server calls nothing.
 */
export function accessLog(logger: Logger, options: AccessLogOptions = {}): Observer {
  if (!logger.isLevelEnabled('error')) return {}
  return {
    onResponse: responseWriter(logger, options),
    onError(error, request, connection) {
      const level = isClients(error) ? 'debug' : 'error'
      if (!logger.isLevelEnabled(level)) return
      const facts = { ...requestFacts(request), connection: connection.id }
      try {
        logger[level]({
          ...facts,
          err: error instanceof Error ? error : new TypeError(`thrown: ${String(error)}`),
        })
      } catch {
        // Whatever was thrown has a getter or a toString that throws in turn.
        logger[level](facts, 'an error that cannot be shown')
      }
    },
  }
}

function responseWriter(logger: Logger, options: AccessLogOptions): (summary: ResponseSummary) => void {
  const { query = false, skip } = options
  const raw = rawLogOf(logger)
  const { info, error } = logger.levels.values as { info: number; error: number }
  return (summary) => {
    if (skip?.(summary)) return
    const failed = summary.status >= 500
    const level = failed ? error : info
    if (logger.levelVal > level) return
    const entry = accessEntry(summary, query)
    const message = summary.request === null ? 'bad request' : 'request'
    if (raw !== null) raw.write(accessLine(entry, level, Date.now(), raw.bindings, message))
    else if (failed) logger.error(entry, message)
    else logger.info(entry, message)
  }
}

/** What ends a connection from the other side (libuv), or says that it has ended (the contract). */
const CLIENT_CODES = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_CLIENT_GONE'])

function isClients(error: unknown): boolean {
  if (isHttpError(error)) return error.status < 500
  return error instanceof Error && CLIENT_CODES.has((error as NodeJS.ErrnoException).code ?? '')
}

function requestFacts(request: HttpRequest | null): Record<string, string> {
  return request === null ? {} : { requestId: request.id, method: request.method, path: request.pathname }
}
