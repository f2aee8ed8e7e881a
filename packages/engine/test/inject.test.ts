import { HttpHeaders, HttpResponse, respond } from '@tsws/http'
import { expect, test } from 'vitest'
import { createServer } from '../src/index.ts'

const server = createServer(async (request) => {
  if (request.pathname === '/stream') {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    }
    return new HttpResponse(pieces(), { trailers: () => new HttpHeaders({ 'X-Count': 2 }) })
  }
  if (request.pathname === '/hints') request.inform(103, { Link: '</a>; rel=preload' })
  return respond.json({ method: request.method, body: await request.text() })
})

test('a request in parts is sent as bytes and its answer read back', async () => {
  const { response, malformed } = await server.inject({
    method: 'POST',
    target: '/x?y',
    headers: { 'X-A': '1' },
    body: 'grüß',
  })
  expect(malformed).toBeNull()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(response.json()).toEqual({ method: 'POST', body: 'grüß' })
})

test('several answers, interim ones, trailers and an answer to HEAD are told apart', async () => {
  const { responses, interim, malformed } = await server.inject(
    'GET /stream HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /hints HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  expect(malformed).toBeNull()
  expect(responses.map((response) => response.text())).toEqual(['one two', '', '{"method":"GET","body":""}'])
  expect(responses[0]?.trailers?.get('x-count')).toBe('2')
  expect(interim.map(({ status }) => status)).toEqual([103])
})

test('an answer that was cut is malformed, and no answer at all is an error to ask for', async () => {
  const cut = createServer(() =>
    respond.stream(
      (async function* () {
        yield Buffer.from('x')
        throw new Error('cut')
      })(),
    ),
  )
  const result = await cut.inject({})
  expect(result.malformed).toMatchObject({ name: 'ParseError' })
  const silent = await server.inject('')
  expect(() => silent.response).toThrow('no response came back: nothing was sent')
})
