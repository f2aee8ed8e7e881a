// What a request pays for passing through five layers, beside koa-compose. In this folder:
// `pnpm exec node --conditions=@tsws/source bench/compose.bench.ts`; koa-compose is there after `pnpm bench:setup`.
import { createRequire } from 'node:module'
import { compose, HttpResponse } from '../src/index.ts'
import type { Handler, HttpRequest, Middleware } from '../src/index.ts'
import { fakeRequest } from '../test/fake-request.ts'
import { measure, measureAsync } from './measure.ts'

const LAYERS = 5
const request = fakeRequest()
const response = new HttpResponse('x')

const pass: Middleware = (request, next) => next(request)
const passAsync: Middleware = async (request, next) => next(request)
const sync = compose(Array<Middleware>(LAYERS).fill(pass), () => response)
const mixed = compose(Array<Middleware>(LAYERS).fill(pass), async () => response)
const all = compose(Array<Middleware>(LAYERS).fill(passAsync), async () => response)
await measure('handler alone, at once', () => statusAtOnce(() => response))
await measure('tsws, 5 layers, at once', () => statusAtOnce(sync))
await measureAsync('tsws, 5 layers that pass on, async handler', async () => (await mixed(request)).status)
await measureAsync('tsws, 5 async layers, async handler', async () => (await all(request)).status)
await measure('a closure per layer and request, 5 layers, at once', () => statusAtOnce(closures))

const koa = peer('koa-compose') as KoaCompose | null
if (koa === null) console.log('koa-compose is not installed: pnpm bench:setup')
else {
  await measureKoa('koa-compose, 5 layers that pass on', koa, (_context, next) => next())
  await measureKoa('koa-compose, 5 async layers', koa, async (_context, next) => next())
}

async function measureKoa(name: string, koa: KoaCompose, layer: KoaLayer): Promise<void> {
  const answer: KoaLayer = (context) => {
    context.response = response
  }
  const composed = koa([...Array<KoaLayer>(LAYERS).fill(layer), answer])
  const check: KoaContext = { request, response: null }
  await composed(check)
  if (check.response !== response) throw new Error('koa-compose gave no response')
  await measureAsync(name, async () => {
    const context: KoaContext = { request, response: null }
    await composed(context)
    return context.response?.status ?? 0
  })
}

function statusAtOnce(handler: Handler): number {
  const answer = handler(request)
  if (answer instanceof Promise) throw new Error('the answer should have come at once')
  return answer.status
}

/** How it is usually done: each layer of each request gets a `next` of its own. */
function closures(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
  const run = (index: number): HttpResponse | Promise<HttpResponse> =>
    index === LAYERS ? response : pass(request, () => run(index + 1))
  return run(0)
}

interface KoaContext {
  request: HttpRequest
  response: HttpResponse | null
}
type KoaLayer = (context: KoaContext, next: () => Promise<void>) => Promise<void> | void
type KoaCompose = (layers: readonly KoaLayer[]) => (context: KoaContext) => Promise<void>

function peer(name: string): unknown {
  try {
    return createRequire(new URL('../../../apps/bench/peers/package.json', import.meta.url))(name)
  } catch {
    return null
  }
}
