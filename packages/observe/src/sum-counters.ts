import type { MetricModel, MetricSample } from './metric-model.ts'

/**
 * What only grows of several readings, in one: kept of threads that have ended, so that no sum goes down when they go.
 * Values of one thread alone (label `thread`) end with it.
 */
export function sumCounters(parts: readonly (readonly MetricModel[])[]): MetricModel[] {
  const sums = new Map<string, { model: MetricModel; samples: Map<string, MetricSample> }>()
  for (const model of parts.flat()) {
    if (model.type === 'gauge') continue
    const sum = sums.get(model.name) ?? { model, samples: new Map<string, MetricSample>() }
    sums.set(model.name, sum)
    for (const sample of model.values) {
      if ('thread' in sample.labels) continue
      const key = `${sample.metricName ?? ''} ${JSON.stringify(sample.labels)}`
      const { value = 0 } = sum.samples.get(key) ?? {}
      sum.samples.set(key, { ...sample, value: value + sample.value })
    }
  }
  return [...sums.values()].map(({ model, samples }) => ({ ...model, values: [...samples.values()] }))
}
