import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../processes.ts'
import { percentile } from '../statistics.ts'
import { removeTemporaryFolder, temporaryFolder } from '../temporary.ts'
import type { LoadResult } from './load.ts'

export interface H2loadOptions {
  readonly port: number
  readonly path: string
  readonly connections: number
  /** Requests in flight on each connection. */
  readonly streams: number
  readonly durationMs: number
  readonly cpu: string
}

/** Drives one HTTP/2 server without TLS (prior knowledge, RFC 9113 §3.3). */
export async function h2load(options: H2loadOptions): Promise<LoadResult> {
  const folder = temporaryFolder()
  const log = join(folder, 'requests.tsv')
  const seconds = Math.max(1, Math.round(options.durationMs / 1000))
  try {
    const { stdout } = await run(
      'h2load',
      [
        '-t1',
        `-c${options.connections}`,
        `-m${options.streams}`,
        `-D${seconds}`,
        `--log-file=${log}`,
        `http://127.0.0.1:${options.port}${options.path}`,
      ],
      { cpu: options.cpu, timeoutMs: seconds * 1000 + 20_000 },
    )
    return {
      ...parseH2load(stdout),
      durationMs: seconds * 1000,
      latency: latencyOf(readFileSync(log, 'utf8')),
    }
  } finally {
    removeTemporaryFolder(folder)
  }
}

/**
 * The counts of what h2load prints. Requests still in flight at the end are neither done nor failed.
 * @throws {SyntaxError} when the lines are not there
 */
export function parseH2load(stdout: string): Pick<LoadResult, 'requests' | 'bytes' | 'errors'> {
  const requests =
    /requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/.exec(
      stdout,
    )
  const statuses = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(stdout)
  const traffic = /traffic: \S+ \((\d+)\) total/.exec(stdout)
  if (!requests || !statuses || !traffic)
    throw new SyntaxError(`h2load: unexpected output: ${stdout.slice(0, 500)}`)
  const [, done, , failed, errored, timeout] = requests.map(Number)
  const [, , , clientError, serverError] = statuses.map(Number)
  const status = clientError! + serverError!
  // h2load counts an answer of 400 and above as failed too: once is enough.
  return {
    requests: done!,
    bytes: Number(traffic[1]),
    errors: { transport: Math.max(0, failed! - status) + errored! + timeout!, status },
  }
}

/** Percentiles from the log: start, status, microseconds, tab-separated. */
export function latencyOf(log: string): LoadResult['latency'] {
  const rows = log.split('\n')
  const durations = new Float64Array(rows.length)
  let count = 0
  for (const row of rows) {
    if (row !== '') durations[count++] = Number(row.slice(row.lastIndexOf('\t') + 1))
  }
  const sorted = durations.subarray(0, count).toSorted()
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), p999: percentile(sorted, 0.999) }
}
