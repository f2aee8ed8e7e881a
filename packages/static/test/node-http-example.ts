import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createPlanner, isRange, parseRequestPath } from '@tsws/static'

const plan = createPlanner()

export function createFileServer(root: string) {
  return createServer(async (request, response) => {
    const method = request.method ?? 'GET'
    const path = parseRequestPath((request.url ?? '/').split('?', 1)[0] ?? '/')
    if (path.kind === 'refused' || path.directory) return response.writeHead(404).end()
    if (method !== 'GET' && method !== 'HEAD') return response.writeHead(405, { Allow: 'GET, HEAD' }).end()

    const file = await open(join(root, path.path)).catch(() => null)
    if (file === null) return response.writeHead(404).end()
    try {
      const stats = await file.stat()
      if (!stats.isFile()) return response.writeHead(404).end()
      const headers = { get: (name: string) => request.headers[name]?.toString() ?? null }
      const planned = plan(
        { method, headers },
        { path: path.path, size: stats.size, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs },
      )
      response.writeHead(planned.status, Object.fromEntries(planned.headers))
      for (const piece of planned.content) {
        if (!isRange(piece)) response.write(piece)
        else {
          const { buffer } = await file.read(Buffer.alloc(piece.end - piece.start), 0, null, piece.start)
          response.write(buffer)
        }
      }
      response.end()
    } finally {
      await file.close()
    }
  })
}
