import { FileBody, HeaderBlock, HttpHeaders, HttpResponse, respond } from '@tsws/http'
import { mkdtemp, open, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { AVAILABLE_CODINGS, compress, withoutCompression } from '../src/index.ts'
import type { Compress } from '../src/index.ts'
import { accepting, bytesOf, contentOf, request, sampleText } from './exchange.ts'

const TEXT = sampleText(60_000)
const tagged = (body: string | Uint8Array, etag = '"v1"'): HttpResponse =>
  new HttpResponse(body, { headers: { 'Content-Type': 'text/plain', ETag: etag } })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsws-compress-'))
})
afterAll(() => rm(folder, { recursive: true }))

const fromFile = async (layer: Compress, path: string, accept = 'gzip'): Promise<HttpResponse> => {
  const handle = await open(path)
  const { size } = await handle.stat()
  const headers = { 'Content-Type': 'text/plain', ETag: 'W/"same"' }
  return layer(accepting(accept), () => new HttpResponse(new FileBody(handle, 0, size), { headers }))
}
/** A file that settled some seconds ago, as those of a site did. */
const settle = async (path: string): Promise<void> => {
  // the time of the last change of the inode cannot be set, so it is waited for
  await utimes(path, 1e9, 1e9)
  await new Promise((resolve) => setTimeout(resolve, 80))
}

/** Milliseconds go by, as far as anybody looks at the clock. */
function pass(ms: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })
}
afterEach(() => void vi.useRealTimers())

test('the second time the same content comes from what was kept', async () => {
  const layer = compress()
  const first = await layer(accepting('gzip'), () => tagged(TEXT))
  const second = await layer(accepting('gzip'), () => tagged(TEXT))
  expect(layer.stats.hits).toBe(1)
  expect(await contentOf(first)).toBe(TEXT)
  expect(await contentOf(second)).toBe(TEXT)
  await layer.close()
})

test('content without a validator is kept when it comes a second time', async () => {
  const layer = compress()
  for (let time = 0; time < 4; time++) await layer(accepting('gzip'), () => respond.text(TEXT))
  expect(layer.stats.hits).toBe(2)
  await layer.close()
})

test('equal tags and URLs never bring one client the content of another', async () => {
  const layer = compress()
  for (let user = 0; user < 40; user++) {
    // equal length, one place differs: most of them are equal in every sampled place
    const page = `${TEXT.slice(0, 31_001)}${String.fromCharCode(48 + user)}${TEXT.slice(31_002)}`
    for (const body of [page, Buffer.from(page)]) {
      expect((await contentOf(await layer(accepting('gzip'), () => tagged(body)))) === page).toBe(true)
      expect((await contentOf(await layer(accepting('gzip'), () => tagged(body)))) === page).toBe(true)
    }
  }
  expect(layer.stats.hits).toBe(80)
  await layer.close()
})

test('a buffer that its handler writes to again is never answered from what it held before', async () => {
  const layer = compress()
  const buffer = Buffer.from(TEXT)
  await layer(accepting('gzip'), () => tagged(buffer))
  await layer.idle()
  buffer.fill('x', 31_001, 31_002)
  const changed = buffer.toString()
  expect((await contentOf(await layer(accepting('gzip'), () => tagged(buffer)))) === changed).toBe(true)
  // and while it is being compressed
  const pending = layer(accepting('gzip'), () => tagged(buffer, '"v2"'))
  buffer.fill('y')
  await pending
  const after = await layer(accepting('gzip'), () => tagged(changed))
  expect((await contentOf(after)) === changed).toBe(true)
  const now = buffer.toString()
  expect((await contentOf(await layer(accepting('gzip'), () => tagged(buffer)))) === now).toBe(true)
  await layer.close()
})

