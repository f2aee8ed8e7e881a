import { connectRaw, startCommand } from '@tsws/testing'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { connectionsWithin, openFileLimit } from '../src/open-files.ts'
import { aMoment, until } from './start.ts'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const SERVER = fileURLToPath(new URL('open-files-server.ts', import.meta.url))

test('of the open files some are kept for everything but connections', () => {
  expect(connectionsWithin(Infinity)).toBe(Infinity)
  expect(connectionsWithin(20_000)).toBe(18_000)
  expect(connectionsWithin(1024)).toBe(921)
  expect(connectionsWithin(100)).toBe(68)
  expect(connectionsWithin(10)).toBe(1)
})

test.skipIf(!existsSync('/proc/self/limits'))('the limit of open files is what the system says', () => {
  expect(openFileLimit()).toBeGreaterThan(10)
  expect(openFileLimit('Limit   Soft Limit  Hard Limit  Units\nMax open files   1024   4096   files\n')).toBe(
    1024,
  )
  expect(openFileLimit('Max open files            unlimited            unlimited            files\n')).toBe(
    Infinity,
  )
  expect(openFileLimit('')).toBe(Infinity)
})

// More clients than the process may have files: those that are in are served, with files opened for
// them; the others are refused, which is said once; and when there is room again all is as before.
test.skipIf(!existsSync('/proc/self/limits'))(
  'servers with more clients than open files keep serving, say so once, and recover',
  { timeout: 30_000 },
  async () => {
    const files = 90
    const command = `ulimit -n ${files}; exec "$0" --conditions=@tsws/source "$1"`
    await using server = startCommand(['sh', '-c', command, process.execPath, SERVER])
    const ports = (await server.line(/^ports \d+/)).split(' ').slice(1).map(Number)
    for (let episode = 0; episode < 2; episode++) {
      const clients = await Promise.all(
        Array.from({ length: 200 }, (_, index) => connectRaw(ports[index % 2] ?? 0)),
      )
      for (const client of clients) client.write(GET)
      await until(
        () => clients.every((client) => client.received.length > 0 || client.state !== 'open'),
        'an answer or an end for all',
      )
      const statuses = await Promise.all(
        clients.map((client) =>
          client.readResponse().then(
            ({ status }) => status,
            () => 'closed',
          ),
        ),
      )
      const served = statuses.filter((status) => status === 200).length
      // All that are not kept, but for those that a Node process has open in any case.
      expect(served).toBeLessThan(connectionsWithin(files))
      expect(served).toBeGreaterThan(connectionsWithin(files) - 32)
      expect(new Set(statuses)).toEqual(new Set([200, 'closed']))
      for (const client of clients) client.destroy()
      await aMoment(100)
      const late = await connectRaw(ports[episode] ?? 0)
      late.write(GET)
      expect((await late.readResponse()).status).toBe(200)
      late.destroy()
    }
    const warning = `warning TSWS_OPEN_FILES this process may have ${files} open files; when ${connectionsWithin(files)} are, it refuses connections: raise the limit (ulimit -n)`
    expect(server.stdout.match(/^warning .*/gm)).toEqual([warning, warning]) // one of each server
  },
)
