import { createServer, request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { compress, forNodeHttp } from '../src/index.ts'
import { countedSource, decode, sampleText } from './exchange.ts'
import { page, server as exampleServer } from './readme-example.ts'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
}

async function ask(
  listener: RequestListener,
  headers: Record<string, string>,
  method = 'GET',
): Promise<Answer> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const outgoing = httpRequest({ port, host: '127.0.0.1', method, headers, agent: false }, (incoming) => {
        const pieces: Buffer[] = []
        incoming.on('data', (piece: Buffer) => pieces.push(piece))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            bytes: Buffer.concat(pieces),
          })
        })
      })
      outgoing.on('error', reject)
      outgoing.end()
    })
  } finally {
    server.close()
  }
}

const send = forNodeHttp(compress())
const TEXT = sampleText(50_000)

test('a node:http server sends what the client asked for, with the fields it set itself', async () => {
  const listener: RequestListener = (incoming, response) => {
    response.setHeader('Content-Type', 'text/plain')
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.setHeader('ETag', '"v1"')
    void send(incoming, response, TEXT)
  }
  const coded = await ask(listener, { 'Accept-Encoding': 'br' })
  expect(coded.headers).toMatchObject({
    'content-encoding': 'br',
    vary: 'Accept-Encoding',
    etag: 'W/"v1~br"',
    'set-cookie': ['a=1', 'b=2'],
    'content-length': String(coded.bytes.length),
  })
  expect(decode(coded.bytes, 'br').toString() === TEXT).toBe(true)
  const plain = await ask(listener, {})
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.bytes.toString() === TEXT).toBe(true)
  const head = await ask(listener, { 'Accept-Encoding': 'br' }, 'HEAD')
  expect(head.headers['content-encoding']).toBe('br')
  expect(head.bytes.length).toBe(0)
})

test('a stream goes through node:http, and one that fails cuts the connection', async () => {
  const through =
    (...pieces: (Buffer | Error)[]): RequestListener =>
    (incoming, response) => {
      response.setHeader('Content-Type', 'text/plain')
      void send(incoming, response, countedSource(pieces))
    }
  const { bytes } = await ask(through(Buffer.from(TEXT), Buffer.from('end')), { 'Accept-Encoding': 'gzip' })
  expect(decode(bytes, 'gzip').toString() === `${TEXT}end`).toBe(true)
  await expect(
    ask(through(Buffer.from(TEXT), new Error('broke')), { 'Accept-Encoding': 'gzip' }),
  ).rejects.toThrow()
})

test('the example of the README compresses its page', async () => {
  const listener = exampleServer.listeners('request')[0] as RequestListener
  const { headers, bytes } = await ask(listener, { 'Accept-Encoding': 'gzip, br' })
  expect(headers['content-encoding']).toBe('br')
  expect(decode(bytes, 'br').toString()).toBe(page)
})
