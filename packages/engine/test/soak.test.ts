import { connectRaw } from '@tsws/testing'
import { describe, expect, test } from 'vitest'
import { startSoakServer } from './soak-process.ts'
import { aMoment } from './start.ts'

/** Clients that leave in the middle; 100,000 by hand: `TSWS_ABORTS=100000`. */
const ABORTS = Number(process.env['TSWS_ABORTS'] ?? 4000)
/** Seconds of mixed traffic; ten minutes by hand: `TSWS_SOAK_SECONDS=600`. */
const SOAK_SECONDS = Number(process.env['TSWS_SOAK_SECONDS'] ?? 5)
const CLIENTS = 16
/** Bytes that a heap may have grown by after thousands of requests: noise of caches and code, not of leaks. */
const HEAP_NOISE = 4_000_000

const body = 'x'.repeat(3000)
const REQUESTS = [
  'GET /hello HTTP/1.1\r\nHost: a\r\n\r\n',
  `POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  'POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  `POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  'GET /stream HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /throw HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /file HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n',
]

async function inParallel(work: (client: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(client)))
}

describe('memory and file descriptors stay flat', () => {
  test(`after ${ABORTS} clients that left in every state`, { timeout: 900_000 }, async () => {
    await using server = await startSoakServer()
    const leave = async (count: number): Promise<void> => {
      let left = count
      await inParallel(async () => {
        for (let turn = left--; turn > 0; turn = left--) {
          const client = await connectRaw(server.port)
          const request = REQUESTS[turn % REQUESTS.length] as string
          client.write(turn % 3 === 0 ? request.slice(0, 1 + (turn % request.length)) : request)
          if (turn % 2 === 0) await aMoment(turn % 5)
          client.reset()
        }
      })
    }
    await leave(ABORTS / 4)
    const before = await server.measure()
    await leave(ABORTS)
    const after = await server.measure()
    expect(after.files).toBeLessThanOrEqual(before.files)
    expect(after.heapUsed - before.heapUsed).toBeLessThan(HEAP_NOISE)
  })

  test(
    `after ${SOAK_SECONDS} s of mixed traffic, every answer of it right`,
    { timeout: SOAK_SECONDS * 2000 + 60_000 },
    async () => {
      await using server = await startSoakServer()
      const statuses = new Set<number>()
      let answers = 0
      const run = async (seconds: number): Promise<void> => {
        const end = Date.now() + seconds * 1000
        await inParallel(async (number) => {
          for (let round = number; Date.now() < end; round++) {
            const client = await connectRaw(server.port)
            for (let index = 0; index < 20; index++) {
              client.write(REQUESTS[(round + index) % REQUESTS.length] as string)
              const response = await client.readResponse()
              statuses.add(response.status)
              answers++
            }
            client.end()
            await client.closed()
            client.destroy()
          }
        })
      }
      await run(SOAK_SECONDS / 4)
      const before = await server.measure()
      await run(SOAK_SECONDS)
      const after = await server.measure()
      expect([...statuses].toSorted()).toEqual([200, 404, 500])
      expect(answers).toBeGreaterThan(100)
      expect(after.files).toBeLessThanOrEqual(before.files)
      expect(after.heapUsed - before.heapUsed).toBeLessThan(HEAP_NOISE)
    },
  )
})
