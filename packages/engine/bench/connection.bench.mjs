// The engine's own share of a request: no socket, no kernel. `pnpm exec node packages/engine/bench/connection.bench.mjs`
import { createServer } from '@tsws/engine'
import { respond } from '@tsws/http'
import { EventEmitter } from 'node:events'

/** The least that a stream has to be. */
class NullStream extends EventEmitter {
  writableLength = 0
  writableNeedDrain = false
  written = 0
  write(piece) {
    this.written += piece.length
    return true
  }
  cork() {}
  uncork() {}
  end() {}
  isPaused() {
    return false
  }
  resume() {}
  pause() {}
  destroy() {}
}

const stream = new NullStream()
createServer(() => respond.text('Hello, World!')).serve(stream)
const request = Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n')
const ROUNDS = 300_000
for (let round = 0; round < 6; round++) {
  const start = process.cpuUsage()
  for (let index = 0; index < ROUNDS; index++) stream.emit('data', Buffer.from(request))
  const { user, system } = process.cpuUsage(start)
  console.log(`${(((user + system) * 1000) / ROUNDS).toFixed(0)} ns a request, ${stream.written} bytes`)
}
process.exit()
