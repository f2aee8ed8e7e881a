import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { FIGURES, formatFigure } from '../figures.ts'
import { figureOf } from '../result.ts'
import type { ScenarioResult } from '../result.ts'
import { PEERS } from '../settings.ts'
import { sorted } from './table.ts'

const WIDTH = 820
const BAR_HEIGHT = 30
const OURS = '#1f6feb'
const THEIRS = '#9aa4b2'

/** What the chart shows, apart from how: one bar a server, the best on top, the scale from zero. */
export interface ChartData {
  readonly title: string
  readonly subtitle: string
  readonly bars: readonly {
    readonly name: string
    readonly value: number
    readonly text: string
    readonly ours: boolean
  }[]
}

export function chartData(scenario: ScenarioResult): ChartData {
  const { label, unit, better, scale } = FIGURES[scenario.main]
  return {
    title: scenario.title,
    subtitle: `${label}${unit === '' ? '' : `, ${unit}`}: ${better} is better`,
    bars: sorted(scenario).flatMap((row) => {
      const figure = figureOf(row, scenario.main)
      if (figure === null) return []
      const range = `${formatFigure(scenario.main, figure.min)}–${formatFigure(scenario.main, figure.max)}`
      const text = `${formatFigure(scenario.main, figure.median)}  (${range})`
      return { name: row.peer, value: figure.median * scale, text, ours: row.peer.startsWith('tsws') }
    }),
  }
}

/** Draws charts as SVG with ECharts, which `pnpm bench:setup` installs; null where it isn't. */
export async function chartPainter(): Promise<((data: ChartData) => string) | null> {
  let echarts: ECharts
  try {
    const path = createRequire(join(PEERS, 'package.json')).resolve('echarts')
    echarts = ((await import(pathToFileURL(path).href)) as { default?: ECharts } & ECharts).default!
  } catch {
    return null
  }
  return (data) => {
    const height = 90 + data.bars.length * BAR_HEIGHT
    const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
    chart.setOption(chartOption(data))
    const svg = chart.renderToSVGString()
    chart.dispose()
    return `${svg}\n`
  }
}

function chartOption({ title, subtitle, bars }: ChartData): object {
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, subtext: subtitle, left: 10, top: 8, textStyle: { fontSize: 16 } },
    grid: { left: 100, right: 150, top: 70, bottom: 10 },
    xAxis: { type: 'value', min: 0, axisLabel: { show: false }, splitLine: { show: false } },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { show: false },
    },
    series: [
      {
        type: 'bar',
        barWidth: BAR_HEIGHT * 0.6,
        data: bars.map(({ value, ours, text }) => ({
          value,
          itemStyle: { color: ours ? OURS : THEIRS },
          label: { show: true, position: 'right', formatter: text, fontWeight: ours ? 'bold' : 'normal' },
        })),
      },
    ],
  }
}

/** What we use of ECharts. */
interface ECharts {
  init(
    dom: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void }
}
