// The long run. node packages/parser/fuzz/run.mjs [executions] [seed]
// Says how many executions it made, how much more of the source they ran than the cases do and how many inputs
// joined the cases for it; what it finds goes to fuzz/findings.json and into test/cases once understood.
import { writeFileSync } from 'node:fs'
import { Coverage } from './coverage.ts'
import { corpusOfCases, fuzz, learnCorpus } from './fuzz.ts'

const ROUND = 250_000
const executions = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const corpus = corpusOfCases()
const coverage = new Coverage()
const sizeOfCorpus = () => Object.values(corpus).reduce((sum, texts) => sum + texts.length, 0)
learnCorpus(corpus, coverage)
const sizeOfCases = coverage.size
const casesAtStart = sizeOfCorpus()
const findings = []
const start = Date.now()
let made = 0
process.stdout.write(`${casesAtStart} cases run ${sizeOfCases} characters of the source\n`)
while (made < executions && findings.length === 0) {
  const round = Math.min(ROUND, executions - made)
  findings.push(...fuzz(round, seed + made, corpus, coverage))
  made += round
  process.stdout.write(
    `${made} executions, seed ${seed}, ${Math.round((Date.now() - start) / 1000)} s, ` +
      `${coverage.size - sizeOfCases} more characters, ${sizeOfCorpus() - casesAtStart} more inputs, ${findings.length} findings\n`,
  )
}
if (findings.length > 0) {
  writeFileSync(
    new URL('findings.json', import.meta.url),
    JSON.stringify(
      findings.map((finding) => ({ ...finding, error: String(finding.error) })),
      null,
      2,
    ),
  )
  process.exitCode = 1
}
