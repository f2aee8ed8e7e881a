import { byByte } from '../../test/events.ts'
import { checkChunked, checkLenient, checkRequest, checkResponse } from '../../test/agreement.ts'
import type { Case } from '../../test/case-files.ts'
import { transcriptOf } from '../../test/transcript.ts'
import { mutate, randomFrom } from '../../fuzz/mutate.ts'

/** What the suite came to, and the first failures. */
export interface SuiteResult {
  cases: number
  feedings: number
  mutations: number
  failures: string[]
}

type PlainCase = Omit<Case, 'bytes'> & { text: string }

const MUTATIONS = 20_000

/** Every case whole, a byte at a time and cut in two at every byte; then mutations against the second reading. */
export function runSuite(cases: PlainCase[]): SuiteResult {
  const failures: string[] = []
  let feedings = 0
  for (const { file, title, text, options, expected } of cases) {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0))
    const ways = [[bytes], byByte(bytes)]
    for (let cut = 1; cut < bytes.length; cut++) ways.push([bytes.slice(0, cut), bytes.slice(cut)])
    feedings += ways.length
    const wrong = ways.find((pieces) => transcriptOf(pieces, options).join('\n') !== expected.join('\n'))
    if (wrong !== undefined) failures.push(`${file}: ${title}, in ${wrong.length} pieces`)
  }
  const seeds = cases.map(({ text }) => text).filter((text) => text.length < 1000)
  const random = randomFrom(26)
  for (let mutation = 0; mutation < MUTATIONS && failures.length < 10; mutation++) {
    const text = mutate(seeds, random)
    try {
      for (const check of [checkRequest, checkResponse, checkLenient, checkChunked])
        check(text, [random(text.length + 1)])
    } catch (error) {
      failures.push(String(error))
    }
  }
  return { cases: cases.length, feedings, mutations: MUTATIONS, failures }
}
