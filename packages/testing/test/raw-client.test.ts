import net from 'node:net'
import { describe, expect, test } from 'vitest'
import { connectRaw, listenOnFreePort, sendRaw, withServer } from '../src/index.ts'

/** What a listening server saw of one connection. */
interface Seen {
  text: string
  packets: number
  ended: boolean
  error: string | null
  over: Promise<void>
}

function watch(answer: string | null): { server: net.Server; seen: Promise<Seen> } {
  const { promise, resolve } = Promise.withResolvers<Seen>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const seen: Seen = {
      text: '',
      packets: 0,
      ended: false,
      error: null,
      over: new Promise((done) => socket.once('close', () => done())),
    }
    socket.on('data', (bytes) => {
      seen.packets++
      seen.text += bytes.toString('latin1')
    })
    socket.on('end', () => {
      seen.ended = true
      socket.end(answer ?? '')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code ?? null))
    resolve(seen)
  })
  return { server, seen: promise }
}

describe('the raw client', () => {
  test('sends bytes above 0x7f as single octets', async () => {
    const { server, seen } = watch('')
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write('\xff\x00')
        connection.end()
        await connection.closed()
        expect((await seen).text).toBe('\xff\x00')
      },
    )
  })

  test('drips one packet per byte', async () => {
    const { server, seen } = watch('')
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => {
        const connection = await connectRaw(port)
        await connection.drip('abc', 20)
        connection.end()
        await connection.closed()
        expect((await seen).packets).toBe(3)
      },
    )
  })

  test('still reads after it closed its own side', async () => {
    const { server, seen } = watch('HTTP/1.1 204 No Content\r\n\r\n')
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.end()
        expect((await connection.readResponse()).status).toBe(204)
        expect((await seen).ended).toBe(true)
        connection.destroy()
      },
    )
  })

  test('resets the connection so that the server sees ECONNRESET', async () => {
    const { server, seen } = watch(null)
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => {
        const connection = await connectRaw(port)
        connection.write('x')
        const server = await seen
        connection.reset()
        await server.over
        expect(server.error).toBe('ECONNRESET')
      },
    )
  })

  test('says what it received when no response comes in time', async () => {
    const server = net.createServer((socket) => socket.write('HTTP/1.1 200'))
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => {
        using connection = await connectRaw(port, { timeout: 100 })
        await expect(connection.readResponse()).rejects.toThrow(/did not come within 100 ms.*HTTP\/1\.1 200/)
      },
    )
  })

  test('fails on a malformed response instead of waiting for a better one', async () => {
    const server = net.createServer((socket) => socket.write('HTTP/1.1 200 OK\n\n'))
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => {
        using connection = await connectRaw(port)
        await expect(connection.readResponse()).rejects.toThrow('bare LF')
      },
    )
  })

  test('returns every byte up to the close', async () => {
    const server = net.createServer((socket) => socket.resume().end('garbage\n'))
    await withServer(
      () => listenOnFreePort(server),
      async ({ port }) => expect((await sendRaw(port, 'x')).toString()).toBe('garbage\n'),
    )
  })
})
