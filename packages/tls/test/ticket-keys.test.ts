import tls from 'node:tls'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { connect, start } from './start-tls.ts'

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
