import type { HttpRequest } from './request.ts'
import type { HttpResponse } from './response.ts'
import { withCode } from './with-code.ts'

/** Answers a request: synchronously where nothing waits, with a promise otherwise. */
export type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>

/** Stands before a handler: answers itself, or calls `next` and passes on what came back, changed or not. */
export type Middleware = (request: HttpRequest, next: Handler) => HttpResponse | Promise<HttpResponse>

/**
 * Folds the layers into one handler, the first layer outermost.
 *
 * This happens once, at start-up: each layer's `next` is bound here, so that a request
 * passes through with no allocation per layer.
 *
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` when the layers are no array, or a layer or the handler is not a function
 */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  if (!Array.isArray(middleware)) {
    throw new TypeError(
      `compose: the first argument must be an array of middleware, got ${kindOf(middleware)}`,
    )
  }
  assertFunction(handler, 'the handler')
  let next = handler
  for (let index = middleware.length - 1; index >= 0; index--) {
    const layer = middleware[index] as Middleware
    assertFunction(layer, `middleware ${index}`)
    const inner = next
    next = (request) => layer(request, inner)
  }
  return next
}

function assertFunction(value: unknown, what: string): void {
  if (typeof value === 'function') return
  throw wrongType(`compose: ${what} must be a function, got ${kindOf(value)}`)
}

function wrongType(message: string): TypeError {
  return withCode(new TypeError(message), 'ERR_INVALID_ARG_TYPE')
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}
