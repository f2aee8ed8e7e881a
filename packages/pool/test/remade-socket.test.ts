import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { ServerPool } from '../src/index.ts'
import { remadeSocket } from '../src/remade-socket.ts'

const url = new URL('./fixtures/socket-shape.ts', import.meta.url)

describe('a socket given to a thread', () => {
  it.each(['transfer', 'reusePort', 'cluster'] as const)(
    'by %s keeps the layout that V8 knows, with the options of its listener and nothing lost of its client',
    async (strategy) => {
      const listen = [
        { port: 0, host: '127.0.0.1', allowHalfOpen: true },
        { port: 0, host: '127.0.0.1' },
      ]
      const pool = await ServerPool.start(url, { strategy, threads: 1, listen })
      for (const [index, { allowHalfOpen = false }] of listen.entries()) {
        const client = connect((pool.addresses[index] as AddressInfo).port, '127.0.0.1')
        await once(client, 'connect')
        const { localPort } = client
        client.write('at once')
        const told: unknown = JSON.parse(await text(client))
        expect(told).toEqual({ fast: true, allowHalfOpen, remotePort: localPort, asked: 'at once' })
      }
      await pool.close({ grace: 0 })
    },
  )

  it('stays as it is when its client has gone before', () => {
    const gone = new Socket().destroy()
    expect(remadeSocket(gone)).toBe(gone)
  })
})
