/** One metric of a text in the format of Prometheus. */
export interface ParsedMetric {
  readonly type: string
  readonly help: string
  readonly samples: ParsedSample[]
}

export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`)
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/
const VALUE = /^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|Inf|NaN)$/i

/**
 * Reads the text format 0.0.4 as strictly as it is written down: each metric with HELP and TYPE, then its samples in one
 * group, no series twice, histograms whole.
 * @throws {Error} that quotes the line which breaks a rule
 */
export function parseMetrics(text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const metrics = new Map<string, ParsedMetric>()
  const seen = new Set<string>()
  let help: string[] | null = null
  let current: { name: string; metric: ParsedMetric } | null = null
  for (const line of text.slice(0, -1).split('\n')) {
    const refuse = (why: string): Error => new Error(`${why}: ${JSON.stringify(line)}`)
    if (line === '') continue
    const asHelp = HELP.exec(line)
    const asType = TYPE.exec(line)
    if (asHelp !== null) help = [asHelp[1]!, asHelp[2]!]
    else if (asType !== null) {
      const [, name, type] = asType as unknown as [string, string, string]
      if (help?.[0] !== name) throw refuse('TYPE without its HELP')
      if (metrics.has(name)) throw refuse('a metric in two groups')
      if (type === 'counter' && !name.endsWith('_total')) throw refuse('a counter not named _total')
      current = { name, metric: { type, help: help[1]!, samples: [] } }
      metrics.set(name, current.metric)
    } else {
      const sample = SAMPLE.exec(line)
      if (sample === null) throw refuse('no line of this format')
      const [, name, labelText = '', value] = sample as unknown as [
        string,
        string,
        string | undefined,
        string,
      ]
      if (current === null || !belongsTo(name, current.name, current.metric.type))
        throw refuse('a sample outside its group')
      if (!VALUE.test(value)) throw refuse('no number')
      const labels = parseLabels(labelText, refuse)
      const series = `${name}${JSON.stringify(Object.entries(labels).toSorted())}`
      if (seen.has(series)) throw refuse('a series twice')
      seen.add(series)
      current.metric.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) })
    }
  }
  for (const [name, metric] of metrics) if (metric.type === 'histogram') checkHistogram(name, metric.samples)
  return metrics
}

function belongsTo(sample: string, metric: string, type: string): boolean {
  if (type !== 'histogram') return sample === metric
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === metric + suffix)
}

function parseLabels(text: string, refuse: (why: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {}
  for (let rest = text; rest !== '';) {
    const label = LABEL.exec(rest)
    const [whole, name, value] = (label ?? []) as [string?, string?, string?]
    if (whole === undefined || name === undefined || name in labels) throw refuse('labels that are none')
    labels[name] = value ?? ''
    rest = rest.slice(whole.length)
  }
  return labels
}

/** For each set of labels: bounds go up, counts never down, and what is below infinity is all. */
function checkHistogram(name: string, samples: readonly ParsedSample[]): void {
  const groups = new Map<string, { buckets: ParsedSample[]; count: number | null; sum: number | null }>()
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels
    const key = JSON.stringify(others)
    const group = groups.get(key) ?? { buckets: [], count: null, sum: null }
    groups.set(key, group)
    if (sample.name === `${name}_bucket`) group.buckets.push(sample)
    else if (sample.name === `${name}_count`) group.count = sample.value
    else group.sum = sample.value
  }
  for (const { buckets, count, sum } of groups.values()) {
    const bounds = buckets.map(({ labels }) => Number(labels['le']?.replace('Inf', 'Infinity')))
    const rises = buckets.every(
      ({ value }, index) =>
        index === 0 || (value >= buckets[index - 1]!.value && bounds[index]! > bounds[index - 1]!),
    )
    if (!rises || bounds.at(-1) !== Infinity || buckets.at(-1)!.value !== count || sum === null)
      throw new Error(`${name} is no whole histogram`)
  }
}
