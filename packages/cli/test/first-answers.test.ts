import { connectRaw, parseMetrics, tempSite } from '@tsws/testing'
import type { RawConnection, ReadResponse, TempSite } from '@tsws/testing'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { eventually, startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const BODY = 'a page that has to arrive whole\n'.repeat(64)
const LARGE_BYTES = 32 * 1024 * 1024

const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`
const CLOSE = 'Connection: close\r\n'

const site = (): Promise<TempSite> => tempSite({ 'page.txt': BODY, 'large.bin': 'x'.repeat(LARGE_BYTES) })

async function ask(client: RawConnection, path: string, fields = ''): Promise<ReadResponse> {
  client.write(get(path, fields))
  return await client.readResponse()
}

async function askOnce({ port }: Tsws, path: string): Promise<ReadResponse> {
  using client = await connectRaw(port)
  return await ask(client, path, CLOSE)
}

/** The threads whose lines the log has. */
function threadsOf(tsws: Tsws): Set<unknown> {
  return new Set(tsws.log().flatMap(({ thread }) => (thread === undefined ? [] : [thread])))
}

/** Asks until threads of the pool have answered. */
async function untilThreadsAnswer(tsws: Tsws, count = 1): Promise<void> {
  await eventually(async () => {
    await askOnce(tsws, '/page.txt')
    const answered = [...threadsOf(tsws)].filter((thread) => thread !== 0)
    expect(answered.length).toBeGreaterThanOrEqual(count)
  }, 20_000)
}

describe.each(['transfer', 'cluster'])('before its threads are there (%s)', (strategy) => {
  const options = ['--threads', '2', '--thread-strategy', strategy]

  test('the main thread answers, and no request is lost when they take over', async () => {
    await using folder = await site()
    await using tsws = await startTsws([folder.root, ...options])
    expect(tsws.ready).toMatchObject({ threads: 2, strategy })
    const failures: string[] = []
    let asked = 0
    let isOver = false
    const client = async (fields: string): Promise<void> => {
      while (!isOver) {
        using connection = await connectRaw(tsws.port)
        for (let isOpen = true; isOpen && !isOver;) {
          const response = await ask(connection, '/page.txt', fields)
          asked++
          if (response.status !== 200 || response.text() !== BODY) failures.push(`${response.status}`)
          isOpen = response.get('connection') !== 'close'
        }
      }
    }
    const clients = [CLOSE, CLOSE, CLOSE, '', '', ''].map((fields) =>
      client(fields).catch((error: unknown) => failures.push(String(error))),
    )
    await eventually(() => expect(threadsOf(tsws)).toEqual(new Set([0, 1, 2])), 20_000)
    isOver = true
    await Promise.all(clients)
    expect(failures).toEqual([])
    await eventually(() => expect(tsws.log().filter(({ status }) => status === 200)).toHaveLength(asked))
  })

  test('a connection it has had since then is ended by its next answer, not before, and is never unwell', async () => {
    await using folder = await site()
    await using tsws = await startTsws([folder.root, ...options])
    using client = await connectRaw(tsws.port)
    expect((await ask(client, '/page.txt')).get('connection')).toBeNull()
    await untilThreadsAnswer(tsws)
    expect(client.state).toBe('open')
    const last = await ask(client, '/health')
    expect([last.status, last.get('connection'), JSON.parse(last.text()).status]).toEqual([
      200,
      'close',
      'ok',
    ])
    expect(await client.closed()).toBe('ended')
  })

  test('a large answer that began before them arrives whole', async () => {
    await using folder = await site()
    await using tsws = await startTsws([folder.root, ...options])
    const client = connect(tsws.port, '127.0.0.1').pause()
    client.write(get('/large.bin', CLOSE))
    await untilThreadsAnswer(tsws)
    let received = 0
    for await (const bytes of client) received += (bytes as Buffer).length
    expect(received).toBeGreaterThan(LARGE_BYTES)
    expect(received).toBeLessThan(LARGE_BYTES + 2000) // and the head
  })

  test('what it counted is part of the metrics, before and after', async () => {
    await using folder = await site()
    await using tsws = await startTsws([folder.root, '--metrics', ...options])
    const counted = async (): Promise<number | undefined> =>
      parseMetrics((await askOnce(tsws, '/metrics')).text())
        .get('tsws_http_requests_total')
        ?.samples.find(({ labels }) => labels['method'] === 'GET' && labels['status'] === '2xx')?.value
    await askOnce(tsws, '/page.txt')
    expect(await counted()).toBe(1)
    await untilThreadsAnswer(tsws)
    await eventually(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200)) // the log has them all then
      const sofar = tsws.log().filter(({ status }) => status === 200).length
      expect(await counted()).toBe(sofar)
    })
  })

  test.each([
    ['SIGTERM', 'ends it with 0, and does not wait for who is idle', ''],
    ['SIGHUP', 'reloads it, and what it answers goes on', 'every thread has been replaced'],
  ] as const)('%s %s', async (signal, _, said) => {
    await using folder = await site()
    await using tsws = await startTsws([folder.root, ...options])
    using idle = await connectRaw(tsws.port)
    await ask(idle, '/page.txt')
    tsws.command.signal(signal)
    if (said === '') {
      expect((await tsws.command.end).code).toBe(0)
      return
    }
    await eventually(() => expect(tsws.command.stdout).toContain(said), 20_000)
    await untilThreadsAnswer(tsws)
  })

  test('SIGTERM after they took over ends who is idle since before', async () => {
    await using folder = await site()
    await using tsws = await startTsws([folder.root, ...options])
    using idle = await connectRaw(tsws.port)
    await ask(idle, '/page.txt')
    await untilThreadsAnswer(tsws)
    tsws.command.signal('SIGTERM')
    expect(await idle.closed()).toBe('ended')
    expect((await tsws.command.end).code).toBe(0)
  })
})

test('with modules of the user only the threads answer, which load them', async () => {
  await using folder = await site()
  await folder.write('../who.mjs', 'export default (request, next) => next(request)\n')
  const use = ['--use', folder.path('../who.mjs'), '--threads', '2', '--thread-strategy', 'transfer']
  await using tsws = await startTsws([folder.root, ...use])
  await untilThreadsAnswer(tsws, 2)
  expect(threadsOf(tsws)).toEqual(new Set([1, 2]))
})
