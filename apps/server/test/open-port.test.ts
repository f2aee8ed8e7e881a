import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openPort } from '../src/index.ts'

const servers: Server[] = []
const { send } = process
beforeEach(() => {
  delete process.send // vitest has a channel to this process
})
afterEach(() => {
  if (send !== undefined) process.send = send
  vi.restoreAllMocks()
  for (const server of servers.splice(0)) server.close()
})

function aServer(): Server {
  const server = createServer((socket) => socket.end('here'))
  servers.push(server)
  return server
}

test.each(['127.0.0.1', '0.0.0.0', 'localhost', '127.0.0.2'])(
  'listens on %s, on the port that it tells',
  async (host) => {
    const server = aServer()
    const port = await openPort(server, host, 0)
    expect((server.address() as AddressInfo).port).toBe(port)
    const client = connect(port, host === '0.0.0.0' ? '127.0.0.1' : host)
    expect(String((await once(client, 'data'))[0])).toBe('here')
    client.destroy()
  },
)

test('listens on an address without asking for names', async () => {
  const server = aServer()
  const listen = vi.spyOn(server, 'listen')
  await openPort(server, '127.0.0.1', 0)
  expect(listen).not.toHaveBeenCalled()
})

test.each(['localhost', '::1', '127.1', '010.0.0.1', '1.2.3.256'])(
  'leaves it to Node what %s is',
  async (host) => {
    const server = aServer()
    const listen = vi.spyOn(server, 'listen').mockImplementation(() => {
      server.emit('listening')
      return server
    })
    vi.spyOn(server, 'address').mockReturnValue({ address: host, family: '', port: 7 })
    expect(await openPort(server, host, 0)).toBe(7)
    expect(listen).toHaveBeenCalledExactlyOnceWith({ host, port: 0, backlog: 4096 })
  },
)

test('leaves it to Node where a process that started this one may listen in its place', async () => {
  process.send = () => true
  const server = aServer()
  const listen = vi.spyOn(server, 'listen')
  await openPort(server, '127.0.0.1', 0)
  expect(listen).toHaveBeenCalledOnce()
})

test.each([
  ['the port is taken', '127.0.0.1', 'EADDRINUSE'],
  ['the address is of another machine', '192.0.2.1', 'EADDRNOTAVAIL'],
])('fails as Node does where %s, and can be tried again', async (_, host, code) => {
  const taken = await openPort(aServer(), '127.0.0.1', 0)
  const server = aServer()
  await expect(openPort(server, host, taken)).rejects.toMatchObject({ code, syscall: 'listen', port: taken })
  expect(server.listening).toBe(false)
  expect(await openPort(server, '127.0.0.1', 0)).toBeGreaterThan(0)
})
