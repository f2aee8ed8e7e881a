import { X509Certificate } from 'node:crypto'
import tls from 'node:tls'
import { expect, test } from 'vitest'
import { connectRaw, listenOnFreePort, testCertificate, withServer } from '../src/index.ts'

test('a test certificate names its hosts, is valid now and signed by its own key', () => {
  const { cert } = testCertificate(['localhost', '127.0.0.1'])
  const parsed = new X509Certificate(cert)
  expect(parsed.checkHost('localhost')).toBe('localhost')
  expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(parsed.checkHost('example.com')).toBeUndefined()
  expect(parsed.verify(parsed.publicKey)).toBe(true)
  expect(parsed.validFromDate.getTime()).toBeLessThan(Date.now())
  expect(parsed.validToDate.getTime()).toBeGreaterThan(Date.now())
})

test('a client that trusts it completes a handshake', async () => {
  const pair = testCertificate()
  const server = tls.createServer(pair, (socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
  await withServer(
    () => listenOnFreePort(server),
    async ({ port }) => {
      using connection = await connectRaw(port, { tls: { ca: pair.cert, rejectUnauthorized: true } })
      expect((await connection.readResponse()).status).toBe(204)
    },
  )
})
