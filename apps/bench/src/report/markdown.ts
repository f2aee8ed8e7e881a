import { FIGURES, formatFigure } from '../figures.ts'
import { microTable } from '../micro.ts'
import { figureOf } from '../result.ts'
import type { MicroResult, Result, ScenarioResult } from '../result.ts'
import { tableOf } from './table.ts'

const START = '<!-- bench:start -->'
const END = '<!-- bench:end -->'

/**
 * Puts `content` between the markers; null when the text has no such pair.
 */
export function betweenMarkers(text: string, content: string): string | null {
  const start = text.indexOf(START)
  const end = text.indexOf(END, start)
  if (start < 0 || end < 0) return null
  return `${text.slice(0, start + START.length)}\n\n${content.trim()}\n\n${text.slice(end)}`
}

/** One table for the README: a row a scenario, a column a server, the main figure of each. */
export function summary(result: Result): string {
  const names = [...new Set(result.scenarios.flatMap(({ rows }) => rows.map(({ peer }) => peer)))]
  const lines = [
    row(['', ...names]),
    row(['---', ...names.map(() => '---:')]),
    ...result.scenarios.map((scenario) => summaryRow(scenario, names)),
  ]
  return `${lines.join('\n')}\n\n${conditions(result)}`
}

function summaryRow(scenario: ScenarioResult, names: readonly string[]): string {
  const { label, unit, better } = FIGURES[scenario.main]
  const values = names.map((name) => {
    const found = scenario.rows.find(({ peer }) => peer === name)
    return found ? (figureOf(found, scenario.main)?.median ?? null) : null
  })
  const present = values.filter((value) => value !== null)
  const best = better === 'higher' ? Math.max(...present) : Math.min(...present)
  const cells = values.map((value) => {
    if (value === null) return '–'
    const text = formatFigure(scenario.main, value)
    return value === best ? `**${text}**` : text
  })
  return row([`${scenario.title} (${label}${unit === '' ? '' : `, ${unit}`})`, ...cells])
}

/** Everything, for docs/bench.md: each scenario with its chart, its table and who is not in it. */
export function details(result: Result, chartFolder: string | null): string {
  const parts = result.scenarios.map((scenario) => {
    const { columns, rows } = tableOf(scenario)
    const left = scenario.left.map(
      ({ peer, reason, failed }) => `${peer} (${failed ? 'FAILED: ' : ''}${reason.split('\n')[0]})`,
    )
    return [
      `### ${scenario.title}`,
      ...(chartFolder === null || scenario.rows.length === 0
        ? []
        : [`![${scenario.title}](${chartFolder}/${scenario.name}.svg)`]),
      [row(columns), row(['---', ...columns.slice(1).map(() => '---:')]), ...rows.map(row)].join('\n'),
      ...(left.length === 0 ? [] : [`Not in it: ${left.join('; ')}.`]),
    ].join('\n\n')
  })
  return [conditions(result), ...parts].join('\n\n')
}

/** The micro-benchmarks, for docs/bench.md. */
export function microDetails({ groups, rounds, commit, takenAt }: MicroResult): string {
  const parts = groups.map((group) => {
    const { columns, rows } = microTable(group)
    const table = [row(columns), row(['---', ...columns.slice(1).map(() => '---:')]), ...rows.map(row)].join(
      '\n',
    )
    return [
      `### In one process: ${group.group}`,
      table,
      ...(group.note === undefined ? [] : [`(${group.note})`]),
    ].join('\n\n')
  })
  const when = `Micro-benchmarks of ${takenAt.slice(0, 10)} at commit \`${commit.slice(0, 8)}\`, ${rounds} processes each.`
  return [...parts, when].join('\n\n')
}

/** Without these a figure means nothing. */
export function conditions({ machine, versions, settings, commit, dirty, takenAt }: Result): string {
  const named = Object.entries(versions).filter(([, version]) => version !== 'this checkout')
  return [
    `Measured ${takenAt.slice(0, 10)} at commit \`${commit.slice(0, 8)}\`${dirty ? ' (with changes not committed)' : ''}:`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, load from ${machine.loadGenerator};`,
    `${settings.rounds} interleaved rounds of ${settings.durationMs / 1000} s, medians.`,
    ...(machine.busyBefore > 0.1
      ? [`The machine was ${Math.round(machine.busyBefore * 100)} % busy with something else.`]
      : []),
    `${named.map(([name, version]) => `${name} ${version}`).join(', ')}.`,
  ].join(' ')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}
