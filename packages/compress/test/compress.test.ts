import { FileBody, HeaderBlock, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import type { Handler } from '@tsws/http'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { AVAILABLE_CODINGS, compress, withoutCompression } from '../src/index.ts'
import { accepting, bytesOf, contentOf, countedSource, memoryFile, request, sampleText } from './exchange.ts'

const TEXT = sampleText(50_000)
const layer = compress()
const page: Handler = () => respond.html(TEXT)

test.each([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['gzip, deflate, br', 'br'],
  ['br;q=0.1, gzip;q=0.9', 'gzip'],
  ['gzip;q=0', null],
  ['', null],
  ['identity, gzip;q=0.5', null],
  ['sdch', null],
])('Accept-Encoding %j is answered in %s, and says so', async (accept, coding) => {
  const response = await layer(accepting(accept), page)
  expect(response.headers.get('content-encoding')).toBe(coding)
  expect(response.headers.get('vary')).toBe('Accept-Encoding')
  expect(await contentOf(response)).toBe(TEXT)
})

test('without Accept-Encoding the answer is plain, and varies', async () => {
  const response = await layer(request(), page)
  expect(response.headers.has('content-encoding')).toBe(false)
  expect(response.headers.get('vary')).toBe('Accept-Encoding')
  expect(response.body).toBe(TEXT)
})

test('every coding this Node has decodes to what the handler gave, at every size', async () => {
  const size = fc.oneof(
    fc.nat(3000),
    fc.nat(200_000),
    fc.constantFrom(1023, 1024, 8192, 8193, 1_048_576, 1_048_577),
  )
  const sample = sampleText(1_100_000)
  await fc.assert(
    fc.asyncProperty(size, fc.constantFrom(...AVAILABLE_CODINGS), fc.nat(2), async (size, coding, kind) => {
      const text = sample.slice(0, size)
      const bytes = Buffer.from(text)
      const body = [text, bytes, new FileBody(memoryFile(bytes), 0, size)][kind] as FileBody
      const headers = { 'Content-Type': 'text/plain' }
      const response = await layer(accepting(coding), () => new HttpResponse(body, { headers }))
      expect(response.headers.get('content-encoding')).toBe(size < 1024 ? null : coding)
      expect((await contentOf(response)) === text).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('a small answer is compressed at once: the handler chain stays synchronous', () => {
  expect(layer(accepting('gzip'), () => respond.text(sampleText(4000)))).toBeInstanceOf(HttpResponse)
})

test.each<[string, () => HttpResponse]>([
  ['a picture', () => new HttpResponse(TEXT, { headers: { 'Content-Type': 'image/jpeg' } })],
  ['no type', () => new HttpResponse(TEXT)],
  ['a coding already', () => respond.text(TEXT, { headers: { 'Content-Encoding': 'gzip' } })],
  ['no-transform', () => respond.text(TEXT, { headers: { 'Cache-Control': 'public, no-transform' } })],
  ['206', () => respond.text(TEXT, { status: 206, headers: { 'Content-Range': 'bytes 0-49999/60000' } })],
  ['a digest', () => respond.text(TEXT, { headers: { 'Repr-Digest': 'sha-256=:AA==:' } })],
  ['a handler that says no', () => withoutCompression(respond.text(TEXT))],
])('%s is left alone, Vary too', async (_name, handler) => {
  const response = await layer(accepting('gzip, br'), handler)
  expect(response.headers.get('content-encoding')).toBe(handler().headers.get('content-encoding'))
  expect(response.headers.has('vary')).toBe(false)
  expect(response.body).toBe(TEXT)
})

test('what is too small goes as it is, but varies: its next version may be larger', async () => {
  const response = await layer(accepting('gzip'), () => respond.text('x'.repeat(1023)))
  expect(response.headers.has('content-encoding')).toBe(false)
  expect(response.headers.get('vary')).toBe('Accept-Encoding')
  expect(response.body).toBe('x'.repeat(1023))
})

test('content that does not shrink goes as it is', async () => {
  const noise = crypto.getRandomValues(new Uint8Array(20_000))
  const response = await layer(accepting('gzip'), () => {
    return new HttpResponse(noise, { headers: { 'Content-Type': 'text/plain' } })
  })
  expect(response.headers.has('content-encoding')).toBe(false)
  expect(await bytesOf(response)).toEqual(Buffer.from(noise))
})

test('the 304 of a picture does not vary when the picture did not', async () => {
  const own = compress()
  const fields = { ETag: '"p1"', 'Cache-Control': 'no-cache' }
  const picture = Buffer.from('not really')
  const whole = await own(accepting('gzip'), () => {
    return new HttpResponse(picture, { headers: { ...fields, 'Content-Type': 'image/png' } })
  })
  const unchanged = await own(
    accepting('gzip'),
    () => new HttpResponse(null, { status: 304, headers: fields }),
  )
  expect([whole.headers.has('vary'), unchanged.headers.has('vary')]).toEqual([false, false])
})

test('fields of the same answer are coded alike each time, their names as they were spelt', async () => {
  const block = new HeaderBlock({
    'Content-Type': 'text/plain',
    'Accept-Ranges': 'bytes',
    ETag: '"v1"',
    'X-Odd': 'a: b',
    'X-Empty': '',
  })
  const own = compress()
  const bytes = Buffer.from(TEXT)
  const fields: string[] = []
  for (let time = 0; time < 3; time++) {
    const response = await own(
      accepting('gzip'),
      () => new HttpResponse(bytes, { headers: HttpHeaders.of(block) }),
    )
    fields.push(response.headers.encode())
  }
  expect(fields[0]).toBe(
    'Content-Type: text/plain\r\nX-Odd: a: b\r\nX-Empty: \r\nVary: Accept-Encoding\r\nContent-Encoding: gzip\r\nETag: W/"v1~gzip"\r\n',
  )
  expect(new Set(fields).size).toBe(1)
  expect(block.encoded).toContain('Accept-Ranges: bytes')
  await own.close()
})

test('a field that a layer further out sets on one coded answer is not on the next', async () => {
  const own = compress()
  const bytes = Buffer.from(TEXT)
  const handler: Handler = () => new HttpResponse(bytes, { headers: { 'Content-Type': 'text/plain' } })
  for (let time = 0; time < 3; time++) {
    const response = await own(accepting('gzip'), handler)
    expect(response.headers.has('set-cookie')).toBe(false)
    response.headers.set('Set-Cookie', `user=${time}`)
  }
  await own.close()
})

test('Vary is added to what stands, once', async () => {
  const vary = async (value: string): Promise<string | null> =>
    (await layer(accepting('gzip'), () => respond.text(TEXT, { headers: { Vary: value } }))).headers.get(
      'vary',
    )
  expect(await vary('Origin')).toBe('Origin, Accept-Encoding')
  expect(await vary('accept-encoding')).toBe('accept-encoding')
  expect(await vary('*')).toBe('*')
})

test('length and byte ranges of the plain answer are not said of the coded one', async () => {
  const headers = { 'Content-Length': TEXT.length, 'Accept-Ranges': 'bytes' }
  const response = await layer(accepting('gzip'), () => respond.text(TEXT, { headers }))
  expect(response.headers.has('content-length')).toBe(false)
  expect(response.headers.has('accept-ranges')).toBe(false)
})

// RFC 9110 §12.5.3
test('406 only where identity is refused and there is no other', async () => {
  const response = await layer(accepting('identity;q=0, sdch'), page)
  expect(response.status).toBe(406)
  expect(response.headers.get('vary')).toBe('Accept-Encoding')
  expect((await layer(accepting('*;q=0'), page)).status).toBe(406)
  expect((await layer(accepting('deflate'), page)).status).toBe(200)
})

test('where 406 would hide what happened, the plain answer is sent to a client that refuses it', async () => {
  const failed = await layer(accepting('identity;q=0'), () => respond.text(TEXT, { status: 404 }))
  expect([failed.status, failed.body === TEXT]).toEqual([404, true])
  const done = await layer(request({ method: 'POST', headers: { 'Accept-Encoding': 'identity;q=0' } }), page)
  expect([done.status, done.body === TEXT]).toEqual([200, true])
})

test('a client that refuses identity gets even small and packed answers coded', async () => {
  const headers = { 'Content-Type': 'image/png' }
  const response = await layer(accepting('identity;q=0, gzip'), () => new HttpResponse('tiny', { headers }))
  expect(response.headers.get('content-encoding')).toBe('gzip')
  expect(await contentOf(response)).toBe('tiny')
})

test('a file is closed after it was compressed, whole or as a stream, and when it is shorter than it was', async () => {
  const headers = { 'Content-Type': 'text/plain' }
  for (const size of [5000, 3_000_000]) {
    const file = memoryFile(Buffer.from(sampleText(size)))
    const response = await layer(
      accepting('gzip'),
      () => new HttpResponse(new FileBody(file, 0, size), { headers }),
    )
    expect((await contentOf(response)).length).toBe(size)
    expect(file.closed).toBe(1)

    const shrunk = memoryFile(Buffer.from(sampleText(size - 1)))
    const answer = async (): Promise<Buffer> =>
      bytesOf(
        await layer(accepting('gzip'), () => new HttpResponse(new FileBody(shrunk, 0, size), { headers })),
      )
    await expect(answer()).rejects.toMatchObject({ code: 'ERR_FILE_SHRANK' })
    expect(shrunk.closed).toBe(1)
  }
})

test('HEAD has the fields of the GET, without a length where that has none, and leaves nothing open', async () => {
  const text = sampleText(1_100_000)
  const file = memoryFile(Buffer.from(text))
  const body = new FileBody(file, 0, text.length)
  const headers = { 'Content-Type': 'text/plain', ETag: '"v1"' }
  const head = request({ method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } })
  const response = await layer(head, () => new HttpResponse(body, { headers }))
  expect(response.headers.get('content-encoding')).toBe('gzip')
  expect(response.headers.get('etag')).toBe('W/"v1~gzip"')
  expect(response.headers.has('content-length')).toBe(false)
  expect(response.body).toBeNull()
  await vi.waitFor(() => expect(file.closed).toBe(1))
})

test('HEAD of what is compressed whole tells what the GET will: the exact length, or that it does not shrink', async () => {
  const noise = crypto.getRandomValues(new Uint8Array(20_000))
  for (const content of [Buffer.from(TEXT), noise, Buffer.from(sampleText(3000))]) {
    for (const asFile of [false, true]) {
      const own = compress()
      const file = memoryFile(content)
      const answer = (): HttpResponse =>
        new HttpResponse(asFile ? new FileBody(file, 0, content.length) : content, {
          headers: { 'Content-Type': 'text/plain', ETag: '"v1"' },
        })
      const head = await own(request({ method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } }), answer)
      const get = await own(accepting('gzip'), answer)
      expect([...head.headers]).toEqual([...get.headers])
      expect((head.body as Uint8Array).length).toBe((await bytesOf(get)).length)
      await own.close()
    }
  }
})

test('HEAD answered by a length alone is not given that length', async () => {
  const headers = { 'Content-Type': 'text/plain', 'Content-Length': 50_000 }
  const head = request({ method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } })
  const response = await layer(head, () => new HttpResponse(null, { headers }))
  expect(response.headers.get('content-encoding')).toBe('gzip')
  expect(response.headers.has('content-length')).toBe(false)
})

test('an answer without content is not touched', async () => {
  const response = await layer(accepting('gzip'), () => respond.empty(204))
  expect([...response.headers]).toEqual([])
})

test('a failing handler fails as before', async () => {
  await expect(async () =>
    layer(accepting('gzip'), () => {
      throw new Error('mine')
    }),
  ).rejects.toThrow('mine')
})

test('beyond the limit of compressions under way answers go plain, and are counted', async () => {
  const tight = compress({ maxConcurrent: 1 })
  const first = tight(accepting('gzip'), page)
  const second = await tight(accepting('gzip'), page)
  expect(second.headers.has('content-encoding')).toBe(false)
  expect(second.body).toBe(TEXT)
  expect((await first).headers.get('content-encoding')).toBe('gzip')
  const third = await tight(accepting('gzip'), () =>
    respond.stream(countedSource([Buffer.from(TEXT)]), {
      headers: { 'Content-Type': 'text/plain' },
    }),
  )
  expect(tight.stats).toMatchObject({ refused: 1, active: 1, compressed: 2 })
  expect(await contentOf(third)).toBe(TEXT)
  expect(tight.stats.active).toBe(0)
})

test.each([
  [{ codings: [] }, /codings/],
  [{ codings: ['deflate' as 'gzip'] }, /codings.*"deflate"/],
  [{ threshold: -1 }, /threshold.*-1/],
  [{ levels: { br: 12 } }, /levels\.br.*0 to 11.*12/],
  [{ levels: { gzip: 0 } }, /levels\.gzip/],
  [{ maxConcurrent: 0.5 }, /maxConcurrent/],
])('a bad option %j is refused by name', (options, message) => {
  expect(() => compress(options)).toThrow(TypeError)
  expect(() => compress(options)).toThrow(message)
})
