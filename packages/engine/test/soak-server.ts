// A server of its own process for the soak: it answers in every way there is, and tells how it is.
import { FileBody, HttpResponse, respond } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import { readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from '../src/index.ts'

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < 5; index++) yield Buffer.alloc(5000, 'p')
}

async function answer(request: HttpRequest): Promise<HttpResponse> {
  switch (request.pathname) {
    case '/hello':
      return respond.text('Hello, World!')
    case '/echo':
      return new HttpResponse(await request.bytes())
    case '/count': {
      request.maxBodyBytes = Infinity
      let bytes = 0
      for await (const piece of request.body ?? []) bytes += piece.length
      return respond.text(String(bytes))
    }
    case '/hang':
      return new Promise(() => {})
    case '/never': // a handler that neither reads nor answers while the client sends
      await new Promise((resolve) => setTimeout(resolve, 2000))
      return respond.text('not read')
    case '/unread':
      return respond.text('not interested')
    case '/stream':
      return new HttpResponse(pieces())
    case '/throw':
      throw new Error('as asked')
    case '/file': {
      const file = await open(process.execPath)
      return new HttpResponse(new FileBody(file, 0, 3_000_000))
    }
    default:
      return respond.text('Not Found\n', { status: 404 })
  }
}

const server = createServer(answer)
const address = await server.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => {
  for (let index = 0; index < 3; index++) globalThis.gc?.()
  const { heapUsed, rss, external } = process.memoryUsage()
  process.send?.({ heapUsed, rss, external, files: filesOpen(), connections: server.connections.length })
})
process.send?.(address)

function filesOpen(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0 // no /proc: another system, where only memory is watched
  }
}
