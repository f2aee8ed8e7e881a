// CPU per request of each layer: `node --conditions=@tsws/source bench/layers.ts`
import { compose, HeaderBlock, HttpHeaders, HttpResponse } from '@tsws/http'
import type { Middleware } from '@tsws/http'
import {
  basicAuth,
  bearerAuth,
  clientAddress,
  cors,
  hostGuard,
  rateLimit,
  securityHeaders,
} from '../src/index.ts'
import { fakeRequest } from '../test/fake-request.ts'

const REQUESTS = 1_000_000

const fileFields = new HeaderBlock({ 'Content-Type': 'text/css', ETag: '"1"', 'Cache-Control': 'no-cache' })

function measure(
  name: string,
  middleware: Middleware[],
  remoteAddress = '127.0.0.1',
  authorization = 'Basic YWRhOmxvdmVsYWNl',
): void {
  const handle = compose(middleware, () => new HttpResponse('x', { headers: HttpHeaders.of(fileFields) }))
  const request = fakeRequest({
    headers: {
      host: 'localhost:8080',
      'x-forwarded-for': '203.0.113.9',
      origin: 'https://app.example',
      authorization,
    },
    connection: { remoteAddress },
  })
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
measure('security headers', [securityHeaders().middleware])
measure('host guard', [hostGuard(['localhost'])])
measure('client address, nobody trusted', [clientAddress([])])
measure('client address behind one proxy', [clientAddress(['loopback'])])
measure('rate limit, fields on refusals only', [
  rateLimit({ limit: 1_048_574, window: 86_400, fields: false }),
])
measure('rate limit, fields on every answer', [rateLimit({ limit: 1_048_574, window: 86_400 })])
measure('rate limit, by IPv6 network', [rateLimit({ limit: 1_048_574, window: 86_400 })], '2001:db8::1')
measure('rate limit, refusing', [rateLimit({ limit: 1, window: 86_400 })])
measure('CORS for everybody', [cors().middleware])
measure('CORS for a list of origins', [
  cors({ origins: ['https://app.example'], credentials: true }).middleware,
])
measure('Basic, plain password', [basicAuth({ users: { ada: 'lovelace' } })])
measure('Bearer, verify that does nothing', [bearerAuth({ verify: () => ({}) })], '127.0.0.1', 'Bearer good')
