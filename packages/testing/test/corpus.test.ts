import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listenOnFreePort, readCorpus, runCorpus, tempSite, withServer } from '../src/index.ts'

const folder = join(import.meta.dirname, '../../../test/conformance')

describe('the corpus', () => {
  test('has 390 cases, each with an id of its own category, what is sent and what is expected', () => {
    const cases = readCorpus(join(folder, 'corpus'))
    expect(cases).toHaveLength(390)
    for (const { id, category, chunks, expect: wanted } of cases) {
      expect(id.startsWith(`${category}/`), id).toBe(true)
      expect(chunks.length, id).toBeGreaterThan(0)
      expect(wanted, id).toBeDefined()
    }
  })

  test('is refused when two cases share an id', async () => {
    await using site = await tempSite({ 'a.json': '[{"id":"x/y"}]', 'b.json': '[{"id":"x/y"}]' })
    expect(() => readCorpus(site.root)).toThrow('two cases called x/y')
  })

  test('tells passed from failed cases, and why', async () => {
    const cases = [
      {
        id: 'a/good',
        category: 'a',
        level: 'MUST',
        chunks: ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
        expect: { status: 200 },
      },
      {
        id: 'a/bad',
        category: 'a',
        level: 'MUST',
        chunks: ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
        expect: { status: 404 },
      },
      {
        id: 'a/tls',
        category: 'a',
        level: 'MUST',
        tls: true,
        chunks: ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
        expect: { status: 200 },
      },
    ]
    await using site = await tempSite({
      'corpus/a.json': JSON.stringify(cases),
      'runner.mjs': { symlink: join(folder, 'runner.mjs') },
    })
    const server = createServer((_, response) => response.end('hi'))
    const report = await withServer(
      () => listenOnFreePort(server),
      ({ port }) => runCorpus({ folder: site.root, port }),
    )
    expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 1 })
    expect(report.results.find(({ id }) => id === 'a/bad')?.why).toEqual(['status 200, want 404'])
  })
})
