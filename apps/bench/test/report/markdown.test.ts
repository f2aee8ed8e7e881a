import { describe, expect, it } from 'vitest'
import { chartData } from '../../src/report/chart.ts'
import { betweenMarkers, details, summary } from '../../src/report/markdown.ts'
import type { Result, ScenarioResult } from '../../src/result.ts'
import { mergeResults } from '../../src/result.ts'

const hello: ScenarioResult = {
  name: 'hello',
  title: 'Hello',
  main: 'cpu',
  figures: ['rate'],
  baseline: 'nginx',
  rows: [
    { peer: 'tsws', rounds: [{ cpu: 6, rate: 100 }] },
    { peer: 'nginx', rounds: [{ cpu: 4, rate: 200 }] },
  ],
  left: [
    { peer: 'caddy', reason: 'not installed', failed: false },
    { peer: 'bun', reason: 'status 500, expected 200\nmore', failed: true },
  ],
}
const result: Result = {
  format: 1,
  takenAt: '2025-06-01T10:00:00.000Z',
  commit: '0123456789abcdef',
  dirty: false,
  settings: { rounds: 5, warmUpMs: 1000, durationMs: 3000 },
  machine: { cpu: 'A CPU', cores: 2, memoryBytes: 1, kernel: 'Linux 6', loadGenerator: 'wrk', busyBefore: 0 },
  versions: { tsws: 'this checkout', nginx: '1.22.1' },
  scenarios: [hello],
}

describe('betweenMarkers', () => {
  it('replaces what stands between them and leaves the rest alone', () => {
    const text = 'a\n<!-- bench:start -->\nold\n<!-- bench:end -->\nz'
    const once = betweenMarkers(text, 'new')
    expect(once).toBe('a\n<!-- bench:start -->\n\nnew\n\n<!-- bench:end -->\nz')
    expect(betweenMarkers(once!, 'new')).toBe(once)
  })

  it.each(['nothing', '<!-- bench:start -->', '<!-- bench:end --> <!-- bench:start -->'])(
    'writes nothing into %j',
    (text) => {
      expect(betweenMarkers(text, 'new')).toBeNull()
    },
  )
})

describe('the Markdown', () => {
  it('of the README sets the best of a row in bold, also when it is not ours', () => {
    expect(summary(result)).toContain('| Hello (CPU per request, µs) | 6.00 | **4.00** |')
  })

  it('says on what it was measured', () => {
    const text = summary(result)
    for (const part of [
      '2025-06-01',
      '`01234567`',
      'A CPU',
      'Linux 6',
      '5 interleaved rounds',
      'nginx 1.22.1',
    ]) {
      expect(text).toContain(part)
    }
    expect(summary({ ...result, dirty: true })).toContain('not committed')
  })

  it('of the details names everybody who is not in the table', () => {
    const text = details(result, 'bench')
    expect(text).toContain('Not in it: caddy (not installed); bun (FAILED: status 500, expected 200).')
    expect(text).toContain('![Hello](bench/hello.svg)')
    expect(details(result, null)).not.toContain('.svg')
  })
})

describe('chartData', () => {
  it('puts the best on top and marks ours, with the range in words', () => {
    const { bars, subtitle } = chartData(hello)
    expect(bars.map(({ name, ours }) => [name, ours])).toEqual([
      ['nginx', false],
      ['tsws', true],
    ])
    expect(bars[0]).toMatchObject({ value: 4, text: '4.00  (4.00–4.00)' })
    expect(subtitle).toBe('CPU per request, µs: lower is better')
  })
})

describe('mergeResults', () => {
  it('lets a later file replace a scenario and keeps the others in their order', () => {
    const other: ScenarioResult = { ...hello, name: 'tls', title: 'TLS' }
    const newer: ScenarioResult = { ...hello, title: 'Newer' }
    const merged = mergeResults([
      { ...result, scenarios: [hello, other] },
      { ...result, commit: 'f'.repeat(40), versions: { bun: '1' }, scenarios: [newer] },
    ])
    expect(merged.scenarios.map(({ title }) => title)).toEqual(['Newer', 'TLS'])
    expect(merged.versions).toEqual({ tsws: 'this checkout', nginx: '1.22.1', bun: '1' })
    expect(merged.commit).toBe('f'.repeat(40))
  })

  it('refuses to mix machines', () => {
    const elsewhere = { ...result, machine: { ...result.machine, cpu: 'Another' } }
    expect(() => mergeResults([result, elsewhere])).toThrow(/two machines/)
  })
})
