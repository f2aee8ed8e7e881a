import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, gunzipSync, inflateRawSync } from 'node:zlib'
import { closeBody } from '@tsws/http'
import { describe, expect, it } from 'vitest'
import { walkFiles } from '../src/archive-walk.ts'
import { attachment } from '../src/archive.ts'
import { DocumentRoot } from '../src/document-root.ts'
import { serveStatic } from '../src/index.ts'
import { tarHeader } from '../src/tar.ts'
import { writeZip } from '../src/zip.ts'
import { ask, makeRequest, makeTree, OLD, passedOn } from './support.ts'

const LONG = `${'long '.repeat(40)}.txt`
const RANDOM = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7919) ^ (at >> 3)))
const CONTENT: Readonly<Record<string, string | Buffer>> = {
  'a.txt': 'plain',
  'empty.txt': '',
  'b/index.html': '<p>'.repeat(100_000),
  'b/c/photo.jpg': RANDOM,
  'ünï/日本.txt': 'unicode',
  [`b/${LONG}`]: 'long',
  'block.bin': Buffer.alloc(512, 1),
}

function site(): string {
  const root = makeTree(
    Object.fromEntries(Object.entries(CONTENT).map(([name, bytes]) => [`top/${name}`, bytes])),
  )
  const outside = makeTree({ 'secret.txt': 'SECRET' })
  writeFileSync(join(root, 'top/.env'), 'SECRET')
  symlinkSync(join(outside, 'secret.txt'), join(root, 'top/out.txt'))
  symlinkSync('.', join(root, 'top/circle'))
  symlinkSync('a.txt', join(root, 'top/in.txt'))
  return root
}

const EXPECTED = { ...CONTENT, 'in.txt': 'plain' }
const options = { archives: ['tar.gz', 'zip'] as const }

/** By the central directory, as unzip reads; checks every local header, descriptor and checksum. */
function unzip(zip: Buffer): Record<string, Buffer> {
  const files: Record<string, Buffer> = {}
  const end = zip.length - 22
  expect(zip.readUInt32LE(end)).toBe(0x06054b50)
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    expect(zip.readUInt32LE(at)).toBe(0x02014b50)
    const [crc, packed, size] = [
      zip.readUInt32LE(at + 16),
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 24),
    ]
    const nameLength = zip.readUInt16LE(at + 28)
    const name = zip.subarray(at + 46, at + 46 + nameLength)
    const local = zip.readUInt32LE(at + 42)
    expect(zip.readUInt32LE(local)).toBe(0x04034b50)
    expect(zip.subarray(local + 30, local + 30 + nameLength).equals(name)).toBe(true)
    const start = local + 30 + nameLength + zip.readUInt16LE(local + 28)
    const bytes = inflateRawSync(zip.subarray(start, start + packed))
    expect([zip.readUInt32LE(start + packed), zip.readUInt32LE(start + packed + 4)]).toEqual([
      0x08074b50,
      crc,
    ])
    expect([bytes.length, crc32(bytes)]).toEqual([size, crc])
    files[name.toString()] = bytes
    at += 46 + nameLength + zip.readUInt16LE(at + 30)
  }
  expect(at).toBe(end)
  return files
}

