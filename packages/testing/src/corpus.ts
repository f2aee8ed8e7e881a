import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './command.ts'

/** One case of the conformance corpus; its README tells what the fields mean. */
export interface CorpusCase {
  readonly id: string
  readonly category: string
  readonly rfc: string
  readonly level: 'MUST' | 'SHOULD' | 'hardening'
  readonly note: string
  readonly needs?: string | readonly string[]
  readonly vars?: Readonly<
    Record<string, { request: string; header: string; replace?: readonly [string, string] }>
  >
  readonly chunks: readonly unknown[]
  readonly expect: unknown
  readonly tls?: unknown
  readonly plain?: boolean
}

export interface CorpusResult {
  readonly id: string
  /** Present when the case was not run, with the reason. */
  readonly skipped?: string
  readonly ok?: boolean
  /** What did not hold. */
  readonly why?: readonly string[]
}

export interface CorpusReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly results: readonly CorpusResult[]
}

export interface CorpusTarget {
  /** The folder that holds `runner.mjs` and `corpus/`. */
  folder: string
  port: number
  /** Where the cases marked `tls` go; without it they are skipped. */
  tlsPort?: number
  /** All cases over TLS to `port`. */
  tls?: boolean
  /** Milliseconds a case may take. @default the runner's own 2000 */
  timeout?: number
  /** Cases at once. @default the runner's own 4 */
  concurrency?: number
}

/**
 * Every case in a folder of JSON files, sorted by file.
 * @throws when two cases share an id
 */
export function readCorpus(folder: string): CorpusCase[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
  const cases = files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CorpusCase[])
  const seen = new Set<string>()
  for (const { id } of cases) {
    if (seen.has(id)) throw new Error(`the corpus has two cases called ${id}`)
    seen.add(id)
  }
  return cases
}

/** Runs the corpus against a server that listens already, by the corpus's own runner. */
export async function runCorpus(target: CorpusTarget): Promise<CorpusReport> {
  const { folder, port, tlsPort, tls, timeout, concurrency } = target
  const end = await runCommand([
    process.execPath,
    join(folder, 'runner.mjs'),
    '--json',
    '--corpus',
    join(folder, 'corpus'),
    '--port',
    String(port),
    ...(tlsPort === undefined ? [] : ['--tls-port', String(tlsPort)]),
    ...(tls ? ['--tls'] : []),
    ...(timeout === undefined ? [] : ['--timeout', String(timeout)]),
    ...(concurrency === undefined ? [] : ['--concurrency', String(concurrency)]),
  ])
  if (end.code !== 0 && end.code !== 1) throw new Error(`the runner ended with ${end.code}: ${end.stderr}`)
  const report = JSON.parse(end.stdout) as {
    summary: Omit<CorpusReport, 'results'>
    results: CorpusResult[]
  }
  const { passed, failed, skipped } = report.summary
  return { passed, failed, skipped, results: report.results }
}
