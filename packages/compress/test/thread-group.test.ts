import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import { compress, shareAcrossThreads } from '../src/index.ts'
import { ThreadGroup } from '../src/thread-group.ts'
import { sampleText } from './exchange.ts'
import type { Answered, Asked } from './sharing-thread.ts'

const TEXT = sampleText(60_000)
const threads: Worker[] = []
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.terminate()))
})

/** Threads of one server, and how often one of them made a best coding. */
function start(count: number, maxBytes = 1e8): { threads: Worker[]; encodings: () => number } {
  shareAcrossThreads()
  const encodings = new Int32Array(new SharedArrayBuffer(4))
  for (let number = 0; number < count; number++) {
    const thread = new Worker(new URL('sharing-thread.ts', import.meta.url), {
      workerData: { encodings, maxBytes },
      execArgv: ['--conditions=@tsws/source', '--no-warnings'],
    })
    threads.push(thread)
  }
  return { threads: threads.slice(-count), encodings: () => Atomics.load(encodings, 0) }
}

async function ask(thread: Worker | undefined, asked: Asked): Promise<Answered> {
  const answered = once(thread as Worker, 'message')
  thread?.postMessage(asked)
  return ((await answered) as [Answered])[0]
}

async function idle(thread: Worker | undefined): Promise<void> {
  const done = once(thread as Worker, 'message')
  thread?.postMessage('idle')
  await done
}

/** Milliseconds. What is asked for more often is sent as before for a while. */
const ASKED_SELDOM = { interval: 600, timeout: 6000 }

test.each(['text', 'bytes'] as const)(
  'the best coding of %s that one thread made is what another sends, from the same memory',
  async (kind) => {
    const server = start(2)
    const [one, other] = server.threads
    const asked = { kind, content: `${kind} ${TEXT}`, coding: 'br' }
    // Both have begun, and listen: something else first.
    await ask(other, { kind, content: sampleText(2000), coding: 'gzip' })
    const first = await ask(one, asked)
    await idle(one)
    await vi.waitFor(async () => {
      const answer = await ask(other, asked)
      expect(answer.length).toBeLessThan(first.length)
      expect(answer).toMatchObject({ content: asked.content, isShared: true })
    }, ASKED_SELDOM)
    await idle(other)
    expect(server.encodings()).toBe(2) // the something else, and this
  },
)

test('what one thread has sent another does not send better half a second after', async () => {
  const [one, other] = start(2).threads
  const asked: Asked = { kind: 'text', content: `steady ${TEXT}`, coding: 'br' }
  await ask(other, { kind: 'text', content: sampleText(2000), coding: 'gzip' })
  const first = await ask(one, asked)
  let askedAt = performance.now()
  for (let time = 0; time < 40; time++) {
    const { length } = await ask(time % 2 === 0 ? other : one, asked)
    const now = performance.now()
    if (now - askedAt > 200) break // the machine is busy elsewhere: too long ago to tell anything
    expect(length).toBe(first.length)
    askedAt = now
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await idle(one)
})

test('a file that one thread compressed while the client waited is served by the other at its first request', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tsws-threads-'))
  try {
    const path = join(folder, 'file')
    await writeFile(path, TEXT)
    await new Promise((resolve) => setTimeout(resolve, 80)) // what changed just now is not kept
    const [one, other] = start(2).threads
    const asked: Asked = { kind: 'file', content: path, coding: 'gzip' }
    await ask(other, { kind: 'text', content: sampleText(2000), coding: 'gzip' })
    await ask(one, asked)
    await new Promise((resolve) => setTimeout(resolve, 100)) // on its way
    expect(await ask(other, asked)).toMatchObject({ hits: 1, isShared: true, content: TEXT })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('asked at once, three threads make the best coding once between them', async () => {
  const server = start(3)
  const asked: Asked = { kind: 'text', content: `once ${TEXT}`, coding: 'br' }
  await Promise.all(
    server.threads.map((thread) => ask(thread, { kind: 'text', content: 'warm', coding: 'br' })),
  )
  await Promise.all(server.threads.map((thread) => ask(thread, asked)))
  await Promise.all(server.threads.map((thread) => idle(thread)))
  await vi.waitFor(async () => {
    const answers = await Promise.all(server.threads.map((thread) => ask(thread, asked)))
    expect(new Set(answers.map(({ length }) => length)).size).toBe(1)
    for (const answer of answers) expect(answer).toMatchObject({ content: asked.content, isShared: true })
  }, ASKED_SELDOM)
  await Promise.all(server.threads.map((thread) => idle(thread)))
  expect(server.encodings()).toBe(1)
})

test('equal lengths and equal places never bring one thread the content of another', async () => {
  const [one, other] = start(2).threads
  for (let user = 0; user < 10; user++) {
    // equal in every place that is sampled: the keys are equal
    const page = `${TEXT.slice(0, 31_001)}${user}${TEXT.slice(31_002)}`
    const answer = await ask(user % 2 === 0 ? one : other, { kind: 'text', content: page, coding: 'gzip' })
    expect(answer.content === page).toBe(true)
    await idle(user % 2 === 0 ? one : other)
  }
})

test('what other threads send counts against the bound of this one', async () => {
  const maxBytes = 300_000
  const [one, other] = start(2, maxBytes).threads
  for (let version = 0; version < 20; version++) {
    await ask(one, { kind: 'bytes', content: `${version} ${sampleText(40_000)}`, coding: 'zstd' })
    await idle(one)
    const { keptBytes } = await ask(other, { kind: 'text', content: 'small', coding: 'gzip' })
    expect(keptBytes).toBeLessThanOrEqual(maxBytes)
  }
  expect((await ask(other, { kind: 'text', content: 'small', coding: 'gzip' })).keptBytes).toBeGreaterThan(0)
})

test('a thread that starts later is told what the others have', async () => {
  const server = start(2)
  const asked: Asked = { kind: 'bytes', content: `later ${TEXT}`, coding: 'br' }
  for (const thread of server.threads) {
    await ask(thread, asked)
    await idle(thread)
  }
  const made = server.encodings()
  const [late] = start(1).threads
  await ask(late, { kind: 'text', content: 'warm', coding: 'br' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(await ask(late, asked)).toMatchObject({ hits: 1, isShared: true, content: asked.content })
  expect([made, server.encodings()]).toEqual([1, 1])
})

const NOTHING = { accept: () => {}, sharedContents: () => [] }

test('a claim is one thread at a time, may be given back, and outlives its thread by a minute at most', () => {
  const claims = new SharedArrayBuffer(16_384 * 4)
  const [one, other] = ['a', 'b'].map((name) => new ThreadGroup(name, claims, NOTHING)) as [
    ThreadGroup,
    ThreadGroup,
  ]
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    expect([one.claim('br x'), other.claim('br x'), one.claim('br y')]).toEqual([true, false, true])
    one.release('br x')
    expect([other.claim('br x'), one.claim('br x')]).toEqual([true, false])
    vi.setSystemTime(Date.now() + 61_000)
    expect([one.claim('br x'), other.claim('br x')]).toEqual([true, false])
  } finally {
    vi.useRealTimers()
    one.close()
    other.close()
  }
})

test('a server that was closed listens to no other thread, and lets its own end', async () => {
  shareAcrossThreads()
  const layer = compress()
  await layer.close()
  const thread = start(1).threads[0] as Worker
  await ask(thread, { kind: 'text', content: TEXT, coding: 'gzip' })
  const exited = once(thread, 'exit')
  thread.postMessage('die')
  expect(await exited).toEqual([0])
})
