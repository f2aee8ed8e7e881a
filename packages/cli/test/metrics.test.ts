import { connectRaw, parseMetrics, runCommand, tempSite } from '@tsws/testing'
import type { ParsedMetric } from '@tsws/testing'
import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { commandLine, eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const GET = 'GET /page.txt HTTP/1.1\r\nHost: a\r\n\r\n'
const BODY = 'a page of forty-two characters in one line'

async function scrape(
  { port }: Tsws,
  { path = '/metrics', fields = '' } = {},
): Promise<Map<string, ParsedMetric>> {
  using client = await connectRaw(port)
  client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`)
  const response = await client.readResponse()
  expect(response.status).toBe(200)
  expect(response.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.get('cache-control')).toBe('no-store')
  expect(response.get('x-content-type-options')).toBe('nosniff')
  return parseMetrics(response.text())
}

/** The value of the one series with these labels; 0 where there is none yet. */
function valueOf(
  metrics: Map<string, ParsedMetric>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const samples = metrics.get(name)?.samples ?? []
  const wanted = JSON.stringify(labels)
  return samples.find((sample) => JSON.stringify(sample.labels) === wanted)?.value ?? 0
}

const ANSWERED = { method: 'GET', status: '2xx' }

/** Asks on connections of its own, so that every thread gets some. */
async function ask(tsws: Tsws, times: number): Promise<void> {
  for (let asked = 0; asked < times; asked++) {
    using client = await connectRaw(tsws.port)
    client.write(GET)
    expect((await client.readResponse()).text()).toBe(BODY)
  }
}

async function reload(tsws: Tsws): Promise<void> {
  const replaced = (): number => tsws.command.stdout.split('every thread has been replaced').length
  const before = replaced()
  tsws.command.signal('SIGHUP')
  while (replaced() === before) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe('--metrics', () => {
  test('on one thread counts what was asked and what was no request', async () => {
    await using site = await tempSite({ 'page.txt': BODY })
    await using tsws = await startTsws([site.root, '--metrics', '--threads', '1'])
    await ask(tsws, 3)
    using broken = await connectRaw(tsws.port)
    broken.write('GET / HTTP/1.1\r\nHost : a\r\n\r\n')
    expect((await broken.readResponse()).status).toBe(400)
    using missing = await connectRaw(tsws.port)
    missing.write('BREW /nothing HTTP/1.1\r\nHost: a\r\n\r\n')
    await missing.readResponse()
    const metrics = await scrape(tsws)
    expect(valueOf(metrics, 'tsws_http_requests_total', ANSWERED)).toBe(3)
    expect(valueOf(metrics, 'tsws_http_requests_total', { method: 'other', status: '5xx' })).toBe(1)
    expect(valueOf(metrics, 'tsws_http_bad_requests_total', { status: '400' })).toBe(1)
    expect(valueOf(metrics, 'tsws_http_requests_in_flight')).toBe(1) // this one
    expect(valueOf(metrics, 'tsws_connections_opened_total')).toBe(6)
    expect(valueOf(metrics, 'tsws_received_bytes_total')).toBeGreaterThan(3 * GET.length)
    expect(valueOf(metrics, 'tsws_sent_bytes_total')).toBeGreaterThan(3 * BODY.length)
    expect(valueOf(metrics, 'tsws_http_response_body_bytes_total')).toBeGreaterThanOrEqual(3 * BODY.length)
    const durations = metrics.get('tsws_http_request_duration_seconds')?.samples ?? []
    expect(durations.find(({ name }) => name.endsWith('_count'))?.value).toBe(4)
    expect(valueOf(metrics, 'process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(metrics.has('nodejs_eventloop_lag_p99_seconds')).toBe(true)
  })

  test('are not there unless they are asked for', async () => {
    await using site = await tempSite({ 'page.txt': BODY })
    await using tsws = await startTsws([site.root, '--threads', '1'])
    using client = await connectRaw(tsws.port)
    client.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await client.readResponse()).status).toBe(404)
  })

  test('answer at another path, and other methods than GET and HEAD with 405', async () => {
    await using site = await tempSite({ 'page.txt': BODY })
    await using tsws = await startTsws([
      site.root,
      '--metrics',
      '--metrics-path',
      '/internal/m',
      '--threads',
      '1',
    ])
    await scrape(tsws, { path: '/internal/m' })
    using client = await connectRaw(tsws.port)
    client.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await client.readResponse()).status).toBe(404)
    client.write('DELETE /internal/m HTTP/1.1\r\nHost: a\r\n\r\n')
    const refused = await client.readResponse()
    expect([refused.status, refused.get('allow')]).toEqual([405, 'GET, HEAD'])
    using other = await connectRaw(tsws.port, { methods: ['HEAD'] })
    other.write('HEAD /internal/m HTTP/1.1\r\nHost: a\r\n\r\n')
    expect((await other.readResponse()).status).toBe(200)
  })

  test.each([
    ['whom --metrics-from does not name', ['--metrics-from', '192.0.2.1,10.0.0.0/8'], ''],
    ['who comes through a proxy nobody told of', [], 'X-Forwarded-For: 127.0.0.1\r\n'],
  ])('do not exist for %s', async (_, options, fields) => {
    await using site = await tempSite({ 'page.txt': BODY })
    await using tsws = await startTsws([site.root, '--metrics', ...options, '--threads', '1'])
    using client = await connectRaw(tsws.port)
    client.write(`GET /metrics HTTP/1.1\r\nHost: a\r\n${fields}\r\n`)
    expect((await client.readResponse()).status).toBe(404)
  })

  test.each(['transfer', 'reusePort', 'cluster'])(
    'of two threads by %s are summed, whichever answers, and no reload takes from them',
    async (strategy) => {
      await using site = await tempSite({ 'page.txt': BODY })
      const options = ['--threads', '2', '--thread-strategy', strategy]
      await using tsws = await startTsws([site.root, '--metrics', ...options])
      // Both serve before anything is counted.
      await eventually(async () => expect(valueOf(await scrape(tsws), 'tsws_threads_serving')).toBe(2))
      let scrapes = valueOf(await scrape(tsws), 'tsws_http_requests_total', ANSWERED)
      await ask(tsws, 20)
      scrapes++ // the one before is counted now
      const before = await scrape(tsws)
      expect(valueOf(before, 'tsws_http_requests_total', ANSWERED)).toBe(20 + scrapes)
      const threads = before.get('nodejs_heap_size_used_bytes')?.samples.map(({ labels }) => labels['thread'])
      expect(threads?.toSorted()).toEqual(['1', '2', 'main'])
      for (let reloads = 0; reloads < 2; reloads++) {
        await reload(tsws)
        await ask(tsws, 10)
      }
      const after = await scrape(tsws)
      // The scrape before the reload is counted too by now.
      expect(valueOf(after, 'tsws_http_requests_total', ANSWERED)).toBe(40 + scrapes + 1)
      expect(valueOf(after, 'process_cpu_seconds_total')).toBeGreaterThan(
        valueOf(before, 'process_cpu_seconds_total'),
      )
      expect(valueOf(after, 'tsws_sent_bytes_total')).toBeGreaterThan(
        valueOf(before, 'tsws_sent_bytes_total'),
      )
      expect(valueOf(after, 'tsws_connections_open')).toBe(1)
    },
    60_000,
  )

  test('keep what a thread had counted that exits, and come while one hangs', async () => {
    await using site = await tempSite({ 'page.txt': BODY })
    const use = site.path('../trouble.mjs')
    await writeFile(
      use,
      `export default (request, next) => {
        if (request.pathname === '/exit') process.exit(3)
        if (request.pathname === '/hang') for (;;);
        return next(request)
      }`,
    )
    await using tsws = await startTsws([site.root, '--metrics', '--use', use, '--threads', '2'])
    await eventually(async () => expect(valueOf(await scrape(tsws), 'tsws_threads_serving')).toBe(2))
    await ask(tsws, 20)
    const before = valueOf(await scrape(tsws), 'tsws_http_requests_total', ANSWERED)
    using killer = await connectRaw(tsws.port)
    killer.write('GET /exit HTTP/1.1\r\nHost: a\r\n\r\n')
    await killer.closed()
    await eventually(async () => {
      const metrics = await scrape(tsws)
      expect(valueOf(metrics, 'tsws_threads_crashed_total')).toBe(1)
      expect(valueOf(metrics, 'tsws_threads_serving')).toBe(2)
      expect(valueOf(metrics, 'tsws_http_requests_total', ANSWERED)).toBeGreaterThan(before)
    }, 15_000)
    using hanging = await connectRaw(tsws.port)
    hanging.write('GET /hang HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 100))
    // With the hanging connection on the other thread, this one goes to the free thread.
    const metrics = await scrape(tsws)
    expect(valueOf(metrics, 'tsws_http_requests_total', ANSWERED)).toBeGreaterThan(before)
  }, 60_000)
})

test.each([
  [['--metrics-path', '/m'], /^tsws: --metrics-path needs --metrics beside it\n$/],
  [
    ['--metrics', '--metrics-path', 'metrics'],
    /^tsws: --metrics-path must be a path that begins with a slash, such as \/metrics, got metrics\n$/,
  ],
  [
    ['--metrics', '--metrics-from', 'localhost'],
    /^tsws: --metrics-from: "localhost" is no address, no network [^\n]+\n$/,
  ],
])('%j is one line and exit code 2', async (options, message) => {
  await using site = await tempSite({})
  for (const threads of ['1', '2']) {
    const ended = await runCommand(commandLine(site.root, '--port', '0', '--threads', threads, ...options))
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(message)
  }
})
