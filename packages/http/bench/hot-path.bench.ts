// What a request and its answer cost before they meet an engine. In this folder:
// `pnpm exec node --conditions=@tsws/source bench/hot-path.bench.ts`
import { HeaderBlock, HttpHeaders, HttpRequest, HttpResponse, respond } from '../src/index.ts'
import { fakeExchange, fakeFacts } from '@tsws/testing'
import { measure } from './measure.ts'

const file = new HeaderBlock({
  'Content-Type': 'text/html; charset=utf-8',
  ETag: '"3f2a-18c"',
  'Last-Modified': 'Tue, 02 Jan 2024 03:04:05 GMT',
  'Cache-Control': 'public, max-age=0, must-revalidate',
})
const security = new HeaderBlock({
  'Content-Security-Policy': "default-src 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
})
const facts = fakeFacts({ target: '/assets/app.js?v=1', headers: { host: 'example.com' } })
const exchange = fakeExchange()

await measure('response from a block, second block, encode', () => {
  const response = new HttpResponse('x', { headers: HttpHeaders.of(file) })
  response.headers.addBlock(security)
  return response.headers.mentionsFraming ? 0 : response.headers.encode().length
})
await measure('response from a record of two fields, encode', () => {
  const response = new HttpResponse('x', { headers: { 'Content-Type': 'text/plain', 'X-Count': 7 } })
  return response.headers.encode().length
})
await measure('respond.text, encode', () => respond.text('Hello, World!').headers.encode().length)
await measure('new HttpRequest, pathname', () => new HttpRequest(facts, exchange).pathname.length)
await measure('new HttpRequest, url', () => new HttpRequest(facts, exchange).url.length)
