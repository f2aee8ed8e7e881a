import { createPlanner, isRange } from '@tsws/static'

const plan = createPlanner({ cacheControl: 'max-age=60' })

/** Files that are not on a disk at all, for a runtime with Fetch's Request and Response. */
export function createFetchHandler(files: ReadonlyMap<string, { bytes: Uint8Array; mtimeMs: number }>) {
  return (request: Request): Response => {
    const { pathname } = new URL(request.url)
    const file = files.get(pathname)
    if (file === undefined) return new Response('Not Found\n', { status: 404 })
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405 })

    const { status, headers, content } = plan(request, {
      path: pathname,
      size: file.bytes.length,
      mtimeMs: file.mtimeMs,
    })
    const parts = content.map((piece) =>
      isRange(piece) ? file.bytes.slice(piece.start, piece.end) : piece.slice(),
    )
    const body = status === 304 || request.method === 'HEAD' ? null : new Blob(parts)
    return new Response(body, {
      status,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
    })
  }
}
