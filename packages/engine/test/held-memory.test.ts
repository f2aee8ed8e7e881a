import { connectRaw } from '@tsws/testing'
import type { RawConnection } from '@tsws/testing'
import { expect, test } from 'vitest'
import { startSoakServer } from './soak-process.ts'
import { aMoment } from './start.ts'

const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`

/** As long as the shared room for small reads that there may be: what is kept must not share it. */
const OTHERS = get('/hello', `X-Long: ${'n'.repeat(1900)}\r\n`)

/** Requests of another connection, so that no two packets of interest lie side by side. */
async function othersAsk(other: RawConnection): Promise<void> {
  for (let index = 0; index < 9; index++) {
    other.write(OTHERS)
    await other.readResponse()
  }
}

test('a connection that is idle keeps nothing of the request before', { timeout: 60_000 }, async () => {
  await using server = await startSoakServer()
  using other = await connectRaw(server.port)
  await othersAsk(other)
  const before = await server.look()
  const idle: RawConnection[] = []
  for (let index = 0; index < 200; index++) {
    const client = await connectRaw(server.port)
    client.write(get('/hello'))
    await client.readResponse()
    idle.push(client)
    await othersAsk(other)
  }
  const after = await server.look()
  expect((after.external - before.external) / idle.length).toBeLessThan(1000)
  for (const client of idle) client.destroy()
})

test('a request that waits long keeps little more than its own bytes', { timeout: 60_000 }, async () => {
  await using server = await startSoakServer()
  using other = await connectRaw(server.port)
  await othersAsk(other)
  const before = await server.look()
  const waiting: RawConnection[] = []
  for (let index = 0; index < 200; index++) {
    const client = await connectRaw(server.port)
    client.write(get('/hang'))
    await aMoment(1)
    waiting.push(client)
    await othersAsk(other)
  }
  const after = await server.look()
  expect((after.external - before.external) / waiting.length).toBeLessThan(5000)
  for (const client of waiting) client.destroy()
})

test.each([
  ['behind a request that waits', get('/hang')],
  ['of a body that is collected', 'POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n'],
  ['of a head', 'GET /'],
])('packets of one byte %s take their own memory and no more', { timeout: 60_000 }, async (_name, start) => {
  await using server = await startSoakServer()
  using other = await connectRaw(server.port)
  using client = await connectRaw(server.port)
  client.write(start)
  await othersAsk(other)
  const before = await server.look()
  for (let index = 0; index < 200; index++) {
    client.write('G')
    await aMoment(1)
    await othersAsk(other)
  }
  const after = await server.look()
  expect(after.external - before.external).toBeLessThan(100_000)
})
