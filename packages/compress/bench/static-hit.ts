// What a file costs from the command, compressed (from what is kept) against plain, in one run. After a build:
//   pnpm exec node packages/compress/bench/static-hit.ts [rounds] [seconds] [KiB…]
// Server on core 0, wrk on core 1; CPU time of the server per answer, ratios within a round.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const rounds = Number(process.argv[2] ?? 5)
const seconds = Number(process.argv[3] ?? 2)
const SIZES = process.argv.length > 4 ? process.argv.slice(4).map(Number) : [2, 10, 50, 100, 500]
const CODINGS = ['gzip', 'br', 'zstd']

const root = mkdtempSync(join(tmpdir(), 'tsws-hit-'))
for (const size of SIZES) {
  let text = ''
  for (let line = 0; text.length < size * 1024; line++) text += `line ${line} of ${(line * 7919) % 1013}\n`
  writeFileSync(join(root, `${size}.txt`), text.slice(0, size * 1024))
}
const bin = new URL('../../cli/dist/bin.js', import.meta.url).pathname
const options = [bin, root, '--port', '0', '--threads', '1', '--log', 'off']
const server = spawn('taskset', ['-c', '0', process.execPath, ...options], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [ready] = (await once(server.stdout, 'data')) as [Buffer]
const { port, pid } = JSON.parse(ready.toString().split('\n')[0] as string) as { port: number; pid: number }
server.stdout.resume()

function cpuTicks(): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') as string[]
  return Number(fields[11]) + Number(fields[12])
}

/** Microseconds of CPU per answer. */
function load(path: string, coding: string | null): number {
  const before = cpuTicks()
  const fields = coding === null ? [] : ['-H', `Accept-Encoding: ${coding}`]
  const url = `http://127.0.0.1:${port}/${path}`
  const args = ['-c', '1', 'wrk', '-t1', '-c64', `-d${seconds}`, ...fields, url]
  const report = execFileSync('taskset', args, { encoding: 'utf8' })
  if (/Non-2xx|Socket errors/.test(report)) throw new Error(report)
  return ((cpuTicks() - before) * 10_000) / Number(/(\d+) requests in/.exec(report)?.[1])
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number
try {
  for (const size of SIZES) {
    const path = `${size}.txt`
    for (const coding of [...CODINGS, null]) load(path, coding)
    await new Promise((resolve) => setTimeout(resolve, 1000)) // the best is made
    const plain: number[] = []
    const coded = new Map<string, number[]>(CODINGS.map((coding) => [coding, []]))
    for (let round = 0; round < rounds; round++) {
      // Each round begins at the next one: what comes behind another may be dearer for it.
      for (let turn = 0; turn <= CODINGS.length; turn++) {
        const coding = CODINGS[(round + turn) % (CODINGS.length + 1)] ?? null
        const costs = coding === null ? plain : coded.get(coding)
        costs?.push(load(path, coding))
      }
    }
    const cells = CODINGS.map((coding) => {
      const ratios = (coded.get(coding) as number[]).map((cost, round) => cost / (plain[round] as number))
      const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
      return `${coding} ${median(coded.get(coding) as number[]).toFixed(1)} µs, × ${median(ratios).toFixed(2)} (${spread})`
    })
    console.log(`${size} KiB: plain ${median(plain).toFixed(1)} µs; ${cells.join('; ')}`)
  }
} finally {
  server.kill()
  rmSync(root, { recursive: true })
}
