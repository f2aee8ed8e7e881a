import { connectRaw } from '@tsws/testing'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { startSoakServer } from './soak-process.ts'
import type { SoakServer } from './soak-process.ts'
import { aMoment } from './start.ts'

/** Bytes; two GiB by hand: `TSWS_UPLOAD_BYTES=2147483648`. */
const UPLOAD_BYTES = Number(process.env['TSWS_UPLOAD_BYTES'] ?? 64 * 1024 * 1024)
/** Bytes that a server may hold for one upload, however long: its own limit, one read, and what the collector has not got to. */
const FLAT = 24 * 1024 * 1024
const PIECE = Buffer.alloc(256 * 1024, 'u')

/** Sends a body as fast as the server takes it, and tells the most memory that the server used meanwhile. */
async function upload(
  server: SoakServer,
  path: string,
  chunked: boolean,
  bytes: number,
): Promise<{ text: string; sent: number; held: number }> {
  const before = await server.look()
  const client = await connectRaw(server.port, { timeout: 600_000 })
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes}`
  client.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framing}\r\n\r\n`)
  let sent = 0
  let over = false
  let held = 0
  const sending = (async () => {
    for (; sent < bytes && !over && client.state === 'open'; sent += PIECE.length) {
      if (chunked) client.socket.write(`${PIECE.length.toString(16)}\r\n`)
      const more = client.socket.write(PIECE)
      if (chunked) client.socket.write('\r\n')
      if (!more) await Promise.race([once(client.socket, 'drain'), client.closed()])
    }
    if (chunked && sent === bytes) client.write('0\r\n\r\n')
  })()
  const watching = (async () => {
    while (!over) {
      const { heapUsed, external } = await server.look()
      held = Math.max(held, heapUsed + external - before.heapUsed - before.external)
      await aMoment(50)
    }
  })()
  const response = await client.readResponse()
  over = true
  client.destroy()
  await Promise.all([sending, watching])
  return { text: response.text(), sent, held }
}

describe(`an upload of ${UPLOAD_BYTES} bytes`, () => {
  test.each([
    ['declared', false],
    ['chunked', true],
  ])(
    '%s goes through a handler that reads it, with memory flat',
    { timeout: 900_000 },
    async (_name, chunked) => {
      await using server = await startSoakServer()
      await upload(server, '/count', chunked, 32 * PIECE.length) // what a first body leaves in caches and code
      const { text, held } = await upload(server, '/count', chunked, UPLOAD_BYTES)
      expect(text).toBe(String(UPLOAD_BYTES))
      expect(held).toBeLessThan(FLAT)
    },
  )

  test(
    'to a handler that never reads is held back, and answered all the same',
    { timeout: 60_000 },
    async () => {
      await using server = await startSoakServer()
      const { text, sent, held } = await upload(server, '/never', false, UPLOAD_BYTES)
      expect(text).toBe('not read')
      expect(sent).toBeLessThan(UPLOAD_BYTES)
      expect(held).toBeLessThan(FLAT)
    },
  )

  test(
    'that nobody wants is answered at once, and the client gets to read it',
    { timeout: 60_000 },
    async () => {
      await using server = await startSoakServer()
      const { text, held } = await upload(server, '/unread', false, UPLOAD_BYTES)
      expect(text).toBe('not interested')
      expect(held).toBeLessThan(FLAT)
    },
  )
})
