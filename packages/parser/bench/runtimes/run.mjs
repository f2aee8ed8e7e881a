// Runs the suite in every runtime that is there. npm install (here), then: node bench/runtimes/run.mjs
// The suite is one file without imports: the cases, the second reading and the mutations, on the package's source.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { readCases } from '../../test/case-files.ts'
import { textOf } from '../../test/events.ts'

const here = (path) => new URL(path, import.meta.url).pathname
const cases = readCases().map(({ bytes, ...rest }) => ({ ...rest, text: textOf(bytes) }))
const { outputFiles } = await build({
  stdin: {
    contents: `import { runSuite } from './suite.ts'\nglobalThis.result = JSON.stringify(runSuite(${JSON.stringify(cases)}))`,
    resolveDir: here('.'),
    loader: 'ts',
  },
  bundle: true,
  format: 'iife',
  target: 'es2022',
  write: false,
})
const code = outputFiles[0].text
const folder = mkdtempSync(join(tmpdir(), 'parser-runtimes-'))
const script = join(folder, 'suite.mjs')
writeFileSync(script, `${code}\nconsole.log(globalThis.result)\n`)
const page = join(folder, 'suite.html')
writeFileSync(
  page,
  `<!doctype html><meta charset="utf-8"><pre id="out">no result</pre><script>${code.replaceAll('</script', '<\\/script')}
document.querySelector('#out').textContent = globalThis.result</script>`,
)

const runtimes = [
  ['Node 22', here('node_modules/node22/bin/node'), [script]],
  ['Node 24', here('node_modules/node24/bin/node'), [script]],
  ['Node 26', process.execPath, [script]],
  ['Bun', here('node_modules/bun/bin/bun.exe'), [script]],
  ['Deno', here('node_modules/@deno/linux-x64-glibc/deno'), ['run', script]],
  [
    'Chromium',
    '/usr/bin/chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--virtual-time-budget=120000',
      `--user-data-dir=${folder}`,
      '--dump-dom',
      `file://${page}`,
    ],
  ],
]

let failed = false
for (const [name, binary, args] of runtimes) {
  if (!existsSync(binary)) {
    console.log(`${name}: not installed`)
    continue
  }
  const version = execFileSync(binary, ['--version', '--no-sandbox'].slice(0, name === 'Chromium' ? 2 : 1), {
    encoding: 'utf8',
  })
    .split('\n')[0]
    .trim()
  const output = execFileSync(binary, args, {
    encoding: 'utf8',
    timeout: 180_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const result = JSON.parse(
    /\{"cases".*\}/
      .exec(output)?.[0]
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&') ?? '{"failures":["no result"]}',
  )
  failed ||= result.failures.length > 0
  console.log(
    `${name} (${version}): ${result.cases} cases fed ${result.feedings} ways, ${result.mutations} mutations, ${result.failures.length} failures`,
  )
  for (const failure of result.failures) console.log(`  ${failure}`)
}
process.exitCode = failed ? 1 : 0
