import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { FileBody, HttpResponse, respond } from '@tsws/http'
import type { Body } from '@tsws/http'
import { createReadStream } from 'node:fs'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { AVAILABLE_CODINGS, compress, encodeBody } from '../src/index.ts'
import { accepting, bytesOf, countedSource, decode, memoryFile, sampleText } from './exchange.ts'

const HEADERS = { 'Content-Type': 'text/event-stream' }
const layer = compress()

const coded = async (body: Body, coding = 'gzip'): Promise<AsyncIterator<Uint8Array>> => {
  const response = await layer(accepting(coding), () => new HttpResponse(body, { headers: HEADERS }))
  expect(response.headers.get('content-encoding')).toBe(coding)
  return (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
}

const DECODERS = {
  gzip: () => zlib.createGunzip(),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress(),
}

const EVENT_SIZES = AVAILABLE_CODINGS.flatMap((coding) => [0, 40_000].map((size) => [coding, size] as const))

test.each(EVENT_SIZES)(
  '%s: each event, %d bytes and more, can be decoded before the next is made',
  async (coding, size) => {
    const event = (number: number): string => `data: ${sampleText(size)} ${number}\n\n`
    let release: () => void = () => {}
    async function* events(): AsyncGenerator<Uint8Array> {
      for (let number = 0; number < 5; number++) {
        yield Buffer.from(event(number))
        await new Promise<void>((resolve) => {
          release = resolve
        })
      }
    }
    const output = await coded(events(), coding)
    const decoder = DECODERS[coding]()
    let seen = ''
    decoder.on('data', (bytes: Buffer) => {
      seen += bytes.toString()
    })
    const sending = (async () => {
      for (let step = await output.next(); !step.done; step = await output.next()) decoder.write(step.value)
      decoder.end()
    })()
    for (let number = 0; number < 5; number++) {
      await vi.waitFor(() => expect(seen.endsWith(event(number))).toBe(true))
      release()
    }
    await sending
  },
)

test.each(AVAILABLE_CODINGS)('%s: a stream in many pieces comes out whole', async (coding) => {
  const pieces = Array.from({ length: 300 }, (_, i) => Buffer.from(sampleText(1 + ((i * 997) % 9000))))
  const response = await layer(accepting(coding), () =>
    respond.stream(countedSource(pieces), { headers: { 'Content-Type': 'text/plain' } }),
  )
  expect(decode(await bytesOf(response), coding)).toEqual(Buffer.concat(pieces))
})

test('a long text comes out whole, its characters of two code units too', async () => {
  const text = `a${'\u{1f600}\u00e9x'.repeat(500_000)}`
  const response = await layer(accepting('gzip'), () => respond.text(text))
  expect(decode(await bytesOf(response), 'gzip').toString() === text).toBe(true)
})

test('closing a coded file half-way closes the file', async () => {
  const size = 3_000_000
  const file = memoryFile(Buffer.from(sampleText(size)))
  const output = await coded(new FileBody(file, 0, size))
  expect((await output.next()).done).toBe(false)
  expect(file.closed).toBe(0)
  await output.return?.()
  expect(file.closed).toBe(1)
  expect(layer.stats.active).toBe(0)
})

test('pieces that come in one go are not flushed one by one', async () => {
  const pieces = Array.from({ length: 500 }, (_, i) => Buffer.from(`row ${i}\n`))
  const response = await layer(
    accepting('gzip'),
    () => new HttpResponse(countedSource(pieces), { headers: HEADERS }),
  )
  const together = zlib.gzipSync(Buffer.concat(pieces)).length
  expect((await bytesOf(response)).length).toBeLessThan(together + 200)
})

test('a slow client holds the source back', async () => {
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)))
  const source = countedSource(Array.from({ length: 200 }, () => noise))
  const output = await coded(source)
  await output.next()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(source.pulled).toBeLessThan(20)
  await output.return?.()
  expect(source.returned).toBe(1)
})

test('clients who stop reading hold up nobody else, and closing gives every turn back', async () => {
  const own = compress()
  const noise = randomBytes(400_000)
  const endless = (): AsyncIterable<Uint8Array> =>
    (async function* () {
      for (;;) yield noise
    })()
  const open = async (body: Body): Promise<AsyncIterator<Uint8Array>> => {
    const response = await own(accepting('gzip'), () => new HttpResponse(body, { headers: HEADERS }))
    return (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  }
  const stuck = await Promise.all(Array.from({ length: 10 }, () => open(endless())))
  await Promise.all(stuck.map((output) => output.next()))
  const text = sampleText(2_000_000)
  for (let time = 0; time < 3; time++) {
    const response = await own(accepting('br'), () => respond.text(text))
    expect(decode(await bytesOf(response), 'br').toString() === text).toBe(true)
  }
  await Promise.all(stuck.map((output) => output.return?.()))
  const after = await own(accepting('gzip'), () => respond.text(text))
  expect(decode(await bytesOf(after), 'gzip').toString() === text).toBe(true)
  expect(own.stats.active).toBe(0)
})

test('a failing source fails the answer instead of ending it', async () => {
  const source = countedSource([Buffer.from('some'), new Error('source broke')])
  const output = await coded(source)
  const drain = async (): Promise<void> => {
    for (let step = await output.next(); !step.done; step = await output.next());
  }
  await expect(drain()).rejects.toThrow('source broke')
  expect(source.returned).toBe(1)
})

test('a client gone while the source waits: return() ends at once and the source is told', async () => {
  let returned = false
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        returned = true
        return { done: true, value: undefined }
      },
    }),
  }
  const output = await coded(source)
  const pending = output.next()
  await output.return?.()
  expect(returned).toBe(true)
  expect(await pending).toEqual({ done: true, value: undefined })
  expect(layer.stats.active).toBe(0)
})

test('an answer never sent closes its source, and made no compressor', async () => {
  const source = countedSource([Buffer.from('x')])
  const output = await coded(source)
  await output.return?.()
  expect(source.returned).toBe(1)
  expect(source.pulled).toBe(0)
  expect(layer.stats.active).toBe(0)
})

test('a node stream is destroyed even if nothing was read of it', async () => {
  const stream = createReadStream(new URL(import.meta.url))
  const output = await coded(stream)
  await output.return?.()
  expect(stream.destroyed).toBe(true)
})

test('encodeBody alone: what is small is bytes, what is endless a stream, nothing stays nothing', async () => {
  expect(encodeBody(null, 'gzip')).toBeNull()
  expect(zlib.gunzipSync(encodeBody('hello', 'gzip') as Uint8Array).toString()).toBe('hello')
  const text = sampleText(100_000)
  expect(zlib.brotliDecompressSync(await (encodeBody(text, 'br') as Promise<Uint8Array>)).toString()).toBe(
    text,
  )
  const streamed = encodeBody(countedSource([Buffer.from(text)]), 'gzip') as AsyncIterable<Uint8Array>
  const pieces: Uint8Array[] = []
  for await (const piece of streamed) pieces.push(piece)
  expect(zlib.gunzipSync(Buffer.concat(pieces)).toString()).toBe(text)
})

test.each(AVAILABLE_CODINGS)('%s: a stream under way holds less than 2 MiB', async (coding) => {
  const program = fileURLToPath(new URL('stream-memory.ts', import.meta.url))
  const options = ['--expose-gc', '--conditions=@tsws/source', program, coding]
  const { stdout } = await promisify(execFile)(process.execPath, options)
  expect(Number(stdout)).toBeGreaterThan(0.1)
  expect(Number(stdout)).toBeLessThan(2)
})
