import { HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import { DocumentRoot } from './document-root.ts'
import { mediaTypeOf } from './media-type.ts'
import { readWhole } from './read-whole.ts'

/** Makes an answer of that status with the page as its body. */
export type ErrorPage = (status: number) => HttpResponse

/**
 * Reads a page for failures (`50x.html`) once, at start-up: it must be there when nothing else can be read any more,
 * files above all. Null when there is no such page.
 *
 * @param root the folder, as for `serveStatic`
 * @param path of the page below the root
 * @throws {TypeError} for a root that is missing or no folder; {RangeError} for a page above 1 MiB
 */
export async function loadErrorPage(root: string, path: string): Promise<ErrorPage | null> {
  const opened = await new DocumentRoot(root).open(path.startsWith('/') ? path : `/${path}`)
  if (opened.kind !== 'file') return null
  try {
    if (opened.stats.size > MAX_PAGE_BYTES) {
      throw new RangeError(
        `loadErrorPage: ${path} has ${opened.stats.size} bytes; a page kept in memory may have ${MAX_PAGE_BYTES}`,
      )
    }
    const { bytes } = await readWhole(opened.file, opened.stats)
    if (bytes === null) return null
    // RFC 9111 §4.2.2: some failures (404, 501) may be kept without a word; this one must not outlive its cause.
    const block = new HeaderBlock({ 'Content-Type': mediaTypeOf(path), 'Cache-Control': 'no-store' })
    return (status) => new HttpResponse(bytes, { status, headers: HttpHeaders.of(block) })
  } finally {
    await opened.file.close()
  }
}

/** A page for people to read is a few kilobytes. */
const MAX_PAGE_BYTES = 1024 * 1024
