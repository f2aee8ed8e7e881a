import { describe, expect, test } from 'vitest'
import { compose, HttpError, HttpResponse, respond } from '../src/index.ts'
import type { Handler, HttpRequest, Middleware } from '../src/index.ts'
import { fakeRequest } from './fake-request.ts'

const request = fakeRequest()

function trace(log: string[], name: string): Middleware {
  return async (request, next) => {
    log.push(`${name} in`)
    const response = await next(request)
    log.push(`${name} out`)
    return response
  }
}

test('layers run in order, the first one outermost', async () => {
  const log: string[] = []
  const handler = compose([trace(log, 'a'), trace(log, 'b'), trace(log, 'c')], () => {
    log.push('handler')
    return respond.text('x')
  })
  await handler(request)
  expect(log).toEqual(['a in', 'b in', 'c in', 'handler', 'c out', 'b out', 'a out'])
})

test('what answers at once passes through without a promise', () => {
  const pass: Middleware = (request, next) => next(request)
  const response = new HttpResponse('x')
  expect(compose([pass, pass, pass], () => response)(request)).toBe(response)
})

test('what answers later passes through as the very same promise', async () => {
  const pass: Middleware = (request, next) => next(request)
  const promise = Promise.resolve(new HttpResponse('x'))
  expect(compose([pass, pass], () => promise)(request)).toBe(promise)
})

test('without layers the handler is the result itself', () => {
  const handler: Handler = () => respond.text('x')
  expect(compose([], handler)).toBe(handler)
})

test('next is bound once: a layer gets the same function for every request', () => {
  const seen = new Set<Handler>()
  const watch: Middleware = (request, next) => {
    seen.add(next)
    return next(request)
  }
  const handler = compose([watch], () => respond.text('x'))
  for (let count = 0; count < 5; count++) void handler(fakeRequest())
  expect(seen.size).toBe(1)
})

test('a layer can hand on another request', () => {
  const other = fakeRequest({ target: '/other' })
  let seen: HttpRequest | null = null
  void compose([(_request, next) => next(other)], (request) => {
    seen = request
    return respond.text('x')
  })(request)
  expect(seen).toBe(other)
})

test('a layer that answers itself keeps the rest from running', () => {
  let ran = false
  const handler = compose([() => respond.empty(401)], () => {
    ran = true
    return respond.text('x')
  })
  expect((handler(request) as HttpResponse).status).toBe(401)
  expect(ran).toBe(false)
})

test('a layer that calls next twice runs what is below it twice', async () => {
  let runs = 0
  const retry: Middleware = async (request, next) => {
    try {
      return await next(request)
    } catch {
      return next(request)
    }
  }
  const handler = compose([retry], () => {
    if (++runs === 1) throw new Error('once')
    return respond.text('second')
  })
  expect((await handler(request)).body).toBe('second')
  expect(runs).toBe(2)
})

test('the same requests at the same time do not meet in a layer', async () => {
  const handler = compose([trace([], 'a')], async (request) => {
    await new Promise((resolve) => setImmediate(resolve))
    return respond.text(request.pathname)
  })
  const bodies = await Promise.all(
    ['/1', '/2', '/3'].map(async (target) => (await handler(fakeRequest({ target }))).body),
  )
  expect(bodies).toEqual(['/1', '/2', '/3'])
})

test('what is thrown goes up through the layers, at once or later', async () => {
  const pass: Middleware = (request, next) => next(request)
  const failure = new HttpError(404)
  const atOnce = compose([pass], () => {
    throw failure
  })
  expect(() => atOnce(request)).toThrow(failure)
  await expect(compose([pass], async () => Promise.reject(failure))(request)).rejects.toBe(failure)
})

test('layers are folded once: a list changed afterwards changes nothing', () => {
  const layers: Middleware[] = [(request, next) => next(request)]
  const handler = compose(layers, () => respond.text('x'))
  layers[0] = () => respond.empty()
  layers.push(() => respond.empty())
  expect((handler(request) as HttpResponse).body).toBe('x')
})

test('a composed handler can be the handler of another composition', () => {
  const inner = compose([(request, next) => next(request)], () => respond.text('inner'))
  expect((compose([(request, next) => next(request)], inner)(request) as HttpResponse).body).toBe('inner')
})

describe('a wrong call is a TypeError at start-up, not at a request', () => {
  const handler: Handler = () => respond.text('x')

  test.each([
    [undefined, 'the handler must be a function, got undefined'],
    [null, 'the handler must be a function, got null'],
    [{}, 'the handler must be a function, got object'],
  ])('for the handler %j', (wrong, message) => {
    expect(() => compose([], wrong as unknown as Handler)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: `compose: ${message}`,
      }),
    )
  })

  test('for a layer, which it counts from 0', () => {
    const pass: Middleware = (request, next) => next(request)
    expect(() => compose([pass, undefined as unknown as Middleware, pass], handler)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: 'compose: middleware 1 must be a function, got undefined',
      }),
    )
    expect(() => compose([pass, pass, [pass] as unknown as Middleware], handler)).toThrow(
      expect.objectContaining({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_TYPE',
        message: 'compose: middleware 2 must be a function, got object',
      }),
    )
  })

  test('for layers that are no list: compose takes one list, not arguments one by one', () => {
    const pass: Middleware = (request, next) => next(request)
    for (const wrong of [pass, undefined, null, 'x'])
      expect(() => compose(wrong as unknown as Middleware[], handler)).toThrow(
        /^compose: the first argument must be an array of middleware, got (function|undefined|null|string)$/,
      )
  })
})
