import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { chartData, chartPainter } from './report/chart.ts'
import { betweenMarkers, details, microDetails, summary } from './report/markdown.ts'
import { mergeResults, QUICK_PREFIX } from './result.ts'
import type { MicroResult, Result } from './result.ts'
import { REPOSITORY, RESULTS } from './settings.ts'

const CHARTS = 'bench'

/**
 * `pnpm bench report [file…]`: writes tables and charts from results into README.md and docs/. Of several files a
 * later one replaces the scenarios of an earlier one; without a file, the newest of each kind is taken.
 */
export async function reportCommand(files: readonly string[]): Promise<number> {
  const given = files.map((file) => resolve(process.env['INIT_CWD'] ?? '.', file))
  const [micro, runs] = split(given.length === 0 ? newest() : given)
  const result = mergeResults(runs.map((path) => read<Result>(path)))
  const tables = micro.map((path) => microDetails(read<MicroResult>(path)))
  const paint = await chartPainter()
  if (paint === null) console.log('no charts: ECharts is not installed (pnpm bench:setup)')
  const folder = join(REPOSITORY, 'docs', CHARTS)
  mkdirSync(folder, { recursive: true })
  for (const scenario of result.scenarios) {
    if (paint !== null && scenario.rows.length > 0) {
      writeFileSync(join(folder, `${scenario.name}.svg`), paint(chartData(scenario)))
    }
  }
  const written = [
    put('README.md', summary(result)),
    put('docs/bench.md', [details(result, paint === null ? null : CHARTS), ...tables].join('\n\n')),
  ]
  return written.every(Boolean) ? 0 : 1
}

function put(name: string, content: string): boolean {
  const path = join(REPOSITORY, name)
  const text = existsSync(path) ? betweenMarkers(readFileSync(path, 'utf8'), content) : null
  if (text === null) {
    console.error(`${name}: expected <!-- bench:start --> and <!-- bench:end --> in it; left as it is`)
    return false
  }
  writeFileSync(path, text)
  console.log(`${relative(process.cwd(), path)} written`)
  return true
}

/** The newest run, and the newest of the micro-benchmarks if there is one. */
function newest(): string[] {
  const names = existsSync(RESULTS)
    ? readdirSync(RESULTS).filter((name) => name.endsWith('.json') && !name.startsWith(QUICK_PREFIX))
    : []
  const [micro, runs] = split(names.toSorted().map((name) => join(RESULTS, name))) // names begin with the time
  const last = runs.at(-1)
  if (last === undefined) throw new TypeError('report: no results in bench/results; run pnpm bench first')
  return [last, ...micro.slice(-1)]
}

function split(paths: readonly string[]): [micro: string[], runs: string[]] {
  return [paths.filter(isMicro), paths.filter((path) => !isMicro(path))]
}

function isMicro(path: string): boolean {
  return basename(path).startsWith('micro-')
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
