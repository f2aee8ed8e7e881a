// The conformance corpus against the built command: over plain TCP (the cases marked `tls` go to a
// second server with a certificate), then every case over TLS, then over TCP on two threads.
//   node scripts/conformance.mjs      (after a build)
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runCommand, runCorpus, startCommand, testCertificate } from '../packages/testing/src/index.ts'
import { WORKSPACE } from './build.mjs'

const FOLDER = join(WORKSPACE, 'test', 'conformance')

/**
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>} summed over all runs
 */
export async function conformance() {
  const folder = await mkdtemp(join(tmpdir(), 'tsws-conformance-'))
  try {
    const site = await makeFixture(join(folder, 'fixture'))
    const pair = testCertificate()
    const cert = join(folder, 'cert.pem')
    const key = join(folder, 'key.pem')
    await writeFile(cert, pair.cert)
    await writeFile(key, pair.key)

    await using plain = await startTsws(site)
    await using secure = await startTsws(site, '--tls-cert', cert, '--tls-key', key)
    const overTcp = await runCorpus({ folder: FOLDER, port: plain.port, tlsPort: secure.port })
    const overTls = await runCorpus({ folder: FOLDER, port: secure.port, tls: true })
    await using threads = await startTsws(site, '--threads', '2')
    const onThreads = await runCorpus({ folder: FOLDER, port: threads.port, tlsPort: secure.port })
    return sum(show('over TCP', overTcp), show('over TLS', overTls), show('over TCP, two threads', onThreads))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeFixture(folder) {
  const made = await runCommand([process.execPath, join(FOLDER, 'make-fixture.mjs'), folder])
  if (made.code !== 0) throw new Error(`the fixture could not be made: ${made.stderr}`)
  return join(folder, 'www')
}

async function startTsws(site, ...options) {
  const command = startCommand([
    process.execPath,
    join(WORKSPACE, 'packages', 'cli', 'dist', 'bin.js'),
    site,
    '--port=0',
    '--log=off',
    `--use=${join(WORKSPACE, 'examples', 'echo.ts')}`,
    ...options,
  ])
  const { port } = JSON.parse(await command.line(/"event":"ready"/))
  return { port, [Symbol.asyncDispose]: () => command[Symbol.asyncDispose]() }
}

/** Prints what failed, and leaves out the cases that do not apply to this transport. */
function show(transport, report) {
  const skipped = report.results.filter((result) => result.skipped && result.skipped !== 'plain TCP only')
  for (const { id, why } of report.results.filter((result) => result.ok === false)) {
    console.log(`FAIL  ${id} (${transport})  ${why.join('; ')}`)
  }
  for (const { id, skipped: reason } of skipped) console.log(`skip  ${id} (${transport})  ${reason}`)
  const counts = { passed: report.passed, failed: report.failed, skipped: skipped.length }
  console.log(
    `conformance ${transport}: ${counts.passed} passed, ${counts.failed} failed of ${report.results.length} cases`,
  )
  return counts
}

export function sum(...counts) {
  return counts.reduce((total, each) => ({
    passed: total.passed + each.passed,
    failed: total.failed + each.failed,
    skipped: total.skipped + each.skipped,
  }))
}

/** `12 passed, 0 failed`, with the skipped where there are some. */
export function totalLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const total = await conformance()
  console.log(totalLine(total))
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
}
