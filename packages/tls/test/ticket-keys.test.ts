import tls from 'node:tls'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { testCertificate } from '@tsws/testing'
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
