import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { exchange, readAnswer } from '../src/raw-client.ts'

describe('readAnswer', () => {
  const read = (text: string, ended = false): ReturnType<typeof readAnswer> =>
    readAnswer(Buffer.from(text), ended)

  it('ends a body where Content-Length says, and leaves the next answer alone', () => {
    const answer = read('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nhiHTTP/1.1')
    expect(answer?.body.toString()).toBe('hi')
    expect(answer?.status).toBe(200)
    expect(answer?.headers.get('x-a')).toBe('b')
    expect(answer?.wireBytes).toBe(46 + 2)
  })

  it('puts chunks together', () => {
    const answer = read(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n',
    )
    expect(answer?.body.toString()).toBe('abcd')
  })

  it.each([
    'HTTP/1.1 200 OK\r\nContent-',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n',
  ])('waits for the rest of %j', (text) => {
    expect(read(text)).toBeNull()
  })

  it.each([304, 204])('expects no body of a %i, whatever length it names', (status) => {
    const answer = read(`HTTP/1.1 ${status} X\r\nContent-Length: 100\r\n\r\n`)
    expect(answer).toMatchObject({ status, body: Buffer.alloc(0) })
    expect(read(`HTTP/1.1 ${status} X\r\n\r\n`)?.wireBytes).toBe(18)
  })

  it('takes everything up to the end of the connection when no length is given', () => {
    expect(read('HTTP/1.1 200 OK\r\n\r\nhi')).toBeNull()
    expect(read('HTTP/1.1 200 OK\r\n\r\nhi', true)?.body.toString()).toBe('hi')
  })

  it.each(['HTTP/2 200\r\n\r\n', 'hello\r\n\r\n', 'HTTP/1.1 20x\r\n\r\n'])('refuses %j', (text) => {
    expect(() => read(text)).toThrow(SyntaxError)
  })
})

describe('exchange', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  const answering = async (...pieces: (string | Buffer)[]): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        for (const piece of pieces) socket.write(piece)
        socket.end()
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  it('reads as many answers as were asked for', async () => {
    const port = await answering(
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-',
      'Length: 1\r\n\r\nb',
    )
    const answers = await exchange(port, 'GET', 2)
    expect(answers.map(({ body }) => body.toString())).toEqual(['a', 'b'])
  })

  it('reads a large answer whole', async () => {
    const body = Buffer.alloc(5_000_001, 'x')
    const port = await answering(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`, body)
    const [answer] = await exchange(port, 'GET')
    expect(answer!.body.equals(body)).toBe(true)
  })

  it('says how far it came when the server closes too early', async () => {
    const port = await answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc')
    await expect(exchange(port, 'GET')).rejects.toThrow('after 0 of 1 answers')
  })

  it('fails on what is no HTTP', async () => {
    const port = await answering('SSH-2.0\r\n\r\n')
    await expect(exchange(port, 'GET')).rejects.toThrow('not an HTTP/1.1 status line')
  })
})