test('in the background the best level is made and takes the place of the first', async () => {
  const layer = compress()
  const first = await bytesOf(await layer(accepting('br'), () => tagged(TEXT)))
  await layer.idle()
  pass(500)
  const second = await bytesOf(await layer(accepting('br'), () => tagged(TEXT)))
  const best = zlib.brotliCompressSync(TEXT, {
    params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 16 },
  })
  expect(second.length).toBeLessThan(first.length)
  expect(second.length).toBeLessThanOrEqual(best.length + 16)
  expect(zlib.brotliDecompressSync(second).toString()).toBe(TEXT)
  await layer.close()
})

test.each(['br', 'zstd'])(
  '%s: who asks again within half a second gets the same bytes, a HEAD of them too',
  async (coding) => {
    pass(0)
    const layer = compress()
    const lengths: number[] = []
    const ask = async (method: string): Promise<void> => {
      const headers = { 'Accept-Encoding': coding }
      const response = await layer(request({ method, headers }), () => tagged(TEXT, 'W/"v1"'))
      lengths.push((await bytesOf(response)).length)
    }
    await ask('GET')
    await layer.idle()
    for (const method of ['HEAD', 'GET', 'HEAD']) {
      pass(499)
      await ask(method)
    }
    pass(500)
    for (const method of ['GET', 'HEAD']) await ask(method)
    const [first, better] = [lengths[0] as number, lengths[4] as number]
    expect(better).toBeLessThan(first)
    expect(lengths).toEqual([first, first, first, first, better, better])
    await layer.close()
  },
)

test('what is asked for all the time is sent in its best coding after five seconds', async () => {
  pass(0)
  const layer = compress()
  const sent = async (): Promise<number> =>
    (await bytesOf(await layer(accepting('br'), () => tagged(TEXT)))).length
  const first = await sent()
  await layer.idle()
  for (let waited = 100; waited < 5000; waited += 100) {
    pass(100)
    expect(await sent()).toBe(first)
  }
  pass(100)
  expect(await sent()).toBeLessThan(first)
  await layer.close()
})

test('the best level can be made elsewhere, and one that fails there changes nothing', async () => {
  const asked: [string, number][] = []
  const layer = compress({
    cache: {
      encode: async (_bytes, coding, level) => {
        asked.push([coding, level])
        throw new Error('no worker')
      },
    },
  })
  await layer(accepting('gzip'), () => tagged(TEXT))
  await layer.idle()
  expect(asked).toEqual([['gzip', 9]])
  expect(layer.stats.failures).toBe(1)
  expect(await contentOf(await layer(accepting('gzip'), () => tagged(TEXT)))).toBe(TEXT)
  await layer.close()
})

test('fifty clients who come at once cost one compression', async () => {
  const layer = compress({ maxConcurrent: 1 })
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => layer(accepting('gzip'), () => tagged(Buffer.from(TEXT)))),
  )
  expect(layer.stats).toMatchObject({ compressed: 50, hits: 49, refused: 0, active: 0 })
  for (const answer of answers) expect(await contentOf(answer)).toBe(TEXT)
  await layer.close()
})

test('HEAD of what is kept tells the exact length', async () => {
  const layer = compress()
  const get = await bytesOf(await layer(accepting('gzip'), () => tagged(TEXT)))
  const head = await layer(request({ method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } }), () =>
    tagged(TEXT),
  )
  expect((head.body as Uint8Array).length).toBe(get.length)
  await layer.close()
})

test('memory stays within its bound, and what is used stays', async () => {
  const maxBytes = 300_000
  const layer = compress({ cache: { maxBytes } })
  const favourite = sampleText(20_000)
  for (let version = 0; version < 60; version++) {
    const page = `${version} ${sampleText(20_000)}`
    await layer(accepting('gzip'), () => tagged(page))
    await layer(accepting('gzip'), () => tagged(favourite))
    expect(layer.stats.keptBytes).toBeLessThanOrEqual(maxBytes)
  }
  expect(layer.stats.hits).toBe(59)
  await layer.close()
})

