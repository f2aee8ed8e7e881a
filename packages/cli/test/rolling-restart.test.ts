import { connectRaw, startCommand, tempSite } from '@tsws/testing'
import type { RawConnection } from '@tsws/testing'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startTsws } from './tsws.ts'
import type { Tsws } from './tsws.ts'

const BODY = 'a page that has to arrive whole\n'.repeat(64)
const KEEP_ALIVE = 'GET /page.txt HTTP/1.1\r\nHost: a\r\n\r\n'
const CLOSE = 'GET /page.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

interface Counts {
  answered: number
  connections: number
  failures: string[]
}

/**
 * Every request for which a byte was sent has to be answered with 200 and the whole body. A connection that the
 * server has closed before the first byte of a request was sent is no failure; to be refused one is.
 */
async function exchange(client: RawConnection, request: string, counts: Counts): Promise<boolean> {
  client.write(request)
  const response = await client.readResponse()
  if (response.status !== 200 || response.text() !== BODY) {
    counts.failures.push(`${response.status}, ${response.body.length} bytes`)
    return false
  }
  counts.answered++
  return response.get('connection') !== 'close' && request !== CLOSE
}

/** One request after the other on each connection, for as long as the server keeps it. */
async function keepAliveClient(
  port: number,
  isOver: () => boolean,
  pause: number,
  counts: Counts,
): Promise<void> {
  while (!isOver()) {
    try {
      using client = await connectRaw(port)
      counts.connections++
      while (!isOver() && client.state === 'open') {
        if (!(await exchange(client, KEEP_ALIVE, counts))) break
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
      }
    } catch (error) {
      counts.failures.push(String(error))
    }
  }
}

/** A connection for each request. */
async function shortClient(port: number, isOver: () => boolean, counts: Counts): Promise<void> {
  while (!isOver()) {
    try {
      using client = await connectRaw(port)
      counts.connections++
      await exchange(client, CLOSE, counts)
    } catch (error) {
      counts.failures.push(String(error))
    }
  }
}

const WRK = '/usr/bin/wrk'

/** Resolves when the last old thread has ended. */
async function reload(tsws: Tsws): Promise<void> {
  const replaced = (): number => tsws.command.stdout.split('every thread has been replaced').length
  const before = replaced()
  tsws.command.signal('SIGHUP')
  while (replaced() === before) await new Promise((resolve) => setTimeout(resolve, 20))
}

describe.each([
  ['transfer', 20],
  ['reusePort', 5],
  ['cluster', 5],
])('%s', (strategy, reloads) => {
  test(`${reloads} reloads in a row fail no request`, async () => {
    await using site = await tempSite({ 'page.txt': BODY })
    const options = ['--threads', '2', '--thread-strategy', strategy, '--log', 'json']
    await using tsws = await startTsws([site.root, ...options])
    const counts: Counts = { answered: 0, connections: 0, failures: [] }
    let over = false
    const isOver = (): boolean => over
    const clients = [
      ...[0, 0, 1, 7, 30].map((pause) => keepAliveClient(tsws.port, isOver, pause, counts)),
      ...[1, 2, 3].map(() => shortClient(tsws.port, isOver, counts)),
    ]
    for (let done = 0; done < reloads; done++) await reload(tsws)
    over = true
    await Promise.all(clients)
    expect(counts.failures).toEqual([])
    expect(counts.answered).toBeGreaterThan(reloads * 10)
    expect(counts.connections).toBeGreaterThan(reloads)
  }, 120_000)

  test.skipIf(!existsSync(WRK))(
    `${reloads} reloads in a row under wrk, keep-alive and not, are no error to it`,
    async () => {
      await using site = await tempSite({ 'page.txt': BODY })
      await using tsws = await startTsws([site.root, '--threads', '2', '--thread-strategy', strategy])
      const url = `http://127.0.0.1:${tsws.port}/page.txt`
      const loads = [
        startCommand([WRK, '-t1', '-c16', '-d300', url]),
        startCommand([WRK, '-t1', '-c4', '-d300', '-H', 'Connection: close', url]),
      ]
      for (let done = 0; done < reloads; done++) await reload(tsws)
      for (const load of loads) {
        load.signal('SIGINT') // it ends, and tells its figures
        const { stdout } = await load.end
        // wrk names errors of sockets and answers that are not 2xx or 3xx only where there were some.
        expect(stdout).toMatch(/\d{3,} requests in /)
        expect(stdout).not.toMatch(/Socket errors|Non-2xx/)
      }
    },
    120_000,
  )
})
