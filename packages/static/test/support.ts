import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { HttpRequest, respond } from '@tsws/http'
import type { Handler, HttpResponse, Middleware } from '@tsws/http'
import { bodyBytes, fakeExchange, fakeFacts } from '@tsws/testing'
import { onTestFinished } from 'vitest'

export type Fields = Readonly<Record<string, string>>

/** A request as an engine would make it, without one. */
export function makeRequest(method: string, target: string, headers: Fields = {}): HttpRequest {
  return new HttpRequest(fakeFacts({ method, target, headers }), fakeExchange())
}

export interface Answer {
  status: number
  headers: HttpResponse['headers']
  header(name: string): string | null
  /** As it would go out for a GET. */
  bytes: Buffer
  text: string
  /** What `Content-Length` would say: the one set, or the one the body itself tells; null where only its end tells. */
  length: number | null
  response: HttpResponse
}

/** Reads and closes the body, as an engine does. */
export async function collect(response: HttpResponse): Promise<Answer> {
  const { body } = response
  const bytes = await bodyBytes(body)
  const length = body === null || typeof body === 'string' || 'length' in body ? bytes.length : null
  const declared = response.headers.get('content-length')
  return {
    status: response.status,
    headers: response.headers,
    header: (name) => response.headers.get(name),
    bytes,
    text: bytes.toString(),
    length: declared === null ? length : Number(declared),
    response,
  }
}

export const passedOn: Handler = () =>
  respond.text('passed on\n', { status: 404, headers: { 'X-Passed': 'on' } })

/** Asks a middleware; what it passes on comes back as 404 with `X-Passed`. */
export async function ask(
  middleware: Middleware,
  method: string,
  target: string,
  fields: Fields = {},
): Promise<Answer> {
  return collect(await middleware(makeRequest(method, target, fields), passedOn))
}

/** 2024-01-02T03:04:05Z, long enough ago to count as settled. */
export const OLD = new Date('2024-01-02T03:04:05Z')
export const OLD_DATE = 'Tue, 02 Jan 2024 03:04:05 GMT'

/** A folder that is gone after the test, with the files given, all of them last changed at `OLD`. */
export function makeTree(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tsws-static-')))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) put(root, path, content)
  return root
}

export function put(root: string, path: string, content: string | Uint8Array, time: Date = OLD): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  utimesSync(file, time, time)
}