test('what does not shrink is tried once', async () => {
  const layer = compress()
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(30_000)))
  for (let time = 0; time < 3; time++) {
    const response = await layer(accepting('gzip'), () => tagged(noise))
    expect(response.headers.has('content-encoding')).toBe(false)
    expect(await bytesOf(response)).toEqual(noise)
  }
  expect(layer.stats).toMatchObject({ compressed: 0, active: 0 })
  expect(
    (await layer(accepting('gzip, identity;q=0'), () => tagged(noise))).headers.get('content-encoding'),
  ).toBe('gzip')
  await layer.close()
})

test.each([40_000, 2_500_000])(
  'a file of %i bytes is compressed once and its descriptor closed each time',
  async (size) => {
    const layer = compress()
    const path = join(folder, `once-${size}`)
    await writeFile(path, sampleText(size))
    await settle(path)
    for (let time = 0; time < 3; time++) {
      const response = await fromFile(layer, path)
      expect((await contentOf(response)) === sampleText(size)).toBe(true)
    }
    expect(layer.stats.hits).toBe(2)
    await layer.idle()
    expect((await contentOf(await fromFile(layer, path))) === sampleText(size)).toBe(true)
    await layer.close()
  },
)

test('a file replaced by one of the same size, time, name and tag is not answered from the old one', async () => {
  const layer = compress()
  const path = join(folder, 'replaced')
  const [before, after] = [sampleText(30_000), sampleText(30_000).replaceAll('line', 'LINE')]
  await writeFile(path, before)
  await settle(path)
  await fromFile(layer, path)
  await writeFile(`${path}.new`, after)
  await settle(`${path}.new`)
  await rename(`${path}.new`, path)
  expect((await stat(path)).mtimeMs).toBe(1e12)
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect((await contentOf(await fromFile(layer, path))) === after).toBe(true)
  // and written to in place, its time set back
  await writeFile(path, before)
  await settle(path)
  expect((await contentOf(await fromFile(layer, path))) === before).toBe(true)
  expect(layer.stats.hits).toBe(0)
  await layer.close()
})

test('without a cache everything is compressed anew and nothing kept', async () => {
  const layer = compress({ cache: false })
  for (let time = 0; time < 3; time++) await layer(accepting('gzip'), () => tagged(TEXT))
  expect(layer.stats).toMatchObject({ compressed: 3, hits: 0, keptBytes: 0 })
})

test.each([
  [{ cache: { maxBytes: -1 } }, /cache\.maxBytes/],
  [{ cache: { maxEntryBytes: 2, maxBytes: 1 } }, /cache\.maxEntryBytes.*0 to 1/],
  [{ cache: { levels: { zstd: 22 } } }, /cache\.levels\.zstd.*1 to 19/],
  [{ cache: { directory: '' } }, /cache\.directory/],
  [{ cache: { encode: 'fast' as never } }, /cache\.encode/],
])('a bad option %j is refused by name', (options, message) => {
  expect(() => compress(options)).toThrow(message)
})

/** A file as the static layer has it in memory: fields and content in one block. */
const blockOf = (text: string, fields: Record<string, string> = {}): HeaderBlock =>
  new HeaderBlock({ 'Content-Type': 'text/plain', ETag: '"v1"', ...fields }, Buffer.from(text))
const fromBlock = (block: HeaderBlock, status = 200): HttpResponse =>
  new HttpResponse(block.content, { status, headers: HttpHeaders.of(block) })
/** Whether fields and content go out in one stretch. */
const isPacked = ({ body, headers }: HttpResponse): boolean => headers.contentBlock(body) !== null

