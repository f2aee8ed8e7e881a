// parseHead in TypeScript and with WebAssembly SIMD, copy into the memory included: interleaved, one process.
// Run: npm install (in bench), build the package, then: node bench/wasm-simd/compare.mjs
import { parseHead } from '../../dist/index.js'
import { measure, median } from '../measure.mjs'
import { BROWSER, SMALL } from '../requests.mjs'
import { simdField, simdHead } from './simd-head.mjs'

const ROUNDS = 9
const ROUND_MS = 120
const LARGE = BROWSER.replace('Cookie: ', `Cookie: session=${'0123456789abcdef'.repeat(96)}; `)

for (const text of [SMALL, BROWSER, LARGE]) {
  const bytes = Buffer.from(text, 'latin1')
  const { head } = parseHead(bytes)
  const found = simdHead(bytes)
  if (found?.head.fieldCount !== head.fieldCount || found.end !== bytes.length)
    throw new Error('not the same head')
  for (let field = 0; field < head.fieldCount; field++) {
    const [from, end, value, valueEnd] = simdField(field)
    const line = [bytes.latin1Slice(from, end), bytes.latin1Slice(value, valueEnd)]
    if (line[0] !== head.fieldName(field) || line[1] !== head.fieldValue(field))
      throw new Error(`not ${line}`)
  }
  const parsers = { 'parseHead     ': () => parseHead(bytes), 'WebAssembly   ': () => simdHead(bytes) }
  const times = Object.fromEntries(Object.keys(parsers).map((label) => [label, []]))
  for (const parse of Object.values(parsers)) measure(parse, bytes, ROUND_MS)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [label, parse] of Object.entries(parsers)) times[label].push(measure(parse, bytes, ROUND_MS))
  }
  for (const [label, of] of Object.entries(times)) {
    const spread = `${Math.min(...of).toFixed(0)} to ${Math.max(...of).toFixed(0)}`
    console.log(
      `${String(bytes.length).padStart(5)} bytes  ${label} ${median(of).toFixed(0).padStart(5)} ns  (${spread})`,
    )
  }
}
