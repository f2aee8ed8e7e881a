import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import { startCommand } from '@tsws/testing'
import { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import { describe, expect, test } from 'vitest'
import { limiterStore, rateLimit } from '../src/index.ts'
import type { RateLimitOptions } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0

function handlerWith(options: RateLimitOptions): Handler {
  return compose([rateLimit(options)], () => respond.empty())
}

async function statuses(handle: Handler, times: number): Promise<number[]> {
  const answers: number[] = []
  for (let at = 0; at < times; at++) answers.push((await handle(fakeRequest())).status)
  return answers
}

test('a limiter of rate-limiter-flexible gets limit and window, and refuses beyond them', async () => {
  const policies: object[] = []
  const store = limiterStore((policy) => {
    policies.push(policy)
    return new RateLimiterMemory(policy)
  })
  const handle = handlerWith({ limit: 2, window: 30, store })
  expect(policies).toEqual([{ points: 2, duration: 30 }])
  const first = await handle(fakeRequest())
  expect(first.headers.get('ratelimit')).toBe('"default";r=1;t=30')
  expect(await statuses(handle, 2)).toEqual([204, 429])
  expect((await handle(fakeRequest())).headers.get('retry-after')).toBe('30')
})

test('an error of a limiter is a failure of the store, and so is anything that is no result', async () => {
  for (const reason of [new Error('away'), null, 'away']) {
    const told: unknown[] = []
    const store = limiterStore(() => ({ consume: () => Promise.reject(reason) }))
    const handle = handlerWith({ limit: 1, store, onStoreError: (error) => void told.push(error) })
    expect(await statuses(handle, 1)).toEqual([204])
    expect(told).toEqual([reason])
  }
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe.skipIf(!HAS_REDIS)('with Redis', () => {
  test('two servers count one client together, and pass it on when Redis has gone', async () => {
    const port = await freePort()
    const folder = await mkdtemp(join(tmpdir(), 'tsws-redis-'))
    const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]
    const redis = startCommand(['redis-server', ...flags])
    const clients: Redis[] = []
    try {
      await redis.line(/Ready to accept connections/i)
      const told: unknown[] = []
      const server = (): Handler => {
        const storeClient = new Redis({
          port,
          host: '127.0.0.1',
          enableOfflineQueue: false,
          lazyConnect: true,
        })
        storeClient.on('error', () => {}) // it says so for each attempt to connect
        clients.push(storeClient)
        const store = limiterStore((policy) => new RateLimiterRedis({ storeClient, ...policy }))
        return handlerWith({ limit: 3, window: 3600, store, onStoreError: (error) => void told.push(error) })
      }
      const [one, other] = [server(), server()]
      for (const client of clients) await client.connect()
      expect(await statuses(one, 2)).toEqual([204, 204])
      expect(await statuses(other, 2)).toEqual([204, 429])
      expect(await statuses(one, 1)).toEqual([429])
      expect(told).toEqual([])

      await redis[Symbol.asyncDispose]()
      expect(await statuses(one, 1)).toEqual([204])
      expect(told).toHaveLength(1)
    } finally {
      for (const client of clients) client.disconnect()
      await redis[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
