import { describe, expect, it } from 'vitest'
import { latencyOf, parseH2load } from '../../src/load/h2load.ts'

/** As h2load 1.52 printed it. */
const output = (requests: string, statuses: string): string => `finished in 2.00s, 164198.00 req/s, 5.48MB/s
requests: ${requests}
status codes: ${statuses}
traffic: 10.96MB (11493860) total, 1.25MB (1313584) headers (space savings 96.15%), 4.07MB (4269148) data
`

describe('parseH2load', () => {
  it('counts what was done, not what was still in flight', () => {
    const text = output(
      '328396 total, 328556 started, 328396 done, 328396 succeeded, 0 failed, 0 errored, 0 timeout',
      '328396 2xx, 0 3xx, 0 4xx, 0 5xx',
    )
    expect(parseH2load(text)).toEqual({
      requests: 328_396,
      bytes: 11_493_860,
      errors: { transport: 0, status: 0 },
    })
  })

  it('counts an error answer once, though h2load says failed as well', () => {
    const text = output(
      '100 total, 110 started, 100 done, 90 succeeded, 10 failed, 2 errored, 1 timeout',
      '90 2xx, 0 3xx, 4 4xx, 3 5xx',
    )
    expect(parseH2load(text).errors).toEqual({ transport: 3 + 2 + 1, status: 7 })
  })

  it('refuses other output, and shows it', () => {
    expect(() => parseH2load('usage: h2load')).toThrow('usage: h2load')
  })
})

it('latencyOf takes percentiles from the third column', () => {
  const log = Array.from({ length: 1000 }, (_, index) => `1700000000\t200\t${1000 - index}`).join('\n')
  expect(latencyOf(`${log}\n`)).toEqual({ p50: 500, p99: 990, p999: 999 })
})