describe('a folder as a download', () => {
  it('is off by default: the query is only a query', async () => {
    expect((await ask(serveStatic(site()), 'GET', '/top/b/?archive=zip')).header('content-type')).toContain(
      'text/html',
    )
  })

  it('as .zip holds every file that would be served, and nothing else', async () => {
    const answer = await ask(serveStatic(site(), options), 'GET', '/top/?archive=zip')
    expect([answer.status, answer.header('content-type')]).toEqual([200, 'application/zip'])
    expect(answer.header('content-disposition')).toBe(
      `attachment; filename="top.zip"; filename*=UTF-8''top.zip`,
    )
    const files = unzip(answer.bytes)
    expect(Object.keys(files).toSorted()).toEqual(Object.keys(EXPECTED).toSorted())
    for (const [name, content] of Object.entries(EXPECTED))
      expect(files[name]?.equals(Buffer.from(content)), name).toBe(true)
  })

  it('as .tar.gz is read by tar, with names, contents and times', async () => {
    const answer = await ask(serveStatic(site(), options), 'GET', '/top/?archive=tar.gz')
    expect(answer.header('content-type')).toBe('application/gzip')
    const target = makeTree({ 'x.tar': gunzipSync(answer.bytes) })
    execFileSync('tar', ['-xf', 'x.tar'], { cwd: target })
    const names = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(target, name)).isFile(),
    )
    expect(names.toSorted()).toEqual(['x.tar', ...Object.keys(EXPECTED)].toSorted())
    for (const [name, content] of Object.entries(EXPECTED)) {
      expect(readFileSync(join(target, name)).equals(Buffer.from(content)), name).toBe(true)
      expect(statSync(join(target, name)).mtimeMs, name).toBe(OLD.getTime())
    }
  })

  it('is there for a folder with an index too, and for the root', async () => {
    const root = makeTree({ 'index.html': 'index' })
    const middleware = serveStatic(root, options)
    await ask(middleware, 'GET', '/')
    const answer = await ask(middleware, 'GET', '/?archive=zip')
    expect(Object.keys(unzip(answer.bytes))).toEqual(['index.html'])
    expect(answer.header('content-disposition')).toContain('filename="files.zip"')
  })

  it('is not there for a file, for nothing, for another format, or for another method', async () => {
    const middleware = serveStatic(site(), { archives: ['zip'] })
    expect((await ask(middleware, 'GET', '/top/a.txt?archive=zip')).text).toBe('plain')
    expect((await ask(middleware, 'GET', '/no/?archive=zip')).header('x-passed')).toBe('on')
    expect((await ask(middleware, 'GET', '/.git/?archive=zip')).header('x-passed')).toBe('on')
    expect((await ask(middleware, 'GET', '/top/?archive=tar.gz')).header('x-passed')).toBe('on')
    expect((await ask(middleware, 'GET', '/top?archive=zip')).header('location')).toBe('/top/?archive=zip')
    expect((await ask(middleware, 'POST', '/top/?archive=zip')).status).toBe(405)
  })

  it('more than two at a time are put off; the place is free again once one is over or given up', async () => {
    const middleware = serveStatic(site(), options)
    const begin = async (): Promise<AsyncIterator<Uint8Array>> => {
      const response = await middleware(makeRequest('GET', '/top/?archive=zip'), passedOn)
      const iterator = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
      await iterator.next()
      return iterator
    }
    const first = await begin()
    const second = await begin()
    const refused = await ask(middleware, 'GET', '/top/?archive=zip')
    expect([refused.status, refused.header('retry-after')]).toEqual([503, '10'])
    await first.return?.()
    expect((await ask(middleware, 'GET', '/top/?archive=zip')).status).toBe(200)
    await second.return?.()
  })

  it('holds nothing open, read to its end, given up, or never begun', async () => {
    const middleware = serveStatic(site(), options)
    await ask(middleware, 'GET', '/top/?archive=zip')
    const before = readdirSync('/proc/self/fd').length
    for (const format of ['zip', 'tar.gz']) {
      await closeBody((await middleware(makeRequest('HEAD', `/top/?archive=${format}`), passedOn)).body)
      const begun = await middleware(makeRequest('GET', `/top/?archive=${format}`), passedOn)
      const iterator = (begun.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
      await iterator.next()
      await iterator.return?.()
      await ask(middleware, 'GET', `/top/?archive=${format}`)
    }
    await expect.poll(() => readdirSync('/proc/self/fd').length).toBe(before)
  })
})

describe('the parts', () => {
  it('a size beyond eleven octal digits is in the extended header', () => {
    const header = tarHeader('big.bin', 2 ** 40, 0)
    expect(header.length).toBe(1536)
    expect(header.toString('latin1', 512, 1024)).toContain('22 size=1099511627776\n')
  })

  it('a file of 4 GiB and more has its sizes in eight bytes, in the descriptor and in the directory', async () => {
    const root = new DocumentRoot(makeTree({ 'a.txt': 'a'.repeat(1000) }))
    const pieces: Buffer[] = []
    for await (const piece of writeZip(walkFiles(root, '/', {}), 1000)) pieces.push(piece)
    const zip = Buffer.concat(pieces)
    const directory = zip.readUInt32LE(zip.length - 22 + 16)
    const extra = directory + 46 + 'a.txt'.length
    expect([zip.readUInt32LE(directory + 20), zip.readUInt32LE(directory + 24)]).toEqual([
      0xffffffff, 0xffffffff,
    ])
    expect([zip.readUInt16LE(extra), zip.readUInt16LE(extra + 2)]).toEqual([1, 24])
    const [size, packed, offset] = [4, 12, 20].map((at) => Number(zip.readBigUInt64LE(extra + at))) as [
      number,
      number,
      number,
    ]
    expect([size, offset]).toEqual([1000, 0])
    const start = 30 + 'a.txt'.length + zip.readUInt16LE(28)
    expect(inflateRawSync(zip.subarray(start, start + packed)).toString()).toBe('a'.repeat(1000))
    expect(Number(zip.readBigUInt64LE(start + packed + 8))).toBe(packed)
    expect(Number(zip.readBigUInt64LE(start + packed + 16))).toBe(1000)
    expect(start + packed + 24).toBe(directory)
  })

  it('a name in Content-Disposition cannot break out', () => {
    expect(attachment('a"b\\c\r\nX: y.zip')).toBe(
      `attachment; filename="a_b_c__X: y.zip"; filename*=UTF-8''a%22b%5Cc%0D%0AX%3A%20y.zip`,
    )
    expect(attachment('ü.zip')).toBe(`attachment; filename="_.zip"; filename*=UTF-8''%C3%BC.zip`)
  })
})
