import { checkChunked, checkRequest, checkResponse } from '../test/agreement.ts'
import { readCases } from '../test/case-files.ts'
import { textOf } from '../test/events.ts'
import { mutate, randomFrom } from './mutate.ts'

/** What went wrong, and with which bytes. */
export interface Finding {
  kind: 'request' | 'response' | 'chunked'
  text: string
  cuts: number[]
  error: unknown
}

/** The cases are the seeds. */
function seedTexts(): { requests: string[]; responses: string[]; bodies: string[] } {
  const cases = readCases().filter(({ bytes }) => bytes.length < 1000)
  const texts = (responses: boolean) =>
    cases
      .filter(({ options }) => (options.responsesTo !== undefined) === responses)
      .map(({ bytes }) => textOf(bytes))
  const requests = texts(false)
  const bodies = requests
    .filter((text) => /\r\ntransfer-encoding: chunked\r\n/i.test(text))
    .map((text) => text.slice(text.indexOf('\r\n\r\n') + 4))
  return { requests, responses: texts(true), bodies }
}

/**
 * Feeds mutated cases to the parsers: two of four to `RequestParser`, one each to `ResponseParser` and
 * `ChunkedDecoder`; each whole and cut. A finding is any difference and any exception but `ParseError`.
 */
export function fuzz(executions: number, seed: number): Finding[] {
  const random = randomFrom(seed)
  const { requests, responses, bodies } = seedTexts()
  const findings: Finding[] = []
  for (let execution = 0; execution < executions && findings.length < 10; execution++) {
    const kind = (['request', 'response', 'request', 'chunked'] as const)[execution & 3]!
    const text = mutate(kind === 'request' ? requests : kind === 'response' ? responses : bodies, random)
    const cuts = Array.from({ length: random(4) }, () => random(text.length + 1))
    try {
      if (kind === 'request') checkRequest(text, cuts)
      else if (kind === 'response') checkResponse(text, cuts)
      else checkChunked(text, cuts)
    } catch (error) {
      findings.push({ kind, text, cuts, error })
    }
  }
  return findings
}
