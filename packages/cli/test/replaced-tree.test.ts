import { execFile, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import http from 'node:http'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { tempSite } from '@tsws/testing'
import { eventually, startTsws } from './tsws.ts'

/** Kept in memory, and, above a megabyte, read from disk each time. */
const SIZES = [0, 1, 700, 5_000, 70_000, 300_000, 1_500_000]
const NAMES = Array.from({ length: 28 }, (_, index) => `folder-${index % 4}/file-${index}.js`)
const VERSIONS = ['old', 'new'] as const
type Version = (typeof VERSIONS)[number]

/** Each file differs between the versions in every stretch of its bytes, and in its length. */
function contentOf(version: Version, index: number): Buffer {
  const size = (SIZES[index % SIZES.length] as number) + (version === 'new' ? 13 : 0)
  return Buffer.alloc(size, `${version} ${NAMES[index]} `)
}

/** A whole tree of one version, every third file with a `.gz` beside it, all times those of the version. */
function writeTree(root: string, version: Version): void {
  const time = new Date(version === 'old' ? '2024-01-02T03:04:05Z' : '2024-02-03T04:05:06Z')
  const put = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
    utimesSync(path, time, time)
  }
  for (const [index, name] of NAMES.entries()) {
    put(join(root, name), contentOf(version, index))
    if (index % 3 === 0) put(join(root, `${name}.gz`), gzipSync(contentOf(version, index)))
  }
}

interface Got {
  version: Version | 'neither'
  status: number
  etag: string
  declared: number
  received: number
}

const agent = new http.Agent({ keepAlive: true })

function get(port: number, index: number, encoding: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: `/${NAMES[index]}`, agent }
    const request = http.get({ ...options, headers: { 'Accept-Encoding': encoding } }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(pieces)
        const decoded = response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
        resolve({
          version: VERSIONS.find((version) => contentOf(version, index).equals(decoded)) ?? 'neither',
          status: response.statusCode ?? 0,
          etag: response.headers.etag ?? '',
          declared: Number(response.headers['content-length'] ?? bytes.length), // what is compressed now has none
          received: bytes.length,
        })
      })
    })
    request.on('error', reject)
  })
}

/** Asks for everything, over and over, while the tree is replaced, and then once more when a second has passed. */
async function watch(port: number, replace: () => Promise<void>): Promise<void> {
  let isOver = false
  const seen = new Set<string>()
  const versionOf = new Map<string, string>()
  const look = async (index: number, encoding: string): Promise<Got> => {
    const got = await get(port, index, encoding)
    expect(got, `${NAMES[index]} as ${encoding}`).toMatchObject({ status: 200, received: got.declared })
    expect(got.version, `${NAMES[index]} as ${encoding}`).not.toBe('neither')
    const key = `${index} ${encoding} ${got.etag}`
    // One tag, one content: a cache joins what it has by it.
    expect(versionOf.get(key) ?? got.version, key).toBe(got.version)
    versionOf.set(key, got.version)
    return got
  }
  const client = async (encoding: string, start: number): Promise<void> => {
    for (let at = start; !isOver; at++) {
      seen.add((await look(at % NAMES.length, encoding)).version)
    }
  }
  const clients = Promise.all(
    [0, 7, 14, 21].flatMap((start) => [client('identity', start), client('gzip', start)]),
  )
  clients.catch(() => {}) // looked at below
  await eventually(() => expect(seen).toContain('old'))
  await replace()
  await eventually(() => expect(seen).toContain('new'))
  isOver = true
  await clients
  await new Promise((resolve) => setTimeout(resolve, 1_100)) // the default `revalidateInterval`, and some
  for (const index of NAMES.keys()) {
    for (const encoding of ['identity', 'gzip']) expect((await look(index, encoding)).version).toBe('new')
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** As rsync and most tools that copy do it: each file beside its place, then over it. */
async function renameEach(from: string, to: string): Promise<void> {
  for (const [index, name] of NAMES.entries()) {
    const suffixes = index % 3 === 0 ? ['', '.gz'] : ['']
    for (const suffix of suffixes) {
      const beside = join(to, `${name}${suffix}.tmp`)
      const { mtime } = statSync(join(from, name + suffix))
      copyFileSync(join(from, name + suffix), beside)
      utimesSync(beside, mtime, mtime)
      renameSync(beside, join(to, name + suffix))
    }
    await pause(20)
  }
}

async function rsync(from: string, to: string): Promise<void> {
  await promisify(execFile)('rsync', ['-a', '--bwlimit=4m', `${from}/`, `${to}/`])
}

/** As deployments do it: the root is a link, which is turned at one stroke. */
async function turnLink(from: string, to: string): Promise<void> {
  symlinkSync(from, `${to}.next`)
  renameSync(`${to}.next`, to)
}

const WAYS: [string, (from: string, to: string) => Promise<void>, boolean][] = [
  ['each file is renamed over', renameEach, false],
  ['rsync copies', rsync, false],
  ['the link to the root is turned to', turnLink, true],
]
const HAS_RSYNC = spawnSync('rsync', ['--version']).status === 0

test.each(WAYS.filter(([, way]) => way !== rsync || HAS_RSYNC))(
  'while %s a new tree, every answer is one of the two versions whole, and a second later the new one',
  { timeout: 60_000 },
  async (_, replace, isLink) => {
    const site = await tempSite({ 'index.html': '' })
    const folder = dirname(site.root)
    writeTree(join(folder, 'v1'), 'old')
    writeTree(join(folder, 'v2'), 'new')
    const root = join(folder, isLink ? 'current' : 'v1')
    if (isLink) symlinkSync(join(folder, 'v1'), root)
    {
      await using server = await startTsws([root, '--log', 'off', '--threads', '1'])
      await watch(server.port, () => replace(join(folder, 'v2'), root))
    }
    await site.remove()
  },
)
