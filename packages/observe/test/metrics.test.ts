import { parseMetrics } from '@tsws/testing'
import { describe, expect, test } from 'vitest'
import {
  counter,
  Exposition,
  gauge,
  metrics,
  RequestCounters,
  sumCounters,
  ThreadMetrics,
} from '../src/index.ts'
import type { MetricModel, ResponseSummary } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

function summary(
  method: string | null,
  status: number,
  durationMs = 0,
  more: Partial<ResponseSummary> = {},
): ResponseSummary {
  const request = fakeRequest({ method: method ?? 'GET' })
  const { connection } = request
  return {
    request: method === null ? null : request,
    connection,
    status,
    bodyBytes: 10,
    durationMs,
    outcome: 'complete',
    ...more,
  }
}

function named(models: readonly MetricModel[], name: string): MetricModel {
  const model = models.find((one) => one.name === name)
  if (model === undefined) throw new Error(`there is no ${name}`)
  return model
}

describe('RequestCounters', () => {
  test('count by method and class of status; methods that nobody knows are one', () => {
    const counters = new RequestCounters()
    for (const [method, status] of [
      ['GET', 200],
      ['GET', 204],
      ['GET', 404],
      ['BREW', 501],
      ['PROPFIND', 501],
      ['GET', 799],
    ] as const)
      counters.onResponse(summary(method, status))
    expect(named(counters.read(), 'tsws_http_requests_total').values).toEqual([
      { value: 2, labels: { method: 'GET', status: '2xx' } },
      { value: 1, labels: { method: 'GET', status: '4xx' } },
      { value: 1, labels: { method: 'GET', status: 'other' } },
      { value: 2, labels: { method: 'other', status: '5xx' } },
    ])
  })

  test('put a duration into the bucket whose bound it does not pass', () => {
    const counters = new RequestCounters()
    for (const durationMs of [0.05, 0.1, 0.1001, 9_999, 10_001])
      counters.onResponse(summary('GET', 200, durationMs))
    const { values } = named(counters.read(), 'tsws_http_request_duration_seconds')
    const below = (le: number | string) => values.find(({ labels }) => labels['le'] === le)?.value
    expect([below(0.0001), below(0.00025), below(5), below(10), below('+Inf')]).toEqual([2, 3, 3, 4, 5])
    expect(values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value).toBeCloseTo(20.0002501)
  })

  test('count what was no request apart, and what was cut', () => {
    const counters = new RequestCounters()
    counters.onResponse(summary(null, 400))
    counters.onResponse(summary('GET', 200, 1, { outcome: 'aborted' }))
    const models = counters.read()
    expect(named(models, 'tsws_http_bad_requests_total').values).toEqual([
      { value: 1, labels: { status: 400 } },
    ])
    expect(named(models, 'tsws_http_requests_aborted_total').values[0]?.value).toBe(1)
    expect(named(models, 'tsws_http_response_body_bytes_total').values[0]?.value).toBe(20)
  })
})

describe('sumCounters', () => {
  test('adds what only grows, label by label, and leaves the rest', () => {
    const labels = { method: 'GET' }
    const part = (value: number): MetricModel[] => [
      counter('a_total', 'a', [
        { value, labels },
        { value: 1, labels: { method: 'HEAD' } },
      ]),
      gauge('open', 'open', value),
      counter('own_total', 'of one thread', [{ value, labels: { thread: '1' } }]),
    ]
    const sum = sumCounters([part(2), part(3), [counter('b_total', 'b', 7)]])
    expect(sum.map(({ name, values }) => [name, values])).toEqual([
      [
        'a_total',
        [
          { value: 5, labels },
          { value: 2, labels: { method: 'HEAD' } },
        ],
      ],
      ['own_total', []],
      ['b_total', [{ value: 7, labels: {} }]],
    ])
  })

  test('of none is none', () => {
    expect(sumCounters([])).toEqual([])
  })
})

describe('Exposition', () => {
  test('writes the sum of several readings, whole histograms and values of each thread, as Prometheus reads it', async () => {
    const one = new RequestCounters()
    const two = new RequestCounters()
    one.onResponse(summary('GET', 200, 0.2))
    two.onResponse(summary('GET', 200, 40))
    two.onResponse(summary('HEAD', 304, 0))
    const own = [new ThreadMetrics(1), new ThreadMetrics('a "name"\\\n')]
    const exposition = new Exposition('main')
    const text = await exposition.text([
      [...one.read(), ...own[0]!.read()],
      [...two.read(), ...own[1]!.read()],
    ])
    for (const metric of own) metric.close()
    exposition.close()
    const parsed = parseMetrics(text)
    expect(parsed.get('tsws_http_requests_total')?.samples).toEqual([
      { name: 'tsws_http_requests_total', labels: { method: 'GET', status: '2xx' }, value: 2 },
      { name: 'tsws_http_requests_total', labels: { method: 'HEAD', status: '3xx' }, value: 1 },
    ])
    const bucket = parsed.get('tsws_http_request_duration_seconds')!.samples
    expect(bucket.find(({ labels }) => labels['le'] === '0.00025')?.value).toBe(2)
    expect(bucket.find(({ labels }) => labels['le'] === '+Inf')?.value).toBe(3)
    const threads = parsed.get('nodejs_heap_size_used_bytes')!.samples.map(({ labels }) => labels['thread'])
    expect(threads).toEqual(['main', '1', 'a \\"name\\"\\\\\\n'])
    expect(parsed.get('process_start_time_seconds')?.samples[0]?.value).toBeLessThan(Date.now() / 1000 + 1)
  })
})

describe('metrics()', () => {
  const next = () => {
    throw new Error('passed on')
  }

  test('asks once for all who ask at the same time, and anew for who asks later', async () => {
    let asked = 0
    const middleware = metrics({ collect: () => Promise.resolve(`${++asked}`) })
    const request = fakeRequest({ target: '/metrics' })
    const both = await Promise.all([middleware(request, next), middleware(request, next)])
    expect(both.map(({ body }) => body)).toEqual(['1', '1'])
    expect((await middleware(request, next)).body).toBe('2')
  })

  test('is a 503 where they cannot be had', async () => {
    const middleware = metrics({ collect: () => Promise.reject(new Error('nobody answers')) })
    await expect(middleware(fakeRequest({ target: '/metrics' }), next)).rejects.toMatchObject({ status: 503 })
  })

  test('passes on what is not asked at its path, and whom it does not allow', () => {
    const middleware = metrics({ collect: () => Promise.resolve(''), allows: () => false })
    expect(() => middleware(fakeRequest({ target: '/metrics' }), next)).toThrow('passed on')
    expect(() => middleware(fakeRequest({ target: '/' }), next)).toThrow('passed on')
  })

  test('refuses a path that can never be asked for', () => {
    expect(() => metrics({ collect: () => Promise.resolve(''), path: 'metrics' })).toThrow(
      'metrics: path must start with "/", got "metrics"',
    )
  })
})
