// The long run. node packages/parser/fuzz/run.mjs [executions] [seed]
// Says how many executions it made; what it finds goes to fuzz/findings.json and into test/cases once understood.
import { writeFileSync } from 'node:fs'
import { fuzz } from './fuzz.ts'

const ROUND = 250_000
const executions = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000)
const findings = []
const start = Date.now()
let made = 0
while (made < executions && findings.length === 0) {
  findings.push(...fuzz(Math.min(ROUND, executions - made), seed + made))
  made += Math.min(ROUND, executions - made)
  const seconds = Math.round((Date.now() - start) / 1000)
  process.stdout.write(`${made} executions, seed ${seed}, ${seconds} s, ${findings.length} findings\n`)
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
