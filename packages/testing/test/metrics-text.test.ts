import { expect, test } from 'vitest'
import { parseMetrics } from '../src/index.ts'

const HEAD = '# HELP a_total what\n# TYPE a_total counter\n'

test('metrics are read with their labels and values', () => {
  const text = `${HEAD}a_total{method="GET",path="/\\"x\\\\"} 12\na_total 1.5e-3\n`
  expect(parseMetrics(text).get('a_total')).toEqual({
    type: 'counter',
    help: 'what',
    samples: [
      { name: 'a_total', labels: { method: 'GET', path: '/\\"x\\\\' }, value: 12 },
      { name: 'a_total', labels: {}, value: 0.0015 },
    ],
  })
})

test.each([
  ['no end of the last line', `${HEAD}a_total 1`],
  ['a sample of nothing', 'a_total 1\n'],
  ['a series twice', `${HEAD}a_total 1\na_total 2\n`],
  ['a metric twice', `${HEAD}${HEAD}`],
  ['no help', '# TYPE a_total counter\na_total 1\n'],
  ['a counter by another name', '# HELP a b\n# TYPE a counter\na 1\n'],
  ['no number', `${HEAD}a_total undefined\n`],
  ['an open label', `${HEAD}a_total{a="b} 1\n`],
  ['a label twice', `${HEAD}a_total{a="b",a="c"} 1\n`],
  [
    'a histogram that goes down',
    '# HELP h h\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
  ],
  ['a histogram without its end', '# HELP h h\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_sum 1\nh_count 2\n'],
])('%s is refused', (_, text) => {
  expect(() => parseMetrics(text)).toThrow()
})
