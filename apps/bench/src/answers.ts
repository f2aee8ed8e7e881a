import { gunzipSync } from 'node:zlib'
import type { RawAnswer } from './raw-client.ts'

/** What the one right answer looks like. */
export interface Expected {
  readonly status: number
  /** Every byte of it, decoded. Null: any body will do (an error page). */
  readonly body: Uint8Array | null
  /** The content coding that must have been applied. */
  readonly coding?: 'gzip'
  /** Fields that matter, lower case: what their value must match. */
  readonly headers?: Readonly<Record<string, RegExp>>
}

/** A server that answered something else than it should have. It never gets a figure. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

/**
 * Compares an answer with the right one: status, fields, every byte.
 * @throws {WrongAnswer} naming the first difference
 */
export function assertAnswer(answer: Omit<RawAnswer, 'wireBytes'>, expected: Expected, what: string): void {
  if (answer.status !== expected.status) {
    throw new WrongAnswer(`${what}: status ${answer.status}, expected ${expected.status}`)
  }
  for (const [name, pattern] of Object.entries(expected.headers ?? {})) {
    const value = answer.headers.get(name)
    if (value === undefined || !pattern.test(value)) {
      throw new WrongAnswer(`${what}: ${name} is ${value ?? 'missing'}, expected ${pattern.source}`)
    }
  }
  const coding = answer.headers.get('content-encoding')
  if (coding !== expected.coding) {
    throw new WrongAnswer(
      `${what}: content-encoding ${coding ?? 'none'}, expected ${expected.coding ?? 'none'}`,
    )
  }
  if (expected.body === null) return
  const body = coding === 'gzip' ? gunzip(answer.body, what) : answer.body
  if (Buffer.compare(body, expected.body) !== 0) {
    const at = firstDifference(body, expected.body)
    throw new WrongAnswer(
      `${what}: ${body.length} bytes, expected ${expected.body.length}; byte ${at} differs`,
    )
  }
}

/** What a load generator saw must have been right as well. */
export interface Seen {
  readonly requests: number
  readonly bytes: number
  readonly errors: { readonly transport: number; readonly status: number }
}

/**
 * Not one error under load; for a scenario of error answers, nothing but them. And as many bytes as that many whole
 * answers have: a server that sends a short body under load would look fast.
 * @throws {WrongAnswer}
 */
export function assertLoad(seen: Seen, expectedStatus: number, bytesPerAnswer: number, what: string): void {
  const wrongStatus = expectedStatus >= 400 ? seen.requests - seen.errors.status : seen.errors.status
  if (seen.errors.transport > 0) {
    throw new WrongAnswer(
      `${what}: ${seen.errors.transport} connections failed, broke off or timed out under load`,
    )
  }
  if (seen.requests === 0) throw new WrongAnswer(`${what}: not one answer under load`)
  if (wrongStatus !== 0) {
    throw new WrongAnswer(
      `${what}: ${wrongStatus} of ${seen.requests} answers under load had the wrong status`,
    )
  }
  if (seen.bytes < seen.requests * bytesPerAnswer) {
    throw new WrongAnswer(
      `${what}: ${seen.bytes} bytes for ${seen.requests} answers under load, expected ${bytesPerAnswer} or more each`,
    )
  }
}

function gunzip(body: Uint8Array, what: string): Buffer {
  try {
    return gunzipSync(body)
  } catch (error) {
    throw new WrongAnswer(`${what}: the gzip body cannot be decoded`, { cause: error })
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) if (a[index] !== b[index]) return index
  return length
}