test.each(AVAILABLE_CODINGS)(
  '%s: the best coding of a block is one stretch with its fields',
  async (coding) => {
    const layer = compress()
    const block = blockOf(TEXT)
    const answers: HttpResponse[] = []
    for (let time = 0; time < 4; time++) {
      answers.push(await layer(accepting(coding), () => fromBlock(block)))
      await layer.idle()
      pass(500)
    }
    expect(answers.map(isPacked)).toEqual([false, false, true, true])
    for (const answer of answers) {
      expect(answer.headers.encode()).toBe(
        `Content-Type: text/plain\r\nVary: Accept-Encoding\r\nContent-Encoding: ${coding}\r\nETag: W/"v1~${coding}"\r\n`,
      )
      expect(await contentOf(answer)).toBe(TEXT)
    }
    expect(layer.stats).toMatchObject({ compressed: 4, hits: 3 })
    expect(layer.stats.keptBytes).toBeGreaterThan(
      TEXT.length + 2 * (await bytesOf(answers[3] as HttpResponse)).length,
    )
    await layer.close()
  },
)

test('a packed answer is for its own block, coding, status and client only', async () => {
  const layer = compress()
  const block = blockOf(TEXT)
  const other = blockOf(TEXT, { 'X-Other': 'yes' })
  for (let time = 0; time < 3; time++) {
    await layer(accepting('gzip'), () => fromBlock(block))
    await layer.idle()
  }
  const named = await layer(accepting('gzip'), () => fromBlock(other))
  expect([isPacked(named), named.headers.get('x-other')]).toEqual([false, 'yes'])
  const marked = await layer(accepting('gzip'), () => {
    const response = fromBlock(block)
    response.headers.set('Set-Cookie', 'a=1')
    return response
  })
  expect([isPacked(marked), marked.headers.getSetCookie()]).toEqual([false, ['a=1']])
  const swapped = await layer(accepting('gzip'), () => {
    return new HttpResponse(sampleText(70_000), { headers: HttpHeaders.of(block) })
  })
  expect(await contentOf(swapped)).toBe(sampleText(70_000))
  expect((await layer(accepting('gzip'), () => fromBlock(block, 404))).status).toBe(404)
  expect((await layer(accepting('br'), () => fromBlock(block))).headers.get('content-encoding')).toBe('br')
  expect((await layer(request(), () => fromBlock(block))).body).toBe(block.content)
  const refused = await layer(accepting('gzip'), () => withoutCompression(fromBlock(block)))
  expect(refused.body).toBe(block.content)
  expect(isPacked(await layer(accepting('gzip'), () => fromBlock(block)))).toBe(true)
  // What has gone leaves the other name its turn.
  for (let time = 0; time < 20; time++) await layer(accepting('gzip'), () => fromBlock(other))
  const later = await layer(accepting('gzip'), () => fromBlock(other))
  expect([isPacked(later), later.headers.get('x-other')]).toEqual([true, 'yes'])
  await layer.close()
})

test('what only a client who refuses the plain answer is sent coded is packed for nobody', async () => {
  const layer = compress()
  for (const block of [blockOf('tiny '.repeat(50)), blockOf(TEXT, { 'Content-Type': 'image/x' })]) {
    for (let time = 0; time < 4; time++) {
      const refusing = await layer(accepting('gzip, identity;q=0'), () => fromBlock(block))
      expect(refusing.headers.get('content-encoding')).toBe('gzip')
      await layer.idle()
      pass(500)
    }
    expect((await layer(accepting('gzip'), () => fromBlock(block))).body).toBe(block.content)
  }
  await layer.close()
})

test('packed answers count against the bound of memory, and go with what they were made of', async () => {
  const maxBytes = 200_000
  const layer = compress({ cache: { maxBytes } })
  const blocks = Array.from({ length: 8 }, (_, at) => blockOf(`${at} ${TEXT}`))
  for (let round = 0; round < 4; round++) {
    for (const [at, block] of blocks.entries()) {
      const answer = await layer(accepting('gzip'), () => fromBlock(block))
      expect(await contentOf(answer)).toBe(`${at} ${TEXT}`)
      await layer.idle()
      pass(500)
      expect(layer.stats.keptBytes).toBeLessThanOrEqual(maxBytes)
    }
  }
  await layer.close()
})
