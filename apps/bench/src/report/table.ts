import { FIGURES, formatFigure } from '../figures.ts'
import type { FigureName } from '../figures.ts'
import { figureOf, ratioOf } from '../result.ts'
import type { Row, ScenarioResult } from '../result.ts'

/** Heading and rows of one scenario, best first: what the terminal and Markdown both show. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function tableOf(scenario: ScenarioResult): Table {
  const { main, figures, baseline } = scenario
  const columns = [
    'server',
    heading(main),
    `min–max`,
    `× ${baseline ?? '–'}`,
    'min–max',
    ...figures.map(heading),
  ]
  return { columns, rows: sorted(scenario).map((row) => cells(scenario, row)) }
}

/** Rows by the main figure, the best one first. */
export function sorted(scenario: ScenarioResult): Row[] {
  const sign = FIGURES[scenario.main].better === 'higher' ? -1 : 1
  const value = (row: Row): number => figureOf(row, scenario.main)?.median ?? Infinity
  return scenario.rows.toSorted((a, b) => sign * (value(a) - value(b)))
}

/** The table as lines of text for the terminal. */
export function formatTable({ columns, rows }: Table): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]!.length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ')
  return [line(columns), ...rows.map(line)].join('\n')
}

function cells(scenario: ScenarioResult, row: Row): string[] {
  const main = figureOf(row, scenario.main)
  const ratio = ratioOf(scenario, row)
  return [
    row.peer,
    main === null ? '–' : formatFigure(scenario.main, main.median),
    main === null ? '–' : `${formatFigure(scenario.main, main.min)}–${formatFigure(scenario.main, main.max)}`,
    ratio === null ? '–' : formatRatio(ratio.median),
    ratio === null ? '–' : `${formatRatio(ratio.min)}–${formatRatio(ratio.max)}`,
    ...scenario.figures.map((name) => {
      const figure = figureOf(row, name)
      return figure === null ? '–' : formatFigure(name, figure.median)
    }),
  ]
}

/** Two decimals; a hundredth part is not nothing. */
function formatRatio(ratio: number): string {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2)
}

function heading(name: FigureName): string {
  const { label, unit } = FIGURES[name]
  return unit === '' ? label : `${label} ${unit}`
}
