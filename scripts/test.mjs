// `pnpm test`: builds, runs every package's tests, then the conformance corpus against the built
// command. Ends with one line that sums it all up, and a non-zero exit code unless all of it passed.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, programOf, WORKSPACE } from './build.mjs'
import { conformance, sum, totalLine } from './conformance.mjs'

const NOTHING = { passed: 0, failed: 0, skipped: 0 }

await build()
const suites = [
  await suite('unit, wire and end-to-end tests', vitest),
  await suite('conformance corpus', conformance),
]
const isGood = suites.every(({ ok }) => ok)
console.log(isGood ? '' : `\nfailed: ${suites.flatMap(({ ok, name }) => (ok ? [] : [name])).join(', ')}`)
console.log(totalLine(sum(...suites.map(({ counts }) => counts))))
process.exitCode = isGood ? 0 : 1

/** A suite that breaks down, or that ran nothing, has failed however few failures it counts. */
async function suite(name, run) {
  console.log(`\n── ${name}`)
  try {
    const counts = await run()
    return { name, counts, ok: counts.failed === 0 && counts.passed > 0 }
  } catch (error) {
    console.error(error)
    return { name, counts: { ...NOTHING, failed: 1 }, ok: false }
  }
}

async function vitest() {
  const folder = await mkdtemp(join(tmpdir(), 'tsws-vitest-'))
  try {
    const report = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await run(
      'vitest',
      'run',
      ...reporters,
      ...process.argv.slice(2).filter((word) => word !== '--'),
    )
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      await readFile(report, 'utf8'),
    )
    // A file that could not even be loaded has no tests to count: it counts as one failure.
    const brokenFiles = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
    ).length
    const failed = numFailedTests + brokenFiles
    return {
      passed: numPassedTests,
      // An error outside of any test fails the run, and counts as one.
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: numPendingTests + numTodoTests,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(program, ...words) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [programOf(program), ...words], {
      cwd: WORKSPACE,
      stdio: 'inherit',
    })
    child.once('error', reject)
    child.once('close', resolve)
  })
}
