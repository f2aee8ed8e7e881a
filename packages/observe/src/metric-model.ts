/**
 * One metric with its values, as prom-client writes it down (`registry.getMetricsAsJSON()`): plain data, which can be
 * sent from thread to thread and summed.
 */
export interface MetricModel {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** How values with the same labels become one: by default they are summed. */
  readonly aggregator: 'sum' | 'first' | 'min' | 'max' | 'average' | 'omit'
  readonly values: readonly MetricSample[]
}

export interface MetricSample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  /** Where it is not the metric's: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly metricName?: string
}

type Values = number | readonly MetricSample[]

/** What only ever grows. Its name ends with `_total`, and with the unit before that. */
export function counter(name: string, help: string, values: Values): MetricModel {
  return { name, help, type: 'counter', aggregator: 'sum', values: samples(values) }
}

/** What goes up and down. */
export function gauge(name: string, help: string, values: Values): MetricModel {
  return { name, help, type: 'gauge', aggregator: 'sum', values: samples(values) }
}

function samples(values: Values): readonly MetricSample[] {
  return typeof values === 'number' ? [{ value: values, labels: {} }] : values
}

/** The same values, each with one label more. */
export function withLabel(model: MetricModel, label: string, value: string | number): MetricModel {
  return {
    ...model,
    values: model.values.map((sample) => ({ ...sample, labels: { [label]: value, ...sample.labels } })),
  }
}
