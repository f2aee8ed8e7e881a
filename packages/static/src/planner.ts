import type { Coding, StaticOptions } from './options.ts'
import { resolveOptions } from './options.ts'
import type { Piece } from './multipart.ts'
import { planAnswer } from './plan.ts'
import type { FieldReader } from './plan.ts'
import { createRepresentation } from './representation.ts'

/** What of a request counts: its method, and its fields by lower-case name. */
export interface PlannerRequest {
  readonly method: string
  readonly headers: FieldReader
}

/** An opened file: take `size`, `mtimeMs` and `ctimeMs` from the `fstat` of what will be read. */
export interface PlannerFile {
  /** Path below the root, starting with `/`: its name gives the media type and the caching rule. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtimeMs: number
  /** Milliseconds since 1970. @default `mtimeMs` */
  readonly ctimeMs?: number
  /** The coding the file's bytes are in already, if any. @default null */
  readonly coding?: Coding | null
}

/** A whole answer but for the bytes of the file. */
export interface ResponsePlan {
  readonly status: 200 | 206 | 304 | 412 | 416
  /** Name and value, line by line, `Content-Length` among them where there is content. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** What to send: bytes as they are, and ranges `start` to `end` (exclusive) of the file. Empty for HEAD and 304. */
  readonly content: readonly Piece[]
}

export type PlannerOptions = Pick<StaticOptions, 'cacheControl' | 'headers' | 'mediaTypes'>

/**
 * The decisions of `serveStatic` alone, for a server that opens and sends by itself: node:http, a fetch handler, a
 * function in a cloud. Pure: nothing is read, and the same input gives the same plan (but for a multipart boundary).
 *
 * @throws {TypeError} for an option that is not one
 */
export function createPlanner(
  options: PlannerOptions = {},
): (request: PlannerRequest, file: PlannerFile) => ResponsePlan {
  const resolved = resolveOptions(options)
  return ({ method, headers }, file) => {
    if (method !== 'GET' && method !== 'HEAD') {
      throw new TypeError(`a file is planned for GET and HEAD only, got ${method}: answer 405 to the others`)
    }
    const facts = { size: file.size, mtimeMs: file.mtimeMs, ctimeMs: file.ctimeMs ?? file.mtimeMs }
    const representation = createRepresentation(file.path, file.coding ?? null, facts, resolved, Date.now())
    const plan = planAnswer(method, headers, representation)
    const own = new Set(plan.fields.map(([name]) => name.toLowerCase()))
    const lines = [...plan.block.lines.filter(([name]) => !own.has(name.toLowerCase())), ...plan.fields]
    // RFC 9110 §8.6: a 304 could name the length of the 200, which tells nobody anything.
    if (plan.status !== 304) lines.push(['Content-Length', String(plan.length)])
    return { status: plan.status, headers: lines, content: method === 'HEAD' ? [] : plan.pieces }
  }
}
