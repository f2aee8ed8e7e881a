// Memory after ten thousand clients that left in the middle of a compressed stream. From the workspace's root:
//   pnpm exec node --expose-gc --conditions=@tsws/source packages/compress/bench/aborted.ts
import { HttpResponse } from '@tsws/http'
import type { Coding } from '../src/index.ts'
import { AVAILABLE_CODINGS, compress } from '../src/index.ts'
import { accepting, sampleText } from '../test/exchange.ts'

const layer = compress()
const piece = Buffer.from(sampleText(100_000))
let closed = 0

async function* endless(): AsyncGenerator<Uint8Array> {
  try {
    for (;;) yield piece
  } finally {
    closed++
  }
}

/** A client that reads a piece or two of the answer and is gone. */
async function leave(coding: Coding, pieces: number): Promise<void> {
  const headers = { 'Content-Type': 'text/plain' }
  const response = await layer(accepting(coding), () => new HttpResponse(endless(), { headers }))
  const output = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  for (let count = 0; count < pieces; count++) await output.next()
  await output.return?.()
}

const ROUND = 1000
for (let round = 0; round <= 10; round++) {
  for (let at = 0; at < ROUND; at += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, client) =>
        leave(AVAILABLE_CODINGS[(at + client) % AVAILABLE_CODINGS.length] as Coding, client % 3),
      ),
    )
  }
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const mib = [rss, heapUsed, external].map((bytes) => (bytes / 1024 / 1024).toFixed(1))
  const { active } = layer.stats
  console.log(
    `${(round + 1) * ROUND} left: rss ${mib[0]} heap ${mib[1]} external ${mib[2]} MiB, active ${active}, closed ${closed}`,
  )
}
