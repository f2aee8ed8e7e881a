import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Readiness } from '../src/index.ts'

test('a check that takes too long is reported, told and aborted', async () => {
  const failures: string[] = []
  const readiness = new Readiness({
    timeout: 20,
    onFailure: (name, error) => failures.push(`${name}: ${String(error)}`),
  })
  let aborted = false
  readiness.add('slow', (signal) => {
    signal.addEventListener('abort', () => (aborted = true))
    return new Promise(() => {})
  })
  const report = await readiness.report()
  expect(report.ready).toBe(false)
  expect(report.checks.slow?.status).toBe('timeout')
  expect(report.checks.slow?.durationMs).toBeGreaterThanOrEqual(19)
  expect(failures).toEqual(['slow: Error: the check slow took longer than 20 ms'])
  expect(aborted).toBe(true)
})

test('checks run side by side', async () => {
  const readiness = new Readiness()
  for (const name of ['a', 'b', 'c']) readiness.add(name, () => sleep(60))
  const start = performance.now()
  expect((await readiness.report()).ready).toBe(true)
  expect(performance.now() - start).toBeLessThan(150)
})

test('however many ask, a check runs once', async () => {
  let runs = 0
  const readiness = new Readiness()
  readiness.add('counted', () => sleep(10, runs++))
  await Promise.all(Array.from({ length: 50 }, () => readiness.report()))
  await readiness.report()
  expect(runs).toBe(1)
})

test('a report grows old', async () => {
  let runs = 0
  const readiness = new Readiness({ maxAge: 15 })
  readiness.add('counted', () => runs++)
  await readiness.report()
  await sleep(25)
  await readiness.report()
  expect(runs).toBe(2)
})

test('a check that hangs is not started a second time', async () => {
  let runs = 0
  const readiness = new Readiness({ timeout: 10, maxAge: 0 })
  readiness.add('hangs', () => {
    runs++
    return new Promise(() => {})
  })
  await readiness.report()
  expect((await readiness.report()).checks.hangs?.status).toBe('timeout')
  expect(runs).toBe(1)
})

test('a check that recovers makes the server ready again', async () => {
  let works = false
  const readiness = new Readiness({ maxAge: 0 })
  readiness.add('database', () => {
    if (!works) throw new Error('down')
  })
  expect((await readiness.report()).ready).toBe(false)
  works = true
  expect((await readiness.report()).ready).toBe(true)
})

test('a check can be taken away again', async () => {
  const readiness = new Readiness()
  const remove = readiness.add('bad', () => Promise.reject(new Error('no')))
  expect((await readiness.report()).ready).toBe(false)
  remove()
  expect(await readiness.report()).toEqual({ ready: true, checks: {} })
})

test('a name can be taken once', () => {
  const readiness = new Readiness()
  readiness.add('database', () => {})
  expect(() => readiness.add('database', () => {})).toThrow(/already a check "database"/)
})

test.each([{ timeout: 0 }, { timeout: Number.NaN }, { timeout: 2 ** 31 }, { maxAge: -1 }])(
  '%j is refused',
  (options) => {
    expect(() => new Readiness(options)).toThrow(TypeError)
  },
)
