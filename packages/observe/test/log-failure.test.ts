import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const folder = await mkdtemp(join(tmpdir(), 'tsws-observe-'))
afterAll(() => rm(folder, { recursive: true }))
const program = fileURLToPath(new URL('./child-program.ts', import.meta.url))

interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** What the program said at its end. */
  report: { turns: number; lost: number; ms: number } | null
}

/** What the parent does with the child's standard output. */
type Reader = 'reads' | 'leaves' | 'stalls'

function run(args: (string | number)[], reader: Reader = 'reads'): Promise<Ended> {
  const child = spawn(process.execPath, ['--conditions=@tsws/source', program, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
  })
  let stdout = ''
  let stderr = ''
  if (reader === 'reads') child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  if (reader === 'leaves') child.stdout.destroy()
  if (reader === 'stalls') child.stdout.pause()
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => {
      if (reader === 'stalls') child.stdout.destroy()
      // Standard error may still hold the last line.
      setTimeout(() => {
        const last = /^\{.*\}$/m.exec(stderr)?.[0]
        resolve({ code, stdout, stderr, report: last === undefined ? null : JSON.parse(last) })
      }, 50)
    })
  })
}

function troubles(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('tsws: '))
}

test('a healthy pipe gets every line, in order', async () => {
  const ended = await run([1, 2000])
  const lines = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.slice(0, 2000).map(({ line }) => line)).toEqual(
    Array.from({ length: 2000 }, (_, index) => index),
  )
  expect(lines[2000]).toMatchObject({ msg: 'one more' })
  expect(ended).toMatchObject({ code: 0, report: { lost: 0 } })
  expect(troubles(ended.stderr)).toEqual([])
})

test.skipIf(!existsSync('/dev/full'))('a full disk costs lines and nothing else', async () => {
  const ended = await run(['/dev/full', 50])
  expect(ended).toMatchObject({ code: 0, report: { lost: 51 } })
  expect(ended.report?.turns).toBeGreaterThan(10)
  expect(ended.report?.ms).toBeLessThan(3000)
  expect(troubles(ended.stderr)).toEqual([expect.stringContaining('ENOSPC'), 'tsws: 51 log lines were lost'])
})

test.skipIf(!existsSync('/dev/full'))('a full disk does not hold the end of the process', async () => {
  const start = performance.now()
  const ended = await run(['/dev/full', 50, 'exit'])
  expect(ended.code).toBe(0)
  expect(performance.now() - start).toBeLessThan(5000)
})

test('a reader that goes away (EPIPE) costs lines and nothing else', async () => {
  const ended = await run([1, 500], 'leaves')
  expect(ended.code).toBe(0)
  expect(ended.report?.turns).toBeGreaterThan(10)
  expect(ended.report?.lost).toBeGreaterThan(0)
  expect(troubles(ended.stderr)).toHaveLength(2)
  expect(troubles(ended.stderr)[0]).toContain('EPIPE')
})

test('a reader that stops reading blocks nothing, and the process ends in time', async () => {
  // 20 MB: more than the pipe and the buffer hold.
  const ended = await run([1, 20_000], 'stalls')
  expect(ended.code).toBe(0)
  expect(ended.report?.turns).toBeGreaterThan(10)
  expect(ended.report?.lost).toBeGreaterThan(10_000)
  expect(ended.report?.ms).toBeLessThan(4000)
  expect(troubles(ended.stderr)[0]).toContain('not read fast enough')
})

test.each(['exit', 'throw'])('lines that still wait go out when the process ends by %s', async (end) => {
  const path = join(folder, `${end}.log`)
  const toFile = await run([path, 20, end])
  expect(toFile.code).toBe(end === 'exit' ? 0 : 1)
  expect((await readFile(path, 'utf8')).trimEnd().split('\n')).toHaveLength(20)
  const toPipe = await run([1, 20, end])
  expect(toPipe.stdout.trimEnd().split('\n')).toHaveLength(20)
})

test('a path that cannot be opened is an error at the start', async () => {
  const ended = await run([join(folder, 'missing', 'a.log'), 1])
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain('ENOENT')
})

test('a FIFO is written to while somebody reads it, and holds up nobody', async () => {
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  const nobody = await run([path, 1])
  expect(nobody.code, 'without a reader it cannot be opened').toBe(1)
  expect(nobody.stderr).toContain('ENXIO')
  const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  reader.stdout.on('data', (bytes) => (text += bytes))
  const opened = await open(path, 'r+') // the child's open must find a reader
  const ended = await run([path, 20, 'drain'])
  await opened.close()
  await once(reader, 'close')
  expect(ended.code).toBe(0)
  expect(text.trimEnd().split('\n')).toHaveLength(20)
})
