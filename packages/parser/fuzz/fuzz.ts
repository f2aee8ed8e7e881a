import { checkChunked, checkLenient, checkRequest, checkResponse } from '../test/agreement.ts'
import { readCases } from '../test/case-files.ts'
import { textOf } from '../test/events.ts'
import type { Coverage } from './coverage.ts'
import { mutate, randomFrom } from './mutate.ts'

/** What went wrong, and with which bytes. */
export interface Finding extends Input {
  error: unknown
}

interface Input {
  kind: (typeof KINDS)[number]
  text: string
  cuts: number[]
}

/** What is mutated: the cases, and what reached something new. */
export interface Corpus {
  request: string[]
  response: string[]
  chunked: string[]
}

/** Executions between two looks at the coverage: one look takes about as long as a hundred of them. */
const GROUP = 1024

const KINDS = ['request', 'response', 'lenient', 'chunked'] as const

export function corpusOfCases(): Corpus {
  const cases = readCases().filter(({ bytes }) => bytes.length < 1000)
  const texts = (responses: boolean) =>
    cases
      .filter(({ options }) => (options.responsesTo !== undefined) === responses)
      .map(({ bytes }) => textOf(bytes))
  const request = texts(false)
  const chunked = request
    .filter((text) => /\r\ntransfer-encoding: chunked\r\n/i.test(text))
    .map((text) => text.slice(text.indexOf('\r\n\r\n') + 4))
  return { request, response: texts(true), chunked }
}

/**
 * Feeds mutated cases to the parsers, in turn to `RequestParser`, `ResponseParser`, `RequestParser` with every leniency,
 * and `ChunkedDecoder`; each whole and cut. A finding is any difference and any exception but `ParseError`. With
 * `coverage`, an input that reaches code for the first time joins the corpus.
 */
export function fuzz(
  executions: number,
  seed: number,
  corpus: Corpus = corpusOfCases(),
  coverage: Coverage | null = null,
): Finding[] {
  const random = randomFrom(seed)
  const findings: Finding[] = []
  let group: Input[] = []
  for (let execution = 0; execution < executions && findings.length < 10; execution++) {
    const kind = KINDS[execution & 3]!
    const text = mutate(seedsOf(corpus, kind), random)
    const input = { kind, text, cuts: Array.from({ length: random(4) }, () => random(text.length + 1)) }
    try {
      execute(input)
    } catch (error) {
      findings.push({ ...input, error })
    }
    if (coverage === null) continue
    group.push(input)
    if (group.length < GROUP) continue
    if (coverage.reachedSomethingNew()) addWhatIsNew(group, corpus, coverage)
    group = []
  }
  return findings
}

function execute({ kind, text, cuts }: Input): void {
  if (kind === 'request') checkRequest(text, cuts)
  else if (kind === 'response') checkResponse(text, cuts)
  else if (kind === 'lenient') checkLenient(text, cuts)
  else checkChunked(text, cuts)
}

/** Halves the group until the inputs that reach something new are alone. */
function addWhatIsNew(group: readonly Input[], corpus: Corpus, coverage: Coverage): void {
  for (const input of group) {
    try {
      execute(input)
    } catch {
      // It is among the findings already.
    }
  }
  if (!coverage.reachedSomethingNew()) return
  if (group.length === 1) {
    coverage.learn()
    seedsOf(corpus, group[0]!.kind).push(group[0]!.text)
    return
  }
  addWhatIsNew(group.slice(0, group.length / 2), corpus, coverage)
  addWhatIsNew(group.slice(group.length / 2), corpus, coverage)
}

function seedsOf(corpus: Corpus, kind: Input['kind']): string[] {
  return corpus[kind === 'lenient' ? 'request' : kind]
}

/** Runs the corpus as it is, so that only what its mutations reach counts as new. */
export function learnCorpus(corpus: Corpus, coverage: Coverage): void {
  for (const kind of KINDS) for (const text of seedsOf(corpus, kind)) execute({ kind, text, cuts: [1] })
  coverage.reachedSomethingNew()
  coverage.learn()
}
