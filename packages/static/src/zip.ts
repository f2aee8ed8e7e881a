import { Readable } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import { readFile } from './archive-walk.ts'
import type { ArchiveFile } from './archive-walk.ts'
import { isCompressible, mediaTypeOf } from './media-type.ts'

/**
 * Files as a zip archive (APPNOTE.TXT 6.3), written in one go: sizes and checksums follow their file in a data descriptor,
 * and the central directory at the end has them all. Zip64 where a size or an offset needs it.
 *
 * @param zip64From bytes of a file from which its sizes are written in eight bytes
 */
export async function* writeZip(
  files: AsyncIterable<ArchiveFile>,
  zip64From: number = ZIP64_FROM,
): AsyncGenerator<Buffer, void, undefined> {
  const entries: ZipEntry[] = []
  let offset = 0
  for await (const file of files) {
    const entry: ZipEntry = {
      name: Buffer.from(file.name),
      time: dosTime(file.stats.mtimeMs),
      size: file.stats.size,
      zip64: file.stats.size >= zip64From,
      compressedSize: 0,
      crc: 0,
      offset,
    }
    const header = localHeader(entry)
    yield header
    offset += header.length
    for await (const chunk of deflate(file, entry)) {
      entry.compressedSize += chunk.length
      yield chunk
    }
    const descriptor = dataDescriptor(entry)
    yield descriptor
    offset += entry.compressedSize + descriptor.length
    entries.push(entry)
  }
  const start = offset
  for (const entry of entries) {
    const header = centralHeader(entry)
    offset += header.length
    yield header
  }
  yield endOfCentralDirectory(entries.length, start, offset - start)
}

interface ZipEntry {
  readonly name: Buffer
  /** Date and time as DOS wrote them, in UTC. */
  readonly time: number
  readonly size: number
  readonly zip64: boolean
  compressedSize: number
  crc: number
  /** Of the local header in the archive. */
  readonly offset: number
}

/** Sizes from which zip64 is used: below 4 GiB, so that what deflate adds still fits. */
const ZIP64_FROM = 0xf000_0000
const MAX_32 = 0xffff_ffff
const MAX_16 = 0xffff
/** Bit 3: sizes follow the data. Bit 11: the name is UTF-8. */
const FLAGS = 0x0808
const DEFLATED = 8
const VERSION = 20
const VERSION_ZIP64 = 45

async function* deflate(file: ArchiveFile, entry: ZipEntry): AsyncGenerator<Buffer, void, undefined> {
  // What is compressed already is only wrapped.
  const level = isCompressible(mediaTypeOf(`/${file.name}`)) ? 6 : 0
  const source = Readable.from(checksummed(file, entry))
  const deflated = source.pipe(createDeflateRaw({ level }))
  source.on('error', (error) => deflated.destroy(error))
  try {
    for await (const chunk of deflated) yield chunk as Buffer
  } finally {
    source.destroy()
  }
}

async function* checksummed(file: ArchiveFile, entry: ZipEntry): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of readFile(file)) {
    entry.crc = crc32(chunk, entry.crc)
    yield chunk
  }
}

function localHeader({ name, time, zip64 }: ZipEntry): Buffer {
  const header = Buffer.alloc(30)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(zip64 ? VERSION_ZIP64 : VERSION, 4)
  header.writeUInt16LE(FLAGS, 6)
  header.writeUInt16LE(DEFLATED, 8)
  header.writeUInt32LE(time, 10)
  header.writeUInt32LE(zip64 ? MAX_32 : 0, 18)
  header.writeUInt32LE(zip64 ? MAX_32 : 0, 22)
  header.writeUInt16LE(name.length, 26)
  const extra = zip64 ? zip64Extra([0, 0]) : Buffer.alloc(0)
  header.writeUInt16LE(extra.length, 28)
  return Buffer.concat([header, name, extra])
}

function dataDescriptor({ crc, size, compressedSize, zip64 }: ZipEntry): Buffer {
  const descriptor = Buffer.alloc(zip64 ? 24 : 16)
  descriptor.writeUInt32LE(0x08074b50, 0)
  descriptor.writeUInt32LE(crc, 4)
  if (zip64) {
    descriptor.writeBigUInt64LE(BigInt(compressedSize), 8)
    descriptor.writeBigUInt64LE(BigInt(size), 16)
  } else {
    descriptor.writeUInt32LE(compressedSize, 8)
    descriptor.writeUInt32LE(size, 12)
  }
  return descriptor
}

function centralHeader({ name, time, size, compressedSize, crc, offset, zip64 }: ZipEntry): Buffer {
  const large = zip64 || offset >= MAX_32
  const header = Buffer.alloc(46)
  header.writeUInt32LE(0x02014b50, 0)
  header.writeUInt16LE((3 << 8) | VERSION_ZIP64, 4) // made on Unix, so that the mode below counts
  header.writeUInt16LE(large ? VERSION_ZIP64 : VERSION, 6)
  header.writeUInt16LE(FLAGS, 8)
  header.writeUInt16LE(DEFLATED, 10)
  header.writeUInt32LE(time, 12)
  header.writeUInt32LE(crc, 16)
  header.writeUInt32LE(large ? MAX_32 : compressedSize, 20)
  header.writeUInt32LE(large ? MAX_32 : size, 24)
  header.writeUInt16LE(name.length, 28)
  const extra = large ? zip64Extra([size, compressedSize, offset]) : Buffer.alloc(0)
  header.writeUInt16LE(extra.length, 30)
  header.writeUInt32LE((0o100644 << 16) >>> 0, 38)
  header.writeUInt32LE(large ? MAX_32 : offset, 42)
  return Buffer.concat([header, name, extra])
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(values.length * 8, 2)
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  return extra
}

function endOfCentralDirectory(count: number, start: number, size: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(count, MAX_16), 8)
  end.writeUInt16LE(Math.min(count, MAX_16), 10)
  end.writeUInt32LE(Math.min(size, MAX_32), 12)
  end.writeUInt32LE(Math.min(start, MAX_32), 16)
  if (count < MAX_16 && start + size < MAX_32) return end
  const end64 = Buffer.alloc(56 + 20)
  end64.writeUInt32LE(0x06064b50, 0)
  end64.writeBigUInt64LE(44n, 4)
  end64.writeUInt16LE((3 << 8) | VERSION_ZIP64, 12)
  end64.writeUInt16LE(VERSION_ZIP64, 14)
  end64.writeBigUInt64LE(BigInt(count), 24)
  end64.writeBigUInt64LE(BigInt(count), 32)
  end64.writeBigUInt64LE(BigInt(size), 40)
  end64.writeBigUInt64LE(BigInt(start), 48)
  end64.writeUInt32LE(0x07064b50, 56)
  end64.writeBigUInt64LE(BigInt(start + size), 64)
  end64.writeUInt32LE(1, 72)
  return Buffer.concat([end64, end])
}

/** Two seconds is the finest step, 1980 the first year, 2107 the last. */
function dosTime(mtimeMs: number): number {
  const date = new Date(Math.min(Math.max(mtimeMs, Date.UTC(1980, 0, 1)), Date.UTC(2107, 11, 31)))
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1)
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate()
  return ((day << 16) | time) >>> 0
}
