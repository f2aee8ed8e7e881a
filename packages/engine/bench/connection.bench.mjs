// The engine's own share of a request: no socket, no kernel. `pnpm exec node packages/engine/bench/connection.bench.mjs`
import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { NullStream } from './null-stream.mjs'

const stream = new NullStream()
createServer(() => respond.text('Hello, World!')).serve(stream)
const request =
  process.argv[2] === 'browser'
    ? Buffer.from(
        'GET /a/b?c=d HTTP/1.1\r\nHost: localhost:8080\r\nConnection: keep-alive\r\nsec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: "Linux"\r\nUpgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\nSec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n\r\n',
      )
    : Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n')
const ROUNDS = 300_000
for (let round = 0; round < 6; round++) {
  const start = process.cpuUsage()
  for (let index = 0; index < ROUNDS; index++) stream.emit('data', Buffer.from(request))
  const { user, system } = process.cpuUsage(start)
  console.log(`${(((user + system) * 1000) / ROUNDS).toFixed(0)} ns a request, ${stream.written} bytes`)
}
process.exit()
