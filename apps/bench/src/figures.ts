/** Everything that a round can measure. What a scenario does not measure it leaves out. */
export type FigureName =
  | 'cpu'
  | 'rate'
  | 'p50'
  | 'p99'
  | 'p999'
  | 'busy'
  | 'idleRss'
  | 'peakRss'
  | 'throughput'
  | 'perConnection'
  | 'start'
  | 'installed'
  | 'packages'
  | 'wire'

export type Sample = Partial<Readonly<Record<FigureName, number>>>

export interface Figure {
  readonly label: string
  readonly unit: string
  readonly better: 'lower' | 'higher' | 'neither'
  /** From the stored value (µs, bytes, shares) to the shown one. */
  readonly scale: number
}

export const FIGURES: Readonly<Record<FigureName, Figure>> = {
  cpu: { label: 'CPU per request', unit: 'µs', better: 'lower', scale: 1 },
  rate: { label: 'requests/s', unit: '', better: 'higher', scale: 1 },
  p50: { label: 'p50', unit: 'ms', better: 'lower', scale: 1e-3 },
  p99: { label: 'p99', unit: 'ms', better: 'lower', scale: 1e-3 },
  p999: { label: 'p99.9', unit: 'ms', better: 'lower', scale: 1e-3 },
  busy: { label: 'cores busy', unit: '%', better: 'neither', scale: 100 },
  idleRss: { label: 'RSS idle', unit: 'MiB', better: 'lower', scale: 2 ** -20 },
  peakRss: { label: 'RSS peak', unit: 'MiB', better: 'lower', scale: 2 ** -20 },
  throughput: { label: 'throughput', unit: 'MiB/s', better: 'higher', scale: 2 ** -20 },
  perConnection: { label: 'RSS per idle connection', unit: 'KB', better: 'lower', scale: 1e-3 },
  start: { label: 'start to first response', unit: 'ms', better: 'lower', scale: 1e-3 },
  installed: { label: 'installed', unit: 'MB', better: 'lower', scale: 1e-6 },
  packages: { label: 'packages', unit: '', better: 'lower', scale: 1 },
  wire: { label: 'on the wire', unit: 'KiB', better: 'neither', scale: 2 ** -10 },
}

/** Three significant digits, as more would be noise; thousands in groups. */
export function formatFigure(name: FigureName, value: number): string {
  const shown = value * FIGURES[name].scale
  if (!Number.isFinite(shown)) return '–'
  if (Math.abs(shown) >= 100) return Math.round(shown).toLocaleString('en').replaceAll(',', ' ')
  const digits = shown.toPrecision(3)
  return FIGURES[name].unit === '' ? digits.replace(/\.0+$/, '') : digits // a count of 13 is not 13.0
}
