// MiB that each of twenty streams holds in the middle of a body of 5 MiB. Usage: stream-memory.ts CODING
import { encodeBody } from '../src/index.ts'
import type { Coding } from '../src/index.ts'
import { sampleText } from './exchange.ts'

const STREAMS = 20
const body = Buffer.from(sampleText(5 * 1024 * 1024))

async function begin(): Promise<AsyncIterator<Uint8Array>> {
  const stream = encodeBody(body, process.argv[2] as Coding) as AsyncIterable<Uint8Array>
  const output = stream[Symbol.asyncIterator]()
  for (let bytes = 0; bytes < 100_000;) bytes += ((await output.next()).value as Uint8Array).length
  return output
}

const held = [await begin()] // what is needed once is there already
globalThis.gc?.()
const before = process.memoryUsage().rss
for (let stream = 0; stream < STREAMS; stream++) held.push(await begin())
globalThis.gc?.()
process.stdout.write(String((process.memoryUsage().rss - before) / STREAMS / 1024 / 1024))
await Promise.all(held.map((output) => output.return?.()))
