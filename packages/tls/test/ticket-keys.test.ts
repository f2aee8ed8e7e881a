import tls from 'node:tls'
import { once } from 'node:events'
import { setEnvironmentData, Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { TicketKeys } from '../src/ticket-keys.ts'
import { shareTicketKeysAcrossThreads } from '../src/threads.ts'
import { testCertificate } from '@tsws/testing'
import { connect, pair, start } from './start-tls.ts'
import { sessionOf } from './session-of.ts'

const HOUR = 3_600_000

test('a ticket is good for hours, and worth nothing when the keys have changed', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const { port } = await start()
    const client = tls.connect({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      rejectUnauthorized: false,
    })
    const [session] = (await once(client, 'session')) as [Buffer]
    client.destroy()
    const isResumed = async (): Promise<boolean> => {
      const socket = await connect(port, { session })
      const reused = socket.isSessionReused()
      socket.destroy()
      return reused
    }
    vi.advanceTimersByTime(11 * HOUR)
    expect(await isResumed()).toBe(true)
    vi.advanceTimersByTime(2 * HOUR)
    expect(await isResumed()).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a session of %s is resumed with a certificate chosen by name too',
  async (version) => {
    const { port } = await start({ sni: { 'shop.example': testCertificate(['shop.example']) } })
    const only = { servername: 'shop.example', minVersion: version, maxVersion: version }
    const client = tls.connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...only })
    const [session] = (await once(client, 'session')) as [Buffer]
    client.destroy()
    const again = await connect(port, { ...only, session })
    expect(again.isSessionReused()).toBe(true)
    again.destroy()
  },
)

/** Starts a server in a thread and returns its port. */
async function startInThread(): Promise<{ port: number; worker: Worker }> {
  const program = `
    import { parentPort, workerData } from 'node:worker_threads'
    import { createTlsListener } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    const { server } = createTlsListener(workerData)
    server.on('secureConnection', (socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`)
  const worker = new Worker(url, { workerData: pair, execArgv: ['--conditions=@tsws/source'] })
  onTestFinished(async () => void (await worker.terminate()))
  const [port] = (await once(worker, 'message')) as [number]
  return { port, worker }
}

async function resumes(port: number, session: Buffer, options: tls.ConnectionOptions): Promise<boolean> {
  const socket = await connect(port, { ...options, session })
  const reused = socket.isSessionReused()
  socket.destroy()
  return reused
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a ticket of %s', (version) => {
  const only = { minVersion: version, maxVersion: version }

  test('is good at every thread that shares the key, until it is renewed', async () => {
    const shared = shareTicketKeysAcrossThreads()
    const [one, other] = await Promise.all([startInThread(), startInThread()])
    const session = await sessionOf(one.port, only)
    expect(await resumes(other.port, session, only)).toBe(true)
    expect(await resumes(one.port, session, only)).toBe(true)
    shared.renew()
    const later = await startInThread()
    expect(await resumes(later.port, session, only)).toBe(false)
    expect(await resumes(later.port, await sessionOf(later.port, only), only)).toBe(true)
    setEnvironmentData('@tsws/tls', undefined)
  })

  test('from before a reload is worth nothing after it', async () => {
    const { port, listener } = await start()
    const session = await sessionOf(port, only)
    listener.reload()
    expect(await resumes(port, session, only)).toBe(false)
    expect(await resumes(port, await sessionOf(port, only), only)).toBe(true)
  })
})

test('a thread sees within a minute that the shared key has changed', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const shared = shareTicketKeysAcrossThreads()
    const { port } = await start()
    const session = await sessionOf(port, {})
    vi.advanceTimersByTime(HOUR)
    expect(await resumes(port, session, {})).toBe(true)
    shared.renew()
    vi.advanceTimersByTime(60_000)
    expect(await resumes(port, session, {})).toBe(false)
    const second = await sessionOf(port, {})
    vi.advanceTimersByTime(12 * HOUR)
    vi.advanceTimersByTime(60_000)
    expect(await resumes(port, second, {})).toBe(false)
  } finally {
    setEnvironmentData('@tsws/tls', undefined)
    vi.useRealTimers()
  }
})

test('a runtime that cannot set keys serves with its own, and is not asked again', () => {
  const setTicketKeys = vi.fn(() => {
    throw new Error('Not implemented in Bun yet')
  })
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const keys = new TicketKeys({ setTicketKeys } as unknown as tls.Server)
  vi.advanceTimersByTime(100 * HOUR)
  expect(setTicketKeys).toHaveBeenCalledTimes(1)
  keys.stop()
})
