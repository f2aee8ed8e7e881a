import { respond } from '@tsws/http'
import { connectRaw } from '@tsws/testing'
import { expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { aMoment, start, until } from './start.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

test('close lets idle connections go, lets busy ones finish with Connection: close, and refuses new ones', async () => {
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  await using started = await start(async () => {
    await gate
    return respond.text('done')
  })
  const idle = await started.connect()
  const busy = await started.connect()
  busy.write(GET)
  await until(
    () => started.server.connections.some(({ writing }) => writing === 'handler'),
    'the handler to run',
  )
  const closing = started.server.close({ grace: 5000, idleGrace: 50 })
  expect(started.server.state).toBe('draining')
  expect(await idle.closed()).toBe('ended')
  idle.destroy()
  await expect(connectRaw(started.port)).rejects.toThrow()
  release()
  const response = await busy.readResponse()
  expect([response.text(), response.get('connection')]).toEqual(['done', 'close'])
  busy.end()
  expect(await closing).toEqual({ finished: 2, cut: 0 })
  expect(started.server.state).toBe('closed')
})

test('close cuts what is left when the grace is over, and counts it', async () => {
  await using started = await start(() => new Promise(() => {}))
  const client = await started.connect()
  client.write(GET)
  await until(() => started.server.connections[0]?.writing === 'handler', 'the handler to run')
  expect(await started.server.close({ grace: 50 })).toEqual({ finished: 0, cut: 1 })
  await client.closed()
})

test('a request whose head is half here when the server closes is still answered', async () => {
  await using started = await start(() => respond.text('late'))
  const client = await started.connect()
  client.write(GET.slice(0, 10))
  await until(() => started.server.connections[0]?.reading === 'head', 'half a head')
  const closing = started.server.close({ grace: 5000 })
  client.write(GET.slice(10))
  const response = await client.readResponse()
  expect([response.text(), response.get('connection')]).toEqual(['late', 'close'])
  client.end()
  expect((await closing).cut).toBe(0)
})

test('close may be called twice, and a server can be disposed of', async () => {
  const server = createServer(() => respond.text('x'))
  await server.listen({ host: '127.0.0.1', port: 0 })
  expect(server.close()).toBe(server.close())
  await server[Symbol.asyncDispose]()
  expect(server.state).toBe('closed')
})

test('a port that is taken is an error of listen', async () => {
  await using started = await start(() => respond.text('x'))
  const second = createServer(() => respond.text('x'))
  await expect(second.listen({ host: '127.0.0.1', port: started.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('100 clients that leave at every moment leave no connection behind', async () => {
  await using started = await start(async (request) => {
    await request.bytes()
    await aMoment(5)
    return respond.text('x'.repeat(100_000))
  })
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const client = await started.connect()
      client.write(GET.slice(0, 1 + (index % GET.length)))
      await aMoment(index % 20)
      if (index % 3 === 0) client.end()
      else client.reset()
    }),
  )
  await until(() => started.server.connections.length === 0, 'all to be gone')
})

test('close does not wait long for idle clients that keep their own side open: nothing is owed to them', async () => {
  await using started = await start(() => respond.text('x'), { lingerTimeout: 60_000 })
  const idle = await started.connect()
  idle.write(GET)
  await idle.readResponse()
  const closing = started.server.close({ grace: 30_000, idleGrace: 0 })
  expect(await idle.closed()).toBe('ended')
  expect(await closing).toEqual({ finished: 1, cut: 0 })
})
