// What the layer costs per answer, in one thread, without a network. Run from the workspace's root:
//   pnpm exec node --conditions=@tsws/source packages/compress/bench/hit-path.ts
import { HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { HttpRequest } from '@tsws/http'
import { compress } from '../src/index.ts'
import { accepting, request, sampleText } from '../test/exchange.ts'

const FIELDS = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Accept-Ranges': 'bytes',
  'Last-Modified': 'Tue, 02 Jan 2024 03:04:05 GMT',
  ETag: 'W/"270g-gs2qfhelvk"',
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
}
const block = new HeaderBlock(FIELDS)
const BROWSER = 'gzip, deflate, br, zstd'
const layer = compress()
let sink = 0

async function measure(
  name: string,
  body: string | Uint8Array | HeaderBlock,
  make: () => HttpRequest,
  through: boolean,
): Promise<void> {
  const [content, fields] = body instanceof HeaderBlock ? [body.content, body] : [body, block]
  const next = (): HttpResponse => new HttpResponse(content, { headers: HttpHeaders.of(fields) })
  const once = async (): Promise<void> => {
    const incoming = make()
    const response = through ? layer(incoming, next) : next()
    sink += (response instanceof Promise ? await response : response).headers.encode().length
  }
  for (let turn = 0; turn < 20_000; turn++) await once()
  await layer.idle()
  const rounds: number[] = []
  for (let round = 0; round < 7; round++) {
    const started = process.hrtime.bigint()
    for (let turn = 0; turn < 20_000; turn++) await once()
    rounds.push(Number(process.hrtime.bigint() - started) / 20_000)
  }
  const least = Math.min(...rounds) // of a machine that does other things too
  console.log(`${name.padEnd(44)} ${least.toFixed(0).padStart(7)} ns`)
}

const plain = (): HttpRequest => request({ headers: { Host: 'localhost' } })
const browser = (): HttpRequest => accepting(BROWSER)
await measure('without the layer', Buffer.from(sampleText(1500)), browser, false)
await measure('client accepts nothing', Buffer.from(sampleText(1500)), plain, true)
const small = new HeaderBlock(FIELDS, Buffer.from(sampleText(1500)))
await measure('a block, client accepts nothing', small, plain, true)
await measure('hit, 1500 bytes in a block', small, browser, true)
for (const size of [1500, 10_000, 100_000]) {
  await measure(`hit, ${size} bytes in an array`, Buffer.from(sampleText(size)), browser, true)
  await measure(`hit, ${size} characters in a string`, sampleText(size), browser, true)
}
console.log(JSON.stringify(layer.stats), sink > 0)
