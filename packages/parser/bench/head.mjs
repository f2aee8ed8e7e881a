// Nanoseconds for one request: the fastest of the short runs of a round, the median of interleaved rounds, one process.
// Run: npm install (here), then: node bench/head.mjs [folder with the source of picohttpparser]
import { measure, median } from './measure.mjs'
import { picohttpparser } from './picohttpparser.mjs'
import { BROWSER, SMALL } from './requests.mjs'
import { httpParserJs, llhttp, parseAll, parseAndRoute, parseHeadOnly, parseOnly } from './parsers.mjs'

const ROUNDS = 9
const ROUND_MS = 120

const measurePortableC = process.argv[2] === undefined ? null : picohttpparser(process.argv[2])
const parsers = { parseHeadOnly, parseOnly, parseAndRoute, parseAll, llhttp, httpParserJs }

for (const [name, text, fields] of [
  ['703 bytes', BROWSER, 9],
  ['40 bytes', SMALL, 1],
]) {
  const bytes = Buffer.from(text, 'latin1')
  const runs = Object.entries(parsers).map(([label, make]) => ({ label, parse: make(), times: [] }))
  for (const { label, parse } of runs) {
    const result = parse(bytes)
    if (label !== 'parseAll' && label !== 'parseAndRoute' && result !== fields)
      throw new Error(`${label}: ${result}`)
    measure(parse, bytes, ROUND_MS)
  }
  const portableC = { label: 'portable C', times: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const run of runs) run.times.push(measure(run.parse, bytes, ROUND_MS))
    if (measurePortableC !== null) portableC.times.push(measurePortableC(text, ROUND_MS))
  }
  if (measurePortableC !== null) runs.push(portableC)
  const medians = Object.fromEntries(runs.map(({ label, times }) => [label, median(times)]))
  for (const { label, times } of runs) {
    const ratio = medians.llhttp / medians[label]
    const toC =
      measurePortableC === null ? '' : `  this ÷ C = ${(medians[label] / medians['portable C']).toFixed(2)}`
    const spread = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`
    console.log(
      `${name.padEnd(10)} ${label.padEnd(14)} ${medians[label].toFixed(0).padStart(6)} ns  (${spread})  llhttp ÷ this = ${ratio.toFixed(1)}${toC}`,
    )
  }
}
