// One thread of a server that compresses: answers what it is asked for, and tells what that took.
import { FileBody, HttpResponse } from '@tsws/http'
import { open } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { encodeBytes } from '../src/encode-bytes.ts'
import { compress } from '../src/index.ts'
import { accepting, contentOf } from './exchange.ts'

export interface Asked {
  readonly kind: 'text' | 'bytes' | 'file'
  readonly content: string
  readonly coding: string
}

export interface Answered {
  readonly length: number
  readonly content: string
  readonly hits: number
  readonly isShared: boolean
  readonly keptBytes: number
}

const { encodings, maxBytes } = workerData as { encodings: Int32Array; maxBytes: number }
const port = parentPort as MessagePort
const layer = compress({
  cache: {
    maxBytes,
    encode: async (...work) => {
      Atomics.add(encodings, 0, 1)
      return encodeBytes(...work)
    },
  },
})

async function answer({ kind, content, coding }: Asked): Promise<HttpResponse> {
  const headers = { 'Content-Type': 'text/plain', ETag: '"v1"' }
  const handle = kind === 'file' ? await open(content) : null
  const size = handle === null ? 0 : (await handle.stat()).size
  return layer(accepting(coding), () => {
    if (handle !== null) return new HttpResponse(new FileBody(handle, 0, size), { headers })
    return new HttpResponse(kind === 'bytes' ? Buffer.from(content) : content, { headers })
  })
}

port.on('message', async (message: Asked | 'idle' | 'die') => {
  if (message === 'die') process.exit(0)
  if (message === 'idle') {
    await layer.idle()
    port.postMessage('idle')
    return
  }
  const response = await answer(message)
  const { body } = response
  port.postMessage({
    length: body instanceof Uint8Array ? body.length : -1,
    content: await contentOf(response),
    hits: layer.stats.hits,
    isShared: body instanceof Uint8Array && body.buffer instanceof SharedArrayBuffer,
    keptBytes: layer.stats.keptBytes,
  } satisfies Answered)
})
