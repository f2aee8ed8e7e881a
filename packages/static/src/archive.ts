import { HttpResponse, respond } from '@tsws/http'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { walkFiles } from './archive-walk.ts'
import type { DocumentRoot } from './document-root.ts'
import type { PathRules } from './request-path.ts'
import { writeTar } from './tar.ts'
import { writeZip } from './zip.ts'

/** A format in which a folder can be downloaded. */
export type ArchiveFormat = 'tar.gz' | 'zip'

export const ARCHIVE_FORMATS: readonly ArchiveFormat[] = Object.freeze(['tar.gz', 'zip'])

/** Folders below one root as downloads, a few at a time. */
export class Archives {
  readonly formats: readonly ArchiveFormat[]
  readonly #root: DocumentRoot
  readonly #rules: PathRules
  #running = 0

  constructor(root: DocumentRoot, rules: PathRules, formats: readonly ArchiveFormat[]) {
    this.#root = root
    this.#rules = rules
    this.formats = formats
  }

  /** `?archive=zip` where that is offered, or null. */
  formatOf(search: string): ArchiveFormat | null {
    if (this.formats.length === 0 || !search.startsWith(QUERY)) return null
    return this.formats.find((format) => search === QUERY + format) ?? null
  }

  /** The folder, which exists, as a download. Nothing is open until the body is read. */
  answer(folder: string, format: ArchiveFormat): HttpResponse {
    if (this.#running >= MAX_RUNNING) {
      return respond.text('Too many downloads of folders at once\n', {
        status: 503,
        headers: { 'Retry-After': '10' },
      })
    }
    const name = `${folder.slice(folder.lastIndexOf('/') + 1) || 'files'}.${format}`
    const body = new ArchiveBody(
      () => {
        this.#running++
        const files = walkFiles(this.#root, folder, this.#rules)
        return format === 'zip' ? Readable.from(writeZip(files)) : gzipped(Readable.from(writeTar(files)))
      },
      () => this.#running--,
    )
    return new HttpResponse(body, {
      headers: {
        'Content-Type': format === 'zip' ? 'application/zip' : 'application/gzip',
        'Content-Disposition': attachment(name),
        'Cache-Control': 'no-store',
      },
    })
  }
}

const QUERY = '?archive='

/**
 * Archives made at once. Compressing is work for the threads that also open and read every other file; more than this
 * would make those wait.
 */
const MAX_RUNNING = 2

/** RFC 6266 §4.1, Appendix D: a plain name for old clients, the real one for the others. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

function gzipped(source: Readable): Readable {
  const gzip = createGzip()
  source.on('error', (error) => gzip.destroy(error))
  gzip.on('close', () => source.destroy())
  return source.pipe(gzip)
}

/** Begins when it is first read, ends and lets go of everything at its end, on failure, and when it is given up. */
class ArchiveBody implements AsyncIterable<Uint8Array> {
  readonly #begin: () => Readable
  readonly #end: () => void

  constructor(begin: () => Readable, end: () => void) {
    this.#begin = begin
    this.#end = end
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const stream = this.#begin()
    try {
      yield* stream as AsyncIterable<Uint8Array>
    } finally {
      stream.destroy()
      this.#end()
    }
  }
}
