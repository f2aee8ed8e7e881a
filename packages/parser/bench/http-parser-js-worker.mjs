// Runs http-parser-js on one case after another: in a thread, because it never returns from some.
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const { HTTPParser } = createRequire(import.meta.url)('http-parser-js')

for (const bytes of workerData) {
  const parser = new HTTPParser(HTTPParser.REQUEST)
  let requests = 0
  parser[HTTPParser.kOnHeadersComplete] = () => false
  parser[HTTPParser.kOnMessageComplete] = () => {
    requests++
  }
  const result = parser.execute(Buffer.from(bytes))
  parentPort.postMessage({ requests, refused: result instanceof Error })
}
