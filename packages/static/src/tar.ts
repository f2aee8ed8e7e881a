import { readFile } from './archive-walk.ts'
import type { ArchiveFile } from './archive-walk.ts'

/**
 * Files as a tar archive, in the pax interchange format (POSIX.1-2017, pax): a `ustar` header each, and an extended
 * header before it where a name or a size does not fit.
 */
export async function* writeTar(files: AsyncIterable<ArchiveFile>): AsyncGenerator<Buffer, void, undefined> {
  for await (const file of files) {
    yield tarHeader(file.name, file.stats.size, file.stats.mtimeMs)
    yield* readFile(file)
    const rest = file.stats.size % BLOCK
    if (rest > 0) yield Buffer.alloc(BLOCK - rest)
  }
  yield Buffer.alloc(2 * BLOCK)
}

const BLOCK = 512
/** Bytes of a name in a ustar header. */
const MAX_NAME = 100
/** The first size that does not fit into eleven octal digits. */
const TOO_LARGE = 8 ** 11

/** @param mtimeMs milliseconds since 1970 */
export function tarHeader(name: string, size: number, mtimeMs: number): Buffer {
  const records: [string, string][] = []
  // ustar says nothing of the coding of a name; pax says UTF-8.
  if (Buffer.byteLength(name) > MAX_NAME || !/^[\x20-\x7e]*$/.test(name)) records.push(['path', name])
  if (size >= TOO_LARGE) records.push(['size', String(size)])
  const seconds = Math.max(0, Math.floor(mtimeMs / 1000))
  const main = ustar(name, size >= TOO_LARGE ? 0 : size, seconds, '0')
  if (records.length === 0) return main
  const extended = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(''))
  const padding = Buffer.alloc((BLOCK - (extended.length % BLOCK)) % BLOCK)
  return Buffer.concat([ustar('PaxHeader', extended.length, seconds, 'x'), extended, padding, main])
}

function ustar(name: string, size: number, seconds: number, type: '0' | 'x'): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(name.replace(/[^\x20-\x7e]/g, '_').slice(0, MAX_NAME), 0, 'latin1')
  header.write('0000644\0', 100, 'latin1')
  header.write('0000000\0', 108, 'latin1') // the owner is nobody's business
  header.write('0000000\0', 116, 'latin1')
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  header.write(`${seconds.toString(8).padStart(11, '0')}\0`, 136, 'latin1')
  header.write('        ', 148, 'latin1') // the checksum counts itself as spaces
  header.write(type, 156, 'latin1')
  header.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

/** `LENGTH key=value\n`, where LENGTH counts itself too. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + 1
  while (String(length).length + rest !== length) length = String(length).length + rest
  return `${length} ${key}=${value}\n`
}
