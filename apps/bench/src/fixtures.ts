import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { temporaryFolder } from './temporary.ts'

/** What the servers serve, made anew for each run and removed after it. */
export interface Fixtures {
  /** The document root. */
  readonly root: string
  /** A self-signed P-256 certificate; null when there is no openssl to make one. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  /** Room for configuration files and the like. */
  readonly scratch: string
  /** The bytes of one file below the root. */
  read(path: string): Buffer
}

export const HELLO = 'Hello, World!'
export const MANY = 1000
/** A size between an icon and a small script. */
const SMALL_FILE_BYTES = 2048

export function makeFixtures(): Fixtures {
  const folder = temporaryFolder()
  const root = join(folder, 'site')
  const scratch = join(folder, 'scratch')
  mkdirSync(join(root, 'many'), { recursive: true })
  mkdirSync(scratch)
  const put = (path: string, bytes: string | Uint8Array): void => writeFileSync(join(root, path), bytes)
  put('hello.txt', HELLO)
  put('1k.txt', bytesOf(1024, 1))
  put('100k.txt', bytesOf(100 * 1024, 2))
  put('100m.bin', bytesOf(100 * 1024 * 1024, 3))
  const text = proseOf(50 * 1024)
  put('text.txt', text)
  put('data.json', jsonOf(50 * 1024))
  put('packed.txt', text)
  put('packed.txt.gz', gzipSync(text, { level: 9 }))
  put('packed.txt.br', brotliCompressSync(text))
  for (let index = 0; index < MANY; index++) put(manyPath(index), bytesOf(SMALL_FILE_BYTES, 100 + index))
  return {
    root,
    scratch,
    tls: makeCertificate(folder),
    read: (path) => readFileSync(join(root, path)),
  }
}

/** A root of 100 folders with 1,000 files each, and `hello.txt`; made when it is first asked for. */
export function largeTree({ scratch }: Pick<Fixtures, 'scratch'>): string {
  const root = join(scratch, 'large')
  if (existsSync(root)) return root
  for (let folder = 0; folder < 100; folder++) {
    const path = join(root, `folder-${folder}`)
    mkdirSync(path, { recursive: true })
    for (let file = 0; file < 1000; file++) writeFileSync(join(path, `${file}.txt`), `${folder}/${file}`)
  }
  writeFileSync(join(root, 'hello.txt'), HELLO)
  return root
}

export function manyPath(index: number): string {
  return `many/${String(index).padStart(4, '0')}.txt`
}

/** Printable bytes that don't compress to nothing, the same in every run (xorshift32). */
function bytesOf(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = seed * 0x9e3779b9 || 1
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = (state & 0x1f1f1f1f) + 0x40404040 // four bytes of '@' … '_'
  }
  return new Uint8Array(words.buffer, 0, length)
}

/** Text with the repetition of real markup: compresses to about a fifth. */
function proseOf(length: number): string {
  const words = [
    'server',
    'request',
    'the',
    'of',
    'connection',
    '<p>',
    '</p>',
    'header',
    'a',
    'bytes',
    'limit',
    'and',
  ]
  let text = ''
  for (let state = 7; text.length < length;) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff
    text += `${words[(state >>> 8) % words.length]}${(state >>> 16) % 37} `
  }
  return text.slice(0, length)
}

/** A list as an API answers it: field names repeat, values do not. Compresses to about a sixth. */
function jsonOf(length: number): string {
  const items: unknown[] = []
  let text = '[]'
  for (let id = 0; text.length < length; id++) {
    const price = ((id * 7919) % 10_007) / 100
    items.push({ id, name: `item number ${id}`, price, tags: [`a${(id * 31) % 97}`], ok: id % 2 === 0 })
    if (id % 8 === 0) text = JSON.stringify(items)
  }
  return text
}

function makeCertificate(folder: string): Fixtures['tls'] {
  const cert = join(folder, 'cert.pem')
  const key = join(folder, 'key.pem')
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  try {
    execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    })
    return { cert, key }
  } catch {
    return null
  }
}
