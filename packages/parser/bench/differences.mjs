// docs/differences.md: what each parser makes of every case. Run: npm install (here), then node bench/differences.mjs
// Bun is asked over a socket, because its parser can not be called by itself: an answer is all that is seen of it.
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { createServer } from 'node:http'
import { Worker } from 'node:worker_threads'
import { readCases } from '../test/case-files.ts'
import { transcriptOf } from '../test/transcript.ts'

const require = createRequire(import.meta.url)
const bunBinary = new URL('node_modules/bun/bin/bun.exe', import.meta.url).pathname

/** Cases with other options than the defaults say nothing about other parsers. */
const cases = readCases().filter(
  ({ options }) => options.parser === undefined && options.responsesTo === undefined,
)

/** "2 requests", "refused" or "waits": of the stream as a whole. */
function outcome(requests, refused) {
  if (refused) return requests === 0 ? 'refuses' : `${requests}, then refuses`
  return requests === 0 ? 'waits' : `takes ${requests}`
}

function ours({ bytes, options }) {
  const lines = transcriptOf([bytes], options)
  const ends = lines.filter((line) => line === 'end').length
  const error = lines.at(-1)?.startsWith('error ') ? lines.at(-1) : ''
  return outcome(ends, error !== '' && !error.includes('ERR_INCOMPLETE'))
}

/** What a case takes is below a millisecond; a thread that is silent this long is in an endless loop. */
const HANGS_AFTER_MS = 1000

async function httpParserJs() {
  const answers = []
  while (answers.length < cases.length) {
    await new Promise((resolve) => {
      const worker = new Worker(new URL('http-parser-js-worker.mjs', import.meta.url), {
        workerData: cases.slice(answers.length).map(({ bytes }) => bytes),
      })
      const hangs = () => {
        answers.push('never returns')
        resolve(worker.terminate())
      }
      let timer = setTimeout(hangs, 5 * HANGS_AFTER_MS)
      worker.on('message', ({ requests, refused }) => {
        clearTimeout(timer)
        answers.push(outcome(requests, refused))
        if (answers.length === cases.length) resolve(worker.terminate())
        else timer = setTimeout(hangs, HANGS_AFTER_MS)
      })
    })
  }
  return answers
}

/** Sends the bytes to a server that answers 200 to everything that it understands, with the whole body read. */
function overSocket(port) {
  return ({ bytes }) =>
    new Promise((resolve) => {
      let answer = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
      const done = () => {
        socket.destroy()
        const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]))
        const taken = statuses.filter((status) => status === 200).length
        resolve(outcome(taken, statuses.some((status) => status >= 400) || (closed && taken === 0)))
      }
      let closed = false
      socket.setTimeout(250, done)
      socket.on('data', (bytes) => (answer += bytes.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => {
        closed = true
        done()
      })
    })
}

async function nodeHttp() {
  const answer = (request, response) => {
    request.resume()
    request.on('end', () => response.end('ok'))
  }
  const server = createServer(answer)
  server.on('checkExpectation', answer)
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ask: overSocket(server.address().port),
    close: () => server.close(),
    version: `node:http ${process.version}`,
  }
}

async function bun() {
  if (!existsSync(bunBinary)) return null
  const program =
    'const s = Bun.serve({ port: 0, hostname: "127.0.0.1", async fetch(r) { await r.arrayBuffer(); return new Response("ok") } }); console.log(s.port, Bun.version)'
  const child = spawn(bunBinary, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [port, version] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.stdout.once('data', (line) => resolve(line.toString().trim().split(' ')))
  })
  return { ask: overSocket(Number(port)), close: () => child.kill(), version: `Bun.serve ${version}` }
}

const AT_ONCE = 16

async function askAll(ask) {
  const answers = []
  for (let at = 0; at < cases.length; at += AT_ONCE) {
    answers.push(...(await Promise.all(cases.slice(at, at + AT_ONCE).map((one) => ask(one)))))
  }
  return answers
}

const node = await nodeHttp()
const bunServer = await bun()
const { version } = require('http-parser-js/package.json')
const columns = [
  { name: '@tsws/parser', answers: cases.map(ours) },
  { name: node.version, answers: await askAll(node.ask) },
  { name: `http-parser-js ${version}`, answers: await httpParserJs() },
]
if (bunServer !== null) columns.push({ name: bunServer.version, answers: await askAll(bunServer.ask) })
node.close()
bunServer?.close()

const rows = cases.map((one, at) => ({ ...one, answers: columns.map(({ answers }) => answers[at]) }))
const different = rows.filter(({ answers }) => new Set(answers).size > 1)
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
const counts = columns.slice(1).map(({ name, answers }, column) => {
  const count = rows.filter(
    ({ answers: [first, ...others] }) =>
      first.includes('refuses') && !others[column].includes('refuses') && !others[column].includes('waits'),
  ).length
  return `- ${name}: takes ${count} that @tsws/parser refuses; differs in ${answers.filter((answer, at) => answer !== columns[0].answers[at]).length}.`
})

writeFileSync(
  new URL('../../../docs/differences.md', import.meta.url),
  [
    '# Where parsers differ',
    '',
    'Made by `node packages/parser/bench/differences.mjs` from the cases in `packages/parser/test/cases`; what each case',
    'sends, and the section it stands on, is there under the same title. `takes 2` means two requests were handed on,',
    '`waits` that more bytes are expected, `never returns` that it is caught in a loop, `refuses` that the stream was given up, `1, then refuses` that it was after one',
    'request. @tsws/parser and http-parser-js are called; node:http and Bun are servers that answer 200 to whatever they',
    'are handed, asked over a socket, so a request that is dropped without an answer shows as `refuses` or `waits`.',
    '',
    `Of ${cases.length} cases with default options, ${different.length} are treated differently by at least one:`,
    '',
    ...counts,
    '',
    `| Case | ${columns.map(({ name }) => name).join(' | ')} |`,
    `| --- |${' --- |'.repeat(columns.length)}`,
    ...different.map(
      ({ file, title, answers }) =>
        `| ${file.replace('.md', '')}: ${cell(title)} | ${answers.map((answer, at) => (at > 0 && answer !== answers[0] ? `**${answer}**` : answer)).join(' | ')} |`,
    ),
    '',
  ].join('\n'),
)
process.stdout.write(`${cases.length} cases, ${different.length} differ\n${counts.join('\n')}\n`)
