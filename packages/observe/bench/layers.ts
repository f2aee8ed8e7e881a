// CPU per request of each layer: `node --conditions=@tsws/source bench/layers.ts`
import { compose, HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import { health, requestId } from '../src/index.ts'
import { fakeRequest } from '../test/fake-request.ts'

const REQUESTS = 1_000_000

const fileFields = new HeaderBlock({ 'Content-Type': 'text/css', ETag: '"1"', 'Cache-Control': 'no-cache' })

function measure(name: string, middleware: Middleware[]): void {
  const handle = compose(middleware, () => new HttpResponse('x', { headers: HttpHeaders.of(fileFields) }))
  const request = fakeRequest({ target: '/assets/app.css', headers: { 'x-request-id': 'abc' } })
  const run = (count: number) => {
    for (let at = 0; at < count; at++) void handle(request)
  }
  run(100_000)
  const start = process.cpuUsage()
  run(REQUESTS)
  const { user, system } = process.cpuUsage(start)
  console.log(`${name.padEnd(40)} ${(((user + system) / REQUESTS) * 1000).toFixed(0).padStart(5)} ns`)
}

measure('handler alone', [])
measure('request id', [requestId()])
measure('request id from outside', [requestId({ inbound: true })])
measure('request id, not echoed', [requestId({ echo: false })])
measure('health', [health()])
